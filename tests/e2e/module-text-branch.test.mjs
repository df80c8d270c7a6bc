// Branches of projections as text: what the same changes make of functions.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openModule } from "./harness.mjs";
import { inModule } from "./in-module.mjs";

test("a branch of a text", async (t) => {
  const { page } = await openModule(t);

  await t.test("is what the same changes make of the same functions", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      let seed = 7;
      const random = (below) => (seed = (seed * 48271) % 2147483647) % below;
      const drawn = () => ({ type: ["Put", "Taken", "Noted"][random(3)], data: { key: `k${random(5)}`, value: random(100) } });
      const streams = ["s-0", "s-1", "s-2"];
      for (let made = 0; made < 300; made++) await store.append(streams[random(3)], drawn());
      const when = {
        Put: (state, event) => void (state[event.data.key] = event.data.value),
        Taken: (state, event) => void delete state[event.data.key],
      };
      const source = (choice) => `${choice}.when({
        Put: (state, event) => void (state[event.data.key] = event.data.value),
        Taken: (state, event) => void delete state[event.data.key],
      })`;
      const pairs = [
        [{ partitionBy: "stream" }, source("fromAll().foreachStream()"), [...streams, "s-9"]],
        [{ partitionBy: (event) => event.data.key }, source("fromAll().partitionBy((event) => event.data.key)"), ["k0", "k3", "k9"]],
        [{ query: { items: [{ streams: ["s-1"] }] } }, source("fromStream('s-1')"), [""]],
      ];
      const different = [];
      let compared = 0;
      let parted = 0;
      for (const [more, text, partitions] of pairs) {
        const timelines = [await store.timeline({ name: "functions", when, ...more }), await store.timeline({ name: "text", source: text })];
        for (let round = 0; round < 12; round++) {
          const at = random(301);
          const branches = await Promise.all(timelines.map((timeline) => timeline.branch(at)));
          const changes = [];
          for (let n = random(5); n >= 0 && at > 0; n--) {
            const [position, after] = [1 + random(at), random(at + 1)];
            const change = [
              ["skip", position],
              ["edit", position, drawn().data],
              ["insert", after, streams[random(3)], { ...drawn(), time: "2026-03-14T09:41:07Z" }],
              ["move", position, after === position ? 0 : after],
            ][random(4)];
            changes.push(change);
            for (const branch of branches) branch[change[0]](...change.slice(1));
          }
          for (const partition of partitions) {
            const answers = [];
            for (const branch of branches) answers.push(JSON.stringify([(await branch.state(partition)) ?? "none", await branch.divergence(partition)]));
            compared += 1;
            if (answers[0].includes("firstPosition")) parted += 1;
            if (answers[0] !== answers[1]) different.push({ at, changes, partition, answers });
          }
          for (const branch of branches) branch.reset();
          const [functions, textState] = await Promise.all(branches.map((branch) => branch.state(partitions[0])));
          if (JSON.stringify(functions) !== JSON.stringify(textState)) different.push({ at, functions, textState });
        }
        for (const timeline of timelines) timeline.close();
      }
      const untouched = (await store.readAll()).length;
      await store.close();
      return { different: different.slice(0, 3), compared, parted, untouched };
    });
    assert.deepEqual([seen.different, seen.untouched], [[], 300]);
    assert.ok(seen.parted > 20 && seen.parted < seen.compared, `${seen.parted} of ${seen.compared} parted`);
  });

  await t.test("has what partitions share, the clock of its events, and goes on where the log fails", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      store.registerUpcaster({ type: "Moved", from: 1, upcast: (units) => ({ units }) });
      const time = "2026-03-14T09:41:07.000Z";
      await store.append("a-1", [1, 2, 3].map((data) => ({ type: "Moved", data, time })));
      await store.append("b-1", { type: "Moved", data: 4, time });
      const shared = await store.timeline({ name: "t", source: `fromAll().foreachStream().when({
        $initShared: () => ({ all: 0 }), $init: () => ({ own: 0 }),
        Moved([own, shared], event) { own.own += event.data.units; shared.all += event.data.units; own.at = Date.now() } })` });
      const branch = await shared.branch(4);
      branch.skip(1);
      branch.edit(3, { units: 30 });
      const later = "2027-01-01T00:00:00.000Z";
      branch.insert(4, "b-1", { type: "Moved", data: { units: 5 }, schemaVersion: 2, time: later });
      const states = [await branch.state("a-1"), await branch.state("b-1"), (await branch.state("c-1")) ?? "none"];
      const { firstPosition } = await branch.divergence("b-1");
      const thrower = await store.timeline({ name: "t", source: "fromAll().when({ $init: () => ({ n: 0 }),\n Moved(s, e) {\n if (e.data.units === 2) e.data.none.such\n s.n += e.data.units } })" });
      const around = await thrower.branch(4);
      const failed = await failure(around.state());
      around.edit(4, { units: 2 });
      around.skip(2);
      const edited = await failure(around.state());
      around.edit(4, { units: 40 });
      const went = await around.state();
      const endless = await store.timeline({ name: "t", source: "fromAll().when({ $init: () => ({ n: 0 }), Moved(s, e) { while (e.data.units === 99) {} s.n += e.data.units } })" });
      const stuck = await endless.branch(4);
      stuck.edit(3, { units: 99 });
      const never = await failure(stuck.state());
      stuck.edit(3, { units: 0 });
      const again = [await stuck.state(), await endless.stateAt(4)];
      // The event on which it does not end is the log's own.
      await store.append("a-1", [{ type: "Moved", data: 99 }, { type: "Moved", data: 6 }]);
      const ended = await failure(endless.stateAt(6));
      const without = await endless.branch(6);
      without.skip(5);
      const rescued = await without.state();
      for (const timeline of [shared, thrower, endless]) timeline.close();
      await store.close();
      return { states, firstPosition, failed, edited, went, never, again, ended, rescued, times: [Date.parse(time), Date.parse(later)] };
    });
    const [now, later] = seen.times;
    assert.deepEqual(seen.states, [[{ own: 32, at: now }, { all: 41 }], [{ own: 9, at: later }, { all: 41 }], "none"]);
    assert.equal(seen.firstPosition, 1);
    assert.deepEqual([seen.failed.code, seen.failed.details.position, seen.failed.details.line], ["projection-failed", 2, 3]);
    assert.deepEqual([seen.edited.details.position, seen.edited.details.line, seen.went], [4, 3, { n: 44 }]);
    assert.deepEqual([seen.never.code, seen.never.details.position], ["projection-failed", 3]);
    assert.deepEqual([seen.again, seen.ended.details.position, seen.rescued], [[{ n: 7 }, { n: 10 }], 5, { n: 16 }]);
  });
});
