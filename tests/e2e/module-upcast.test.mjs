// Upcasters in JavaScript: what reads and subscriptions give, and what goes wrong.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openModule } from "./harness.mjs";
import { inModule } from "./in-module.mjs";

test("upcasters", async (t) => {
  const { page } = await openModule(t);

  await t.test("every way to read gives lifted events, and the log keeps the original", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, until }) => {
      const name = freshName();
      const store = await EventStore.open(name);
      const asked = [];
      store.registerUpcaster({
        type: "OrderPlaced",
        from: 1,
        upcast: (data, event) => {
          asked.push([event.position, event.schemaVersion, Object.isFrozen(event), Object.isFrozen(data)]);
          return { units: data.qty };
        },
      });
      store.registerUpcaster({ type: "OrderPlaced", from: 2, upcast: (data) => ({ ...data, currency: "EUR" }) });
      await store.append("order-1", [
        { type: "OrderPlaced", data: { qty: 3 } },
        { type: "OrderPlaced", data: { units: 4 }, schemaVersion: 2 },
        { type: "OrderPlaced", data: { units: 5, currency: "USD" }, schemaVersion: 3 },
        { type: "OrderPaid", data: null },
      ]);
      const shown = (events) => events.map((event) => [event.position, event.version, event.schemaVersion, event.data]);
      const listed = [];
      for await (const event of store.read()) listed.push(event);
      const followed = [];
      const subscription = store.subscribe((event) => void followed.push(event));
      await until(() => subscription.position === 4);
      const other = await EventStore.open(name);
      const ways = [await store.readAll(), await store.readStream("order-1"), listed, followed].map(shown);
      const original = shown(await other.readAll());
      const ids = [store, other].map(async (handle) => (await handle.readAll()).map((event) => event.id).join());
      const [own, others] = await Promise.all(ids);
      const isFrozen = listed.every((event) => Object.isFrozen(event) && (event.data === null || Object.isFrozen(event.data)));
      await store.close();
      await EventStore.delete(name);
      return { ways, original, areSame: own === others, isFrozen, asked: asked[0] };
    });
    const lifted = [
      [1, 1, 3, { units: 3, currency: "EUR" }],
      [2, 2, 3, { units: 4, currency: "EUR" }],
      [3, 3, 3, { units: 5, currency: "USD" }],
      [4, 4, 1, null],
    ];
    assert.deepEqual(seen.ways, [lifted, lifted, lifted, lifted]);
    assert.deepEqual(seen.original.map(([, , version, data]) => [version, data]), [
      [1, { qty: 3 }],
      [2, { units: 4 }],
      [3, { units: 5, currency: "USD" }],
      [1, null],
    ]);
    assert.deepEqual([seen.areSame, seen.isFrozen, seen.asked], [true, true, [1, 1, true, true]]);
  });

  await t.test("a list of payloads splits, renames or drops an event; anything else is the payload", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, until }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      store.registerUpcaster({
        type: "A",
        from: 1,
        upcast: (data) => {
          switch (data) {
            case "split":
              return [{ type: "B", data: 1 }, { type: "A", data: 2 }, { type: "C", data: null }];
            case "drop":
              return [];
            case "list":
              return [1, 2];
            case "other members":
              return [{ type: "B", data: 1, more: 2 }];
            case "no data":
              return [{ type: "B" }];
            default:
              return null;
          }
        },
      });
      // What a split gives is lifted on.
      store.registerUpcaster({ type: "B", from: 2, upcast: (data) => data + 10 });
      const kinds = ["drop", "split", "list", "other members", "no data", "anything", "drop"];
      await store.append("a-1", kinds.map((data) => ({ type: "A", data })));
      const shown = ({ position, version, type, schemaVersion, data }) => [position, version, type, schemaVersion, data];
      const all = (await store.readAll()).map(shown);
      const backwards = (await store.readAll({ direction: "backwards" })).map(shown);
      const handled = [];
      const subscription = store.subscribe((event) => void handled.push(shown(event)));
      await until(() => subscription.position === 7);
      return { all, backwards, handled };
    });
    assert.deepEqual(seen.all, [
      [2, 2, "B", 3, 11],
      [2, 2, "A", 2, 2],
      [2, 2, "C", 2, null],
      [3, 3, "A", 2, [1, 2]],
      [4, 4, "A", 2, [{ type: "B", data: 1, more: 2 }]],
      [5, 5, "A", 2, [{ type: "B" }]],
      [6, 6, "A", 2, null],
    ]);
    assert.deepEqual(seen.backwards, seen.all.toReversed());
    assert.deepEqual(seen.handled, seen.all);
  });

  await t.test("a limit counts what is given, in both directions", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      await store.append("a-1", Array.from({ length: 9 }, (_, at) => ({ type: at % 3 === 1 ? "Kept" : "Dropped", data: at })));
      store.registerUpcaster({ type: "Dropped", from: 1, upcast: () => [] });
      const shown = async (events) => (await events).map((event) => event.data);
      return {
        all: await shown(store.readAll({ limit: 2 })),
        backwards: await shown(store.readAll({ limit: 2, direction: "backwards" })),
        stream: await shown(store.readStream("a-1", { limit: 2 })),
        streamBackwards: await shown(store.readStream("a-1", { limit: 2, direction: "backwards" })),
        between: await shown(store.readStream("a-1", { from: 7, to: 2, limit: 2 })),
        betweenBackwards: await shown(store.readStream("a-1", { from: 3, to: 6, limit: 2, direction: "backwards" })),
        none: await shown(store.readStream("a-1", { limit: 0 })),
      };
    });
    assert.deepEqual(seen, {
      all: [1, 4],
      backwards: [7, 4],
      stream: [1, 4],
      streamBackwards: [7, 4],
      between: [1, 4],
      betweenBackwards: [4],
      none: [],
    });
  });

  await t.test("an upcaster that throws fails the read, with what it has thrown as the cause", async () => {
    const seen = await inModule(page, async ({ EventStore, LeftfoldError }, { freshName, until }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      const gives = {
        throws: () => {
          throw new RangeError("too old");
        },
        nothing: () => undefined,
        promise: async () => 1,
        notANumber: () => NaN,
        noName: () => [{ type: "", data: 1 }],
      };
      store.registerUpcaster({ type: "A", from: 2, upcast: (data) => gives[data]() });
      const kinds = Object.keys(gives);
      await store.append("a-1", [{ type: "B" }, ...kinds.map((data) => ({ type: "A", data, schemaVersion: 2 }))]);
      const told = async (call) => {
        const error = await call().then(() => undefined, (error) => error);
        return error instanceof LeftfoldError && [error.code, error.details, String(error.cause), error.message];
      };
      const one = [];
      for (let at = 2; at <= kinds.length + 1; at++) one.push(await told(() => store.readAll({ from: at, to: at })));
      const stream = await told(() => store.readStream("a-1"));
      const next = await told(async () => {
        for await (const event of store.read({ from: 2 })) return event;
      });
      const ended = [];
      const subscription = store.subscribe((event) => void ended.push(event.position), { onError: (error) => ended.push(error.code) });
      await until(() => ended.length === 2);
      return { one, stream, next, ended, position: subscription.position, before: (await store.readAll({ to: 1 })).length };
    });
    const details = (position) => ({ position, type: "A", schemaVersion: 2 });
    assert.deepEqual(
      seen.one.map(([code, at, cause]) => [code, at, cause]),
      [
        ["upcast-failed", details(2), "RangeError: too old"],
        ["upcast-failed", details(3), "TypeError: undefined is not JSON"],
        ["upcast-failed", details(4), "TypeError: a promise is not JSON"],
        ["upcast-failed", details(5), "TypeError: NaN is not JSON"],
        ["upcast-failed", details(6), "undefined"],
      ],
    );
    assert.match(seen.one[0][3], /position 2 .*too old/);
    assert.deepEqual([seen.stream, seen.next], [seen.one[0], seen.one[0]]);
    assert.deepEqual([seen.ended, seen.position, seen.before], [[1, "upcast-failed"], 1, 1]);
  });

  await t.test("what is no upcaster is refused, and so is a second one for the same step", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      const upcast = (data) => data;
      store.registerUpcaster({ type: "A", from: 1, upcast });
      store.registerUpcaster({ type: "A", from: 2, upcast });
      const bad = [
        undefined,
        { from: 1, upcast },
        { type: "", from: 1, upcast },
        { type: "B", from: -1, upcast },
        { type: "B", from: 1.5, upcast },
        { type: "B", from: 2 ** 32, upcast },
        { type: "B", from: 1, upcast: 5 },
        { type: "A", from: 2, upcast },
      ];
      const told = [];
      for (const upcaster of bad) told.push(await failure(() => store.registerUpcaster(upcaster)));
      return told.map(({ code, details }) => [code, details]);
    });
    assert.deepEqual(seen, [
      ["invalid-input", { member: "upcaster" }],
      ["invalid-input", { member: "upcaster" }],
      ["invalid-input", { member: "type" }],
      ["invalid-input", { member: "from" }],
      ["invalid-input", { member: "from" }],
      ["invalid-input", { member: "from" }],
      ["invalid-input", { member: "upcast" }],
      ["invalid-input", { type: "A", schemaVersion: 2 }],
    ]);
  });
});
