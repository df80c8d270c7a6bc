// Timelines in JavaScript: states, differences, provenance and searches over the whole history.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openModule } from "./harness.mjs";
import { inModule } from "./in-module.mjs";

test("timelines", async (t) => {
  const { page } = await openModule(t);

  await t.test("the state, by position and by time, is the fold up to there", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName());
      const day = (n) => new Date(Date.UTC(2026, 0, n)).toISOString();
      await store.append("a-1", [1, 2, 3].map((n) => ({ type: "Counted", data: { n }, time: day(n) })));
      await store.append("a-2", { type: "Noted", time: day(4) });
      const when = { Counted: (state, event) => void state.push(event.data.n) };
      const timeline = await store.timeline({ name: "list", initial: ["none"], when });
      const states = [];
      for (const at of [0, 1, 2, 3, 4, 99]) states.push(await timeline.stateAt(at));
      const times = [];
      for (const time of [0, day(2), new Date(day(3)), Date.parse(day(9))]) times.push((await timeline.stateAt({ time })).length);
      // What is handed out is the caller's to change.
      states[3].push("mine");
      (await timeline.stateAt(0)).pop();
      const again = [await timeline.stateAt(0), await timeline.stateAt(3)];
      // It grows with the log, of other handles too.
      const other = await EventStore.open(store.name);
      await other.append("a-1", { type: "Counted", data: { n: 4 } });
      const grown = await timeline.stateAt(5);
      const { folds, micros } = timeline.lastSeek();
      await Promise.all([store.close(), other.close()]);
      await EventStore.delete(store.name);
      return { states, times, again, grown, hasSeek: folds <= 5 && micros >= 0 };
    });
    const [none, one, two, three] = [["none"], ["none", 1], ["none", 1, 2], ["none", 1, 2, 3]];
    assert.deepEqual(seen.states, [none, one, two, [...three, "mine"], three, three]);
    assert.deepEqual(seen.times, [1, 3, 4, 4]);
    assert.deepEqual(seen.again, [none, three]);
    assert.deepEqual([seen.grown, seen.hasSeek], [[...three, 4], true]);
  });

  await t.test("every position of a random log gives the naive fold, whatever is asked before", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      let seed = 7;
      const random = (below) => (seed = (seed * 48271) % 2147483647) % below;
      const length = 3_000;
      const writes = Array.from({ length }, () => ({ stream: `s-${random(4)}`, event: { type: "Put", data: { key: `k${random(9)}`, value: random(100) } } }));
      for (let at = 0; at < length; at += 100) {
        await Promise.all(writes.slice(at, at + 100).map(({ stream, event }) => store.append(stream, event)));
      }
      const Put = (state, event) => {
        state.entries[event.data.key] = { value: event.data.value, by: event.position };
        state.count++;
      };
      const initial = { entries: {}, count: 0 };
      const definition = { name: "map", initial, when: { Put }, partitionBy: "stream" };
      const timeline = await store.timeline(definition);
      const [events, naive] = [await store.readAll(), new Map([[0, {}]])];
      const folding = {};
      for (const event of events) {
        Put((folding[event.stream] ??= structuredClone(initial)), event);
        naive.set(event.position, JSON.stringify(folding));
      }
      const wrong = [];
      for (let n = 0; n < 400; n++) {
        const at = n % 2 === 0 ? random(length) + 1 : (n * 7) % length || 1;
        const partition = `s-${random(4)}`;
        const expected = JSON.stringify(JSON.parse(naive.get(at))[partition]);
        const found = JSON.stringify(await timeline.stateAt(at, partition));
        if (found !== expected) wrong.push([at, partition, found, expected]);
        if (timeline.lastSeek().folds > 1_000) wrong.push([at, timeline.lastSeek()]);
      }
      const pointers = [];
      for (let n = 0; n < 20; n++) {
        const at = random(length) + 1;
        const entries = JSON.parse(naive.get(at))["s-1"]?.entries ?? {};
        for (const [key, entry] of Object.entries(entries)) {
          const event = await timeline.provenance(`/entries/${key}`, at, "s-1");
          if (event?.position !== entry.by) pointers.push([at, key, event?.position, entry.by]);
        }
      }
      return { wrong, pointers };
    });
    assert.deepEqual(seen, { wrong: [], pointers: [] });
  });

  await t.test("differences, provenance and partitions", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      await store.append("cart-1", [{ type: "Opened" }, { type: "Added", data: "pen" }]);
      await store.append("cart-2", { type: "Opened" });
      await store.append("cart-1", { type: "Emptied" });
      const timeline = await store.timeline({
        name: "carts",
        partitionBy: "stream",
        when: {
          $init: () => ({ items: [], open: false }),
          Opened: (cart) => ({ ...cart, open: true }),
          Added: (cart, event) => void cart.items.push(event.data),
          Emptied: (cart) => void (cart.items.length = 0),
        },
      });
      const absent = [await timeline.stateAt(2, "cart-2"), await timeline.stateAt(4), await timeline.stateAt(4, "cart-3")];
      const event = await timeline.provenance("/items/0", 3, "cart-1");
      return {
        absent: absent.map((state) => (state === undefined ? "absent" : state)),
        diffs: [
          await timeline.diff(1, 2, "cart-1"),
          await timeline.diff(2, 3, "cart-1"),
          await timeline.diff(2, 1, "cart-1"),
          await timeline.diff(2, 3, "cart-2"),
        ],
        event: [event.position, event.type, Object.isFrozen(event)],
        positions: [
          (await timeline.provenance("/open", 4, "cart-1")).position,
          (await timeline.provenance("", 4, "cart-1")).position,
          (await timeline.provenance("/items/0", 4, "cart-1")).position,
        ],
        nobody: (await timeline.provenance("/items/0", 4, "cart-2")) ?? "nobody",
      };
    });
    assert.deepEqual(seen, {
      // The partition without a name is always there.
      absent: ["absent", { items: [], open: false }, "absent"],
      diffs: [
        [{ op: "add", path: "/items/0", value: "pen" }],
        [],
        [{ op: "remove", path: "/items/0" }],
        [{ op: "replace", path: "", value: { items: [], open: true } }],
      ],
      event: [2, "Added", true],
      positions: [1, 4, 4],
      nobody: "nobody",
    });
  });

  await t.test("the first event after which something holds, forwards and backwards", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      const moves = [5, -3, -4, 9, -8, -1, 2];
      await store.append("stock-1", moves.map((data) => ({ type: "Moved", data })));
      const Moved = (state, event) => {
        state.units += event.data;
        state.moves.push(event.data);
      };
      const timeline = await store.timeline({ name: "stock", initial: { units: 0, moves: [] }, when: { Moved } });
      const below = (state) => state.units < 0;
      const find = async (predicate, options) => (await timeline.findFirst(predicate, options)) ?? "nothing";
      const found = [
        await find(below),
        await find(below, { from: 4 }),
        await find(below, { direction: "backwards" }),
        await find(below, { from: 4, direction: "backwards" }),
        await find((state) => state.moves.length === 8),
        await find((state, event) => event.data === 9 && event.type === "Moved"),
        await find(below, { partition: "nobody" }),
      ];
      const shown = [];
      await timeline.findFirst((state) => {
        shown.push([Array.isArray(state.moves), state.moves.length, state.moves.at(-1), JSON.stringify(state), Object.keys(state).join()]);
        return false;
      });
      // What a predicate does to the state is refused, and changes nothing.
      const changed = [];
      for (const change of [(s) => s.moves.push(1), (s) => (s.units = 1), (s) => delete s.units, (s) => Object.defineProperty(s, "x", {})]) {
        changed.push(await failure(timeline.findFirst((state) => { "use strict"; change(state); return true; })));
      }
      const end = await timeline.stateAt(7);
      // Nor is it, where a handler has frozen it half, or it came with an event.
      const half = await store.timeline({
        name: "half",
        when: { Moved: (state, event) => Object.freeze({ list: [...(state.list ?? []), event.data], event }) },
      });
      const refused = await failure(half.findFirst((state) => state.list.push(1)));
      const whole = await half.findFirst((state) => state.list.length === 2 && state.event.stream === "stock-1" && Array.isArray(state.event.tags));
      const ends = [refused.code, whole, (await half.stateAt(2)).list];
      const thrown = await timeline.findFirst(() => { throw new RangeError("no"); }).catch((error) => [error.code, error.details, String(error.cause)]);
      return { found, shown: shown[2], changed: changed.map(({ code, details }) => [code, details]), end, ends, thrown };
    });
    assert.deepEqual(seen.found, [3, 5, 6, 3, "nothing", 4, "nothing"]);
    assert.deepEqual(seen.shown, [true, 3, -4, '{"units":-2,"moves":[5,-3,-4]}', "units,moves"]);
    assert.deepEqual(seen.changed, Array(4).fill(["aborted", { position: 1 }]));
    assert.deepEqual(seen.end, { units: 0, moves: [5, -3, -4, 9, -8, -1, 2] });
    assert.deepEqual(seen.ends, ["aborted", 2, [5, -3]]);
    assert.deepEqual(seen.thrown, ["aborted", { position: 1 }, "RangeError: no"]);
  });

  await t.test("a search is given up by its signal, and by closing the timeline", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      await store.append("a-1", Array.from({ length: 5_000 }, () => ({ type: "A" })));
      const timeline = await store.timeline({ name: "count", initial: 0, when: { A: (count) => count + 1 } });
      const controller = new AbortController();
      let asked = 0;
      const search = timeline.findFirst(
        () => {
          if (++asked === 10) controller.abort("enough");
          return false;
        },
        { signal: controller.signal },
      );
      const aborted = await search.then(() => undefined, (error) => [error.code, error.cause]);
      const isStopped = asked < 5_000;
      const before = await failure(timeline.findFirst(() => true, { signal: AbortSignal.abort() }));
      const count = await timeline.stateAt(5_000);
      const ended = await failure(timeline.findFirst(() => (timeline.close(), false)));
      const closed = [await failure(timeline.stateAt(1)), await failure(timeline.diff(1, 2))].map(({ code }) => code);
      timeline.close();
      const brief = await store.timeline({ name: "count", initial: 0, when: {} });
      const unbegun = brief.findFirst(() => true);
      brief.close();
      const atOnce = (await failure(unbegun)).code;
      return { aborted, isStopped, before: before.code, count, ended: ended.code, closed, atOnce };
    });
    assert.deepEqual(seen, {
      aborted: ["aborted", "enough"],
      isStopped: true,
      before: "aborted",
      count: 5_000,
      ended: "aborted",
      closed: ["aborted", "aborted"],
      atOnce: "aborted",
    });
  });

  await t.test("what goes wrong says where", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      await store.append("a-1", [{ type: "A" }, { type: "A" }, { type: "Broken" }, { type: "Old" }]);
      const A = (count) => count + 1;
      const Broken = () => {
        throw new RangeError("broken");
      };
      const timeline = await store.timeline({ name: "t", initial: 0, when: { A, Broken } });
      const thrown = await timeline.stateAt(3).catch((error) => [error.code, error.details, String(error.cause)]);
      const before = await timeline.stateAt(2);
      const strange = await store.timeline({ name: "s", when: { A: () => ({ at: new Date(0) }) } });
      const notJson = await failure(strange.stateAt(1));
      const lacking = await store.timeline({ name: "m", when: { A: () => ({ at: undefined }) } });
      const unsaid = await failure(lacking.stateAt(1));
      const unbegun = await failure(store.timeline({ name: "i", initial: { at: undefined }, when: { A } }));
      store.registerUpcaster({ type: "Old", from: 1, upcast: () => { throw new Error("too old"); } });
      const lifted = await store.timeline({ name: "u", initial: 0, when: { A } });
      const unlifted = await failure(lifted.stateAt(4));
      const bad = [
        lifted.stateAt(-1),
        lifted.stateAt(),
        lifted.stateAt({ time: "yesterday" }),
        lifted.stateAt(1, 5),
        lifted.diff(1),
        lifted.provenance("no pointer", 1),
        lifted.provenance(1, 1),
        lifted.findFirst(),
        lifted.findFirst(() => true, { from: -1 }),
        lifted.findFirst(() => true, { direction: "sideways" }),
      ];
      const members = (await Promise.all(bad.map((call) => failure(call)))).map(({ code, details }) => `${code} ${details.member}`);
      return { thrown, before, notJson: notJson.code, unsaid, unbegun, unlifted: [unlifted.code, unlifted.details], early: await lifted.stateAt(3), members };
    });
    const details = { position: 3, type: "Broken", message: "broken", reason: "failed" };
    assert.deepEqual(seen.thrown, ["projection-failed", details, "RangeError: broken"]);
    assert.deepEqual([seen.before, seen.notJson, seen.early], [2, "projection-failed", 2]);
    assert.equal(seen.unsaid.code, "projection-failed");
    assert.match(seen.unsaid.message, /its member "at", which is undefined, is not JSON/);
    assert.deepEqual([seen.unbegun.code, seen.unbegun.details.member], ["invalid-input", "initial"]);
    assert.deepEqual(seen.unlifted, ["upcast-failed", { position: 4, type: "Old", schemaVersion: 1 }]);
    assert.deepEqual(seen.members, [
      "invalid-input at",
      "invalid-input at",
      "invalid-input at.time",
      "invalid-input partition",
      "invalid-input b",
      "invalid-input pointer",
      "invalid-input pointer",
      "invalid-input predicate",
      "invalid-input from",
      "invalid-input direction",
    ]);
  });
});
