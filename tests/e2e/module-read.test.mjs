// Reading in JavaScript: async iterators, bounds, queries, times.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openModule } from "./harness.mjs";
import { inModule } from "./in-module.mjs";

test("reading", async (t) => {
  const { page } = await openModule(t);

  await t.test("bounds, directions and limits, of the log and of a stream", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      for (let at = 0; at < 5; at++) {
        await store.append("a-1", { type: "A", data: at });
        await store.append("b-1", { type: "B", data: at });
      }
      const positions = async (options) => (await store.readAll(options)).map((event) => event.position);
      const versions = async (options) => (await store.readStream("b-1", options)).map((event) => event.version);
      return {
        log: [
          await positions(),
          await positions({ from: 3, to: 5 }),
          await positions({ from: 0, to: 2 }),
          await positions({ from: 9, to: 9_007_199_254_740_991 }),
          await positions({ direction: "backwards", limit: 3 }),
          await positions({ from: 4, to: 6, direction: "backwards" }),
          await positions({ limit: 0 }),
          await positions({ from: 11 }),
          await positions(undefined),
          await positions({ from: undefined, direction: undefined, query: undefined, fromTime: undefined, unknown: () => 1 }),
        ],
        stream: [
          await versions(),
          await versions({ from: 2, to: 4 }),
          await versions({ direction: "backwards", limit: 2 }),
          (await store.readStream("none-1")).length,
        ],
      };
    });
    const all = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    assert.deepEqual(seen.log, [all, [3, 4, 5], [1, 2], [9, 10], [10, 9, 8], [6, 5, 4], [], [], all, all]);
    assert.deepEqual(seen.stream, [[1, 2, 3, 4, 5], [2, 3, 4], [5, 4], 0]);
  });

  await t.test("queries: any of the items, all of what an item gives", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      const at = (day) => new Date(Date.UTC(2026, 0, day));
      await store.append("order-1", { type: "Placed", tags: ["a", "b"], time: at(1) });
      await store.append("order-2", { type: "Placed", tags: ["a"], time: at(2) });
      await store.append("cart-1", { type: "Opened", tags: ["b"], time: at(3) });
      await store.append("order-1", { type: "Paid", time: at(4) });
      const found = async (items, more) =>
        (await store.readAll({ query: { items }, ...more })).map((event) => event.position);
      return [
        await found([]),
        await found([{}]),
        await found([{ types: ["Placed"] }]),
        await found([{ tags: ["a", "b"] }]),
        await found([{ types: ["Placed"], tags: ["b"] }, { types: ["Opened"] }]),
        await found([{ streams: ["order-1"] }]),
        await found([{ categories: ["order"], types: ["Paid", "Opened"] }]),
        await found([{}], { fromTime: at(2), toTime: "2026-01-03T00:00:00Z" }),
        await found([{}], { fromTime: at(3).getTime(), direction: "backwards" }),
      ];
    });
    assert.deepEqual(seen, [[], [1, 2, 3, 4], [1, 2], [1], [1, 3], [1, 4], [4], [2, 3], [4, 3]]);
  });

  await t.test("read is an async iterable iterator that can be left", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      await store.append("a-1", Array.from({ length: 2_000 }, (_, at) => ({ type: "A", data: at })));
      const iterator = store.read({ limit: 3 });
      const self = iterator[Symbol.asyncIterator]() === iterator;
      const together = await Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.next(), iterator.next()]);
      const left = store.read();
      await left.next();
      const returned = [await left.return("gone"), await left.next()];
      const never = await store.read().return();
      let broken = 0;
      for await (const event of store.read()) {
        broken = event.position;
        if (broken === 700) break;
      }
      let all = 0;
      for await (const event of store.read({ direction: "backwards" })) all += event.data;
      return { self, together: together.map(({ value, done }) => [value?.position, done]), returned, never, broken, all };
    });
    assert.equal(seen.self, true);
    assert.deepEqual(seen.together, [
      [1, false],
      [2, false],
      [3, false],
      [undefined, true],
      [undefined, true],
    ]);
    assert.deepEqual(seen.returned, [
      { value: "gone", done: true },
      { value: undefined, done: true },
    ]);
    assert.deepEqual(seen.never, { value: undefined, done: true });
    assert.equal(seen.broken, 700);
    assert.equal(seen.all, (2_000 * 1_999) / 2);
  });

  await t.test("a read does not see what is appended after its first event", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName());
      await store.append("a-1", [{ type: "A" }, { type: "A" }]);
      const positions = [];
      for await (const event of store.read()) {
        positions.push(event.position);
        if (positions.length < 10) await store.append("a-1", { type: "A" });
      }
      await store.close();
      await EventStore.delete(store.name);
      return positions;
    });
    assert.deepEqual(seen, [1, 2]);
  });

  await t.test("a long log is read page by page, sealed segments included", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, until }) => {
      const name = freshName();
      const store = await EventStore.open(name, { durability: "relaxed" });
      const filler = "x".repeat(200);
      for (let batch = 0; batch < 10; batch++) {
        const events = Array.from({ length: 1_000 }, (_, at) => ({ type: "A", data: { at: batch * 1_000 + at, filler } }));
        await store.append(`a-${batch % 3}`, events);
      }
      await until(async () => (await store.stats()).segments > 0);
      await store.close();
      const again = await EventStore.open(name);
      let next = 0;
      let inOrder = true;
      for await (const event of again.read()) {
        inOrder &&= event.data.at === next && event.position === next + 1;
        next++;
      }
      const verified = await again.verify();
      await again.close();
      await EventStore.delete(name);
      return { next, inOrder, verified: verified.ok, problems: verified.problems };
    });
    assert.deepEqual(seen, { next: 10_000, inOrder: true, verified: true, problems: [] });
  });
});
