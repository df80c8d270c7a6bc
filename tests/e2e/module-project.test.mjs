// Projections in JavaScript: definitions, states, partitions, and how they go on.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openModule } from "./harness.mjs";
import { inModule } from "./in-module.mjs";

test("projections", async (t) => {
  const { page } = await openModule(t);

  await t.test("one state is folded, kept up with the log, and given as a copy", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, until }) => {
      const store = await EventStore.open(freshName());
      await store.append("order-1", [{ type: "OrderPlaced", data: { units: 3 } }, { type: "OrderNoted" }]);
      const events = [];
      const projection = await store.project({
        name: "units",
        initial: { units: 0, orders: [] },
        when: {
          OrderPlaced(state, event) {
            events.push(event);
            state.units += event.data.units;
            state.orders.push(event.stream);
          },
          OrderCancelled: (state, event) => ({ ...state, units: state.units - event.data.units }),
        },
      });
      await projection.caughtUp();
      const first = [projection.name, projection.checkpoint, await projection.state(), await projection.partitions()];
      const taken = await projection.state();
      taken.units = 1000;
      await store.append("order-2", { type: "OrderPlaced", data: { units: 4 } });
      await store.append("order-1", { type: "OrderCancelled", data: { units: 3 } });
      // No call asks for it: it follows by itself.
      await until(() => projection.checkpoint === 4);
      const second = [await projection.state(), await projection.result(), await projection.status()];
      const nobody = await projection.state("nobody");
      projection.stop();
      const { state } = await projection.status();
      const isFrozen = events.every((event) => Object.isFrozen(event) && Object.isFrozen(event.data));
      await store.close();
      await EventStore.delete(store.name);
      return { first, second, nobody: nobody === undefined, state, isFrozen };
    });
    assert.deepEqual(seen.first, ["units", 2, { units: 3, orders: ["order-1"] }, [""]]);
    const state = { units: 4, orders: ["order-1", "order-2"] };
    assert.deepEqual(seen.second, [state, state, { checkpoint: 4, lag: 0, state: "following" }]);
    assert.deepEqual([seen.nobody, seen.state, seen.isFrozen], [true, "stopped", true]);
  });

  await t.test("$init, $any and what a handler returns", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      const types = ["A", "B", "C", "A"];
      await store.append("a-1", types.map((type, at) => ({ type, data: at })));
      let inits = 0;
      const result = async (definition) => {
        const projection = await store.project({ name: `p${Math.random()}`, ...definition });
        await projection.caughtUp();
        const states = {};
        for (const name of await projection.partitions()) states[name] = await projection.state(name);
        const unnamed = await projection.state();
        return { states, unnamed: unnamed === undefined ? "none" : unnamed };
      };
      return {
        // Instead of the handler of a type, not besides it.
        any: await result({ when: { $init: () => (inits++, []), A: (s) => [...s, "a"], $any: (s, e) => void s.push(e.type) } }),
        noInit: await result({ when: { A: (s, e) => void (s.last = e.data) } }),
        initial: await result({ initial: () => 5, when: { A: (s, e) => s + e.data } }),
        text: await result({ initial: "", when: { $any: (s, e) => s + e.type } }),
        surrogate: await result({ initial: "", when: { A: (s) => `${s}\ud800"\u0000` } }),
        null: await result({ initial: 1, when: { A: () => null } }),
        falsy: await result({ initial: 1, when: { B: () => 0, C: () => false } }),
        unhandled: await result({ initial: [7], when: { D: () => 0 } }),
        query: await result({ initial: 0, query: { items: [{ types: ["C"] }] }, when: { $any: (s) => s + 1 } }),
        event: await result({ when: { $any: (s, e) => e.data } }),
        inits,
      };
    });
    const one = (state) => ({ states: { "": state }, unnamed: state });
    assert.deepEqual(seen, {
      any: one(["a", "B", "C", "a"]),
      noInit: one({ last: 3 }),
      initial: one(8),
      text: one("ABCA"),
      surrogate: one('\ud800"\u0000\ud800"\u0000'),
      null: one(null),
      falsy: one(false),
      unhandled: { states: {}, unnamed: [7] },
      query: one(1),
      event: one(3),
      inits: 1,
    });
  });

  await t.test("a state for each stream, or for what a function says", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName());
      for (const [stream, type] of [["a-1", "A"], ["b-1", "B"], ["a-1", "C"], ["a-2", "A"]]) await store.append(stream, { type });
      const when = { $any: (state, event) => ({ count: (state.count ?? 0) + 1, last: event.type }) };
      const states = async (definition) => {
        const projection = await store.project(definition);
        await projection.caughtUp();
        const found = {};
        for (const name of await projection.partitions()) found[name] = await projection.state(name);
        const part = await projection.partitions({ after: "a-1", limit: 1 });
        const list = { found, part, unnamed: await projection.state() };
        return { ...list, unnamed: list.unnamed === undefined ? "none" : list.unnamed };
      };
      const seen = {
        byStream: await states({ name: "by-stream", partitionBy: "stream", when }),
        byFunction: await states({
          name: "by-function",
          partitionBy: ({ stream, type }) => (type === "A" ? undefined : stream[0]),
          when,
        }),
        handledAlone: await states({ name: "handled", partitionBy: "stream", when: { B: when.$any } }),
      };
      await store.close();
      await EventStore.delete(store.name);
      return seen;
    });
    const one = (last) => ({ count: 1, last });
    assert.deepEqual(seen, {
      byStream: { found: { "a-1": { count: 2, last: "C" }, "a-2": one("A"), "b-1": one("B") }, part: ["a-2"], unnamed: "none" },
      byFunction: { found: { a: one("C"), b: one("B") }, part: ["b"], unnamed: "none" },
      handledAlone: { found: { "b-1": one("B") }, part: ["b-1"], unnamed: "none" },
    });
  });

  await t.test("$deleted is told of the deletions that a log from KurrentDB has", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      await store.append("a-1", [{ type: "A" }, { type: "$streamDeleted" }]);
      await store.append("a-2", { type: "A" });
      await store.append("$$a-2", { type: "$metadata", data: { $tb: 5 } });
      const count = { $any: (state) => void (state.count = (state.count ?? 0) + 1) };
      const states = async (name, when) => {
        const projection = await store.project({ name, partitionBy: "stream", when });
        await projection.caughtUp();
        const found = {};
        for (const name of await projection.partitions()) found[name] = await projection.state(name);
        return found;
      };
      const report = await store.import('{"stream":"$$a-2","type":"$metadata","data":{"$tb":9223372036854775807}}\n', { format: "ndjson" });
      return {
        events: report.events,
        with: await states("with", { ...count, $deleted: (state, event) => void (state.deleted = event.type) }),
        without: await states("without", count),
      };
    });
    assert.deepEqual(seen, {
      events: 1,
      with: { "a-1": { count: 1, deleted: "$streamDeleted" }, "a-2": { count: 1, deleted: "$metadata" }, "$$a-2": { count: 1 } },
      without: { "a-1": { count: 2 }, "a-2": { count: 1 }, "$$a-2": { count: 2 } },
    });
  });

  await t.test("events are folded as upcasters lift them", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      store.registerUpcaster({
        type: "Moved",
        from: 1,
        upcast: ({ from, to }) => (from === to ? [] : [{ type: "Left", data: from }, { type: "Entered", data: to }]),
      });
      const moves = [["a", "b"], ["b", "b"], ["b", "c"]].map(([from, to]) => ({ type: "Moved", data: { from, to } }));
      await store.append("cat-1", moves);
      const projection = await store.project({
        name: "rooms",
        initial: 0,
        partitionBy: (event) => event.data,
        when: { Left: (count) => count - 1, Entered: (count) => count + 1, Moved: () => "never" },
      });
      await projection.caughtUp();
      const states = {};
      for (const name of await projection.partitions()) states[name] = await projection.state(name);
      return states;
    });
    assert.deepEqual(seen, { a: -1, b: 0, c: 1 });
  });

  await t.test("it survives a reload, folds nothing twice, and a new version builds the state anew", async () => {
    const name = `test-${crypto.randomUUID()}`;
    const count = async (version, append) => {
      const run = async ({ EventStore }, _, { name, version, append }) => {
        const store = await EventStore.open(name);
        await store.append("a-1", Array.from({ length: append }, () => ({ type: "A" })));
        let calls = 0;
        const when = { A: (state) => (calls++, { total: state.total + version }) };
        const projection = await store.project({ name: "total", version, initial: { total: 0 }, when });
        await projection.caughtUp();
        const state = await projection.state();
        await store.close();
        return { calls, ...state };
      };
      return inModule(page, run, { name, version, append });
    };
    assert.deepEqual(await count(1, 3), { calls: 3, total: 3 });
    await page.reload();
    assert.deepEqual(await count(1, 2), { calls: 2, total: 5 });
    await page.reload();
    assert.deepEqual(await count(10, 1), { calls: 6, total: 60 });
    const older = await inModule(
      page,
      async ({ EventStore }, { failure }, name) => {
        const store = await EventStore.open(name);
        const told = await failure(store.project({ name: "total", version: 2, when: {} }));
        await store.close();
        await EventStore.delete(name);
        return told;
      },
      name,
    );
    assert.deepEqual([older.code, older.details], ["projection-failed", { projection: "total", stored: 10, own: 2, reason: "superseded" }]);
  });

  await t.test("a rebuild makes the state anew, and can be given up", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
      const store = await EventStore.open(freshName());
      await store.append("a-1", Array.from({ length: 2_000 }, () => ({ type: "A" })));
      let step = 1;
      const projection = await store.project({ name: "steps", initial: 0, when: { A: (state) => state + step } });
      await projection.caughtUp();
      const before = await projection.state();
      // A fold that depends on more than its events shows which of its runs a state comes from.
      step = 2;
      const aborted = await failure(projection.rebuild({ signal: AbortSignal.abort("not now") }));
      const controller = new AbortController();
      const midway = await failure(projection.rebuild({ signal: controller.signal, onProgress: () => controller.abort() }));
      const kept = await projection.state();
      const progress = [];
      await projection.rebuild({ onProgress: (done, total) => progress.push([done, total]) });
      const after = [await projection.state(), await projection.status(), projection.checkpoint];
      const isAscending = progress.every(([done], at) => at === 0 || done >= progress[at - 1][0]);
      await store.close();
      await EventStore.delete(store.name);
      return { before, aborted, midway, kept, after, isAscending, last: progress.at(-1) };
    });
    assert.deepEqual([seen.before, seen.kept], [2_000, 2_000]);
    assert.deepEqual([seen.aborted.code, seen.midway.code], ["aborted", "aborted"]);
    assert.deepEqual(seen.after, [4_000, { checkpoint: 2_000, lag: 0, state: "following" }, 2_000]);
    assert.deepEqual([seen.isAscending, seen.last], [true, [2_000, 2_000]]);
  });

  await t.test("it goes on though nobody holds it, until its store is closed", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, until }) => {
      const name = freshName();
      const [store, other] = [await EventStore.open(name), await EventStore.open(name)];
      let calls = 0;
      const definition = { name: "held", initial: 0, when: { A: (state) => (calls++, state + 1) } };
      const dropped = await store.project(definition);
      dropped.free();
      await other.append("a-1", [{ type: "A" }, { type: "A" }]);
      await until(() => calls === 2);
      await store.close();
      const projection = await other.project({ ...definition, when: { A: (state) => state + 10 } });
      await other.append("a-1", { type: "A" });
      await projection.caughtUp();
      const state = await projection.state();
      await other.close();
      await EventStore.delete(name);
      return { calls, state };
    });
    assert.deepEqual(seen, { calls: 2, state: 12 });
  });
});

test("the functions of a projection that was stopped are let go of once its store is closed", async (t) => {
  const { page } = await openModule(t, { flags: ["--js-flags=--expose-gc"] });
  const isReadable = await inModule(page, async ({ EventStore }, { freshName, until }) => {
    const store = await EventStore.open(freshName(), { storage: "memory" });
    await store.append("a-1", { type: "A" });
    const definition = { name: "stopped", initial: 0, when: { A: (state) => state + 1 } };
    const handler = new WeakRef(definition.when.A);
    const projection = await store.project(definition);
    definition.when = {};
    await projection.caughtUp();
    projection.stop();
    const collected = () => (gc(), handler.deref() === undefined);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 5));
    const isReadable = (await projection.state()) === 1 && !collected();
    await store.close();
    await until(collected);
    return isReadable;
  });
  assert.equal(isReadable, true, "until then its state can be read");
});
