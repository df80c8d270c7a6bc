// Branches in JavaScript: the history as it was not.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openModule } from "./harness.mjs";
import { inModule } from "./in-module.mjs";

test("branches", async (t) => {
  const { page } = await openModule(t);

  await t.test("events are skipped, edited, inserted and moved, and the log stays what it is", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      await store.append("list-1", ["a", "b", "c", "d"].map((data) => ({ type: "Added", data })));
      await store.append("list-2", { type: "Added", data: "other" });
      const timeline = await store.timeline({
        name: "lists",
        partitionBy: "stream",
        initial: [],
        when: { Added: (list, event) => void list.push(event.data) },
      });
      const branch = await timeline.branch(4);
      // What is stored later is no part of it.
      await store.append("list-1", { type: "Added", data: "late" });
      const states = [];
      const note = async (change) => {
        change?.();
        states.push([(await branch.state("list-1")).join(""), (await branch.divergence("list-1")).firstPosition ?? "nowhere"]);
      };
      await note();
      await note(() => branch.skip(3));
      await note(() => branch.edit(2, "B"));
      await note(() => branch.insert(4, "list-1", { type: "Added", data: "x" }));
      await note(() => branch.insert(5, "list-1", { type: "Added", data: "y" }));
      await note(() => branch.insert(0, "list-2", { type: "Added", data: "z" }));
      await note(() => branch.move(4, 0));
      await note(() => branch.move(1, 6));
      const { diff } = await branch.divergence("list-1");
      const others = [await branch.state("list-2"), (await branch.state("list-3")) ?? "absent", await branch.divergence("list-3")];
      const absent = (await (await timeline.branch(4)).state("list-2")) ?? "absent";
      timeline.close();
      await note(() => branch.reset());
      return { states, diff, others, absent, log: (await store.readAll()).map((event) => event.data).join("") };
    });
    assert.deepEqual(seen.states, [
      ["abcd", "nowhere"],
      ["abd", 3],
      ["aBd", 2],
      ["aBdx", 2],
      ["aBdxy", 2],
      ["aBdxy", 2],
      ["daBxy", 0],
      ["dBxya", 0],
      ["abcd", "nowhere"],
    ]);
    assert.equal(seen.diff.length > 0, true);
    assert.deepEqual([seen.others, seen.absent], [[["z"], "absent", { diff: [] }], "absent"]);
    assert.equal(seen.log, "abcdotherlate");
  });

  await t.test("handlers see the events of the branch: lifted, edited in their newest shape, with positions as names", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      store.registerUpcaster({ type: "Moved", from: 1, upcast: (units) => ({ units }) });
      await store.append("stock-1", [{ type: "Moved", data: 5 }, { type: "Moved", data: 7 }]);
      const timeline = await store.timeline({
        name: "moves",
        initial: [],
        when: { Moved: (list, event) => [...list, [event.position, event.version, event.stream, event.data.units]] },
      });
      const branch = await timeline.branch(99);
      branch.edit(2, { units: -7 });
      branch.insert(1, "stock-1", { type: "Moved", data: 1 });
      branch.insert(1, "stock-9", { type: "Moved", data: { units: 2 }, schemaVersion: 2 });
      const state = await branch.state();
      state.push("mine");
      return { state: await branch.state(), diff: (await branch.divergence()).diff.length > 0 };
    });
    assert.deepEqual(seen.state, [[1, 1, "stock-1", 5], [4, 1, "stock-9", 2], [3, 3, "stock-1", 1], [2, 2, "stock-1", -7]]);
    assert.equal(seen.diff, true);
  });

  await t.test("a moved event is the same event elsewhere, for functions and for texts", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      const event = (data) => ({ type: "Added", data, time: `2026-03-14T09:41:0${data}Z`, metadata: { by: data }, tags: [`t${data}`] });
      await store.append("list-1", [event(1), event(2)]);
      await store.append("list-2", event(3));
      const log = await store.readAll();
      const whole = (event) => JSON.stringify(event);
      const kurrent = ({ position, eventId, sequenceNumber, streamId, eventType, data, metadata, created, schemaVersion }) =>
        JSON.stringify([position, eventId, sequenceNumber, streamId, eventType, data, metadata, created, schemaVersion]);
      const timelines = [
        await store.timeline({ name: "whole", initial: [], when: { Added: (list, event) => [...list, JSON.stringify(event)] } }),
        await store.timeline({ name: "text", source: `fromAll().when({ $init: () => [], Added(list, event) { list.push((${kurrent})(event)) } })` }),
      ];
      const states = [];
      for (const timeline of timelines) {
        const branch = await timeline.branch(3);
        const before = await branch.state();
        branch.move(3, 0);
        branch.move(1, 2);
        states.push([before, await branch.state()]);
      }
      return { log: log.map(whole), states };
    });
    const moved = ([first, second, third]) => [third, second, first];
    const [[whole, wholeMoved], [text, textMoved]] = seen.states;
    assert.deepEqual([whole, wholeMoved], [seen.log, moved(seen.log)]);
    assert.deepEqual(textMoved, moved(text));
    assert.equal(new Set(text).size, 3);
  });

  await t.test("a branch can leave out the event at which the projection fails", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      await store.append("a-1", [{ type: "A" }, { type: "Broken" }, { type: "A" }]);
      const Broken = () => {
        throw new RangeError("broken");
      };
      const timeline = await store.timeline({ name: "t", initial: 0, when: { A: (count) => count + 1, Broken } });
      const branch = await timeline.branch(3);
      const thrown = await branch.state().catch((error) => [error.code, error.details.position, String(error.cause)]);
      branch.skip(2);
      return { thrown, state: await branch.state(), divergence: (await failure(branch.divergence())).code };
    });
    assert.deepEqual(seen, { thrown: ["projection-failed", 2, "RangeError: broken"], state: 2, divergence: "projection-failed" });
  });

  await t.test("what cannot be done throws at once, and changes nothing", async () => {
    const seen = await inModule(page, async ({ EventStore, LeftfoldError }, { freshName }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      await store.append("a-1", [{ type: "A" }, { type: "A" }]);
      const timeline = await store.timeline({ name: "t", initial: 0, when: { A: (count) => count + 1 } });
      const branch = await timeline.branch(2);
      const calls = [
        () => branch.skip(3),
        () => branch.skip(0),
        () => branch.skip("1"),
        () => branch.edit(3, 1),
        () => branch.edit(1, undefined),
        () => branch.edit(1, new Date(0)),
        () => branch.insert(3, "a-1", { type: "A" }),
        () => branch.insert(1, "", { type: "A" }),
        () => branch.insert(1, "a-1", { type: "" }),
        () => branch.insert(1, "a-1", [{ type: "A" }]),
        () => branch.move(1, 1),
        () => branch.move(4, 1),
        () => branch.move(1, 4),
      ];
      const thrown = calls.map((call) => {
        try {
          call();
          return "nothing";
        } catch (error) {
          return error instanceof LeftfoldError ? `${error.code} ${error.details.member}` : String(error);
        }
      });
      const rejected = await timeline.branch(-1).catch((error) => `${error.code} ${error.details.member}`);
      const strange = await branch.state(5).catch((error) => `${error.code} ${error.details.member}`);
      return { thrown, rejected, strange, state: await branch.state() };
    });
    const input = (...members) => members.map((member) => `invalid-input ${member}`);
    assert.deepEqual(seen.thrown, [
      ...input("position", "position", "position", "position", "data", "data", "after", "stream"),
      "invalid-event events[0].type",
      "invalid-event event",
      ...input("after", "position", "after"),
    ]);
    assert.deepEqual([seen.rejected, seen.strange, seen.state], ["invalid-input at", "invalid-input partition", 2]);
  });
});
