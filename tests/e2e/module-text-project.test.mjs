// Projections as text that are kept up with the log: the same states as those of functions, exactly once, in one tab at a time.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { openModule, realData } from "./harness.mjs";
import { inModule } from "./in-module.mjs";

/** Two definitions of one fold: a total and a list of positions, by stream. An event that is folded twice or left out shows. */
const SOURCE = `fromAll().foreachStream().when({
  $init: () => ({ total: 0, positions: [] }),
  Added(state, event) {
    state.total += event.data
    state.positions.push(event.position)
  },
})`;

test("a text is kept as the functions are, on a log of cases, and resumes behind a reload", async (t) => {
  const receipt = realData(t, "process-logs/receipt.csv.gz");
  if (!receipt) return;
  const { page } = await openModule(t);
  const file = (await readFile(receipt)).toString("base64");
  const name = `test-${crypto.randomUUID()}`;
  const first = await inModule(
    page,
    async ({ EventStore }, _, { file, name }) => {
      const store = await EventStore.open(name);
      await store.import(Uint8Array.from(atob(file), (char) => char.charCodeAt(0)), { category: "receipt" });
      const when = { $any: (state, event) => void (state[event.data["org:resource"]] = (state[event.data["org:resource"]] ?? 0) + 1) };
      const functions = await store.project({ name: "functions", partitionBy: "stream", when });
      const source = `fromCategory('receipt').foreachStream().when({
        $any: (state, event) => void (state[event.data["org:resource"]] = (state[event.data["org:resource"]] ?? 0) + 1),
      }).filterBy((state) => Object.keys(state).length > 1).transformBy((state) => ({ people: Object.keys(state).length }))`;
      const text = await store.project({ name: "text", source });
      await Promise.all([functions.caughtUp(), text.caughtUp()]);
      const names = [await functions.partitions(), await text.partitions()];
      const different = [];
      const results = { none: 0, people: 0 };
      for (const partition of names[0].filter((_, index) => index % 7 === 0)) {
        const [wanted, given] = [await functions.state(partition), await text.state(partition)];
        if (JSON.stringify(wanted) !== JSON.stringify(given)) different.push({ partition, wanted, given });
      }
      for (const partition of names[0].slice(0, 60)) {
        const result = await text.result(partition);
        const people = Object.keys(await functions.state(partition)).length;
        if (people > 1 ? result.people !== people : result !== null) different.push({ partition, result });
        results[people > 1 ? "people" : "none"] += 1;
      }
      // What is stored goes on in another page.
      await store.append("receipt-case-10011", { type: "Late", data: { "org:resource": "somebody" } });
      await text.caughtUp();
      const { checkpoint } = await text.status();
      await store.close();
      return { same: names[0].length === names[1].length, different, results, count: names[0].length, checkpoint };
    },
    { file, name },
  );
  assert.deepEqual([first.same, first.different, first.checkpoint], [true, [], 8_578]);
  assert.ok(first.count > 1_000 && first.results.none > 0 && first.results.people > 0);
  await page.reload();
  const resumed = await inModule(
    page,
    async ({ EventStore }, _, name) => {
      const store = await EventStore.open(name);
      // Another fold under the same version: what is there already is not folded again.
      const text = await store.project({ name: "text", source: "fromCategory('receipt').foreachStream().when({ $any: (state) => void (state.more = true) })" });
      const before = text.checkpoint;
      await store.append("receipt-case-10011", { type: "Later", data: {} });
      await text.caughtUp();
      const state = await text.state("receipt-case-10011");
      const others = await text.partitions();
      const untouched = await text.state(others.find((other) => other !== "receipt-case-10011"));
      await store.close();
      await EventStore.delete(name);
      return { before, state, isUntouched: untouched.more === undefined };
    },
    name,
  );
  assert.deepEqual([resumed.before, resumed.isUntouched], [8_578, true]);
  assert.deepEqual([resumed.state.somebody, resumed.state.more], [1, true]);
});

test("a kept text", async (t) => {
  const { page } = await openModule(t);

  await t.test("has shared states, states of its timeline, and the clock of its events", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      const names = ["constructor", "__proto__", "7", "größe 🛒"];
      const events = Array.from({ length: 500 }, (_, n) => ({ type: n % 5 === 4 ? "Other" : "Counted", data: { n, name: names[n % 4] }, time: Date.UTC(2026, 0, 1) + n * 1000 }));
      await store.append("a-1", events);
      const different = [];
      const sources = [
        `fromAll().partitionBy((e) => (Math.random() < 2 ? e.data.name : 0)).when({
          $initShared: () => ({ all: 0 }), $init: () => ({ own: 0, since: Date.now(), chance: Math.random() }),
          Counted([own, shared]) { own.own++; shared.all++; own.last = Math.random() },
        })`,
        "fromAll().when({ $initShared: () => ({ all: 0 }), $init: () => ({ own: 0 }), Counted([own, shared]) { own.own++; shared.all += own.own } })",
        "fromStream('a-1').when({ $init: () => ({ since: Date.now() }), Counted: (s, e) => ({ ...s, [e.data.name]: [e.sequenceNumber, e.streamId, e.created, Math.random()] }) })",
        "fromStreams('b-1', 'a-1').foreachStream().when({ $init: () => [], Counted: (s, e) => void s.push(e.partition) })",
      ];
      const partitions = [];
      for (const [number, source] of sources.entries()) {
        const projection = await store.project({ name: `p${number}`, source });
        await projection.caughtUp(250);
        await projection.caughtUp();
        const timeline = await store.timeline({ name: "t", source });
        const listed = await projection.partitions();
        partitions.push(listed);
        for (const partition of [...listed, "nobody"]) {
          const [kept, folded] = [await projection.state(partition), await timeline.stateAt(store.head, partition)];
          if (JSON.stringify(kept) !== JSON.stringify(folded)) different.push({ number, partition, kept, folded });
        }
        timeline.close();
        projection.stop();
      }
      const empty = await EventStore.open(freshName(), { storage: "memory" });
      const beginnings = [];
      for (const source of ["fromAll().when({ $init: () => ({ n: 1 }) })", sources[0]]) {
        const projection = await empty.project({ name: `e${source.length}`, source });
        beginnings.push((await projection.state()) ?? "none", (await projection.partitions()).length);
      }
      await Promise.all([store.close(), empty.close()]);
      return { different, partitions, beginnings };
    });
    assert.deepEqual(seen.different, []);
    assert.deepEqual(seen.partitions, [["7", "__proto__", "constructor", "größe 🛒"], [""], [""], ["a-1"]]);
    assert.deepEqual(seen.beginnings, [{ n: 1 }, 0, "none", 0]);
  });

  await t.test("stops at an event that fails, says the line, is skipped or mended, and leaves the others alone", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, failure, until }) => {
      const store = await EventStore.open(freshName());
      await store.append("a-1", [1, 2, null, 4].map((data) => ({ type: "A", data: data && { units: data } })));
      const other = await store.project({ name: "other", source: "fromAll().when({ $any: (s) => ({ n: (s.n ?? 0) + 1 }) })" });
      const source = "fromAll().when({\n  $init: () => ({ units: 0 }),\n  A(state, event) {\n    state.units += event.data.units\n  },\n})";
      const projection = await store.project({ name: "p", source });
      const told = await failure(projection.caughtUp());
      const stands = [await projection.state(), await projection.status()];
      await projection.skip(3, "has no units");
      await projection.caughtUp();
      const skipped = await projection.state();
      projection.stop();
      const mended = await store.project({ name: "p", version: 2, source: source.replace("event.data.units", "event.data?.units ?? 100") });
      await mended.caughtUp();
      const state = await mended.state();
      const progress = [];
      await mended.rebuild({ onProgress: (done, total) => progress.push(done / total) });
      const rebuilt = await mended.state();
      await other.caughtUp();
      const strange = [];
      for (const handler of ["() => new Map()", "() => ({ n: NaN })", "() => { const s = {}; s.s = s; return s }", "(s, e) => (e.position === 2 ? { n: 1n } : s)", "async () => 1", "(s) => ({ in: { n: undefined } })", "() => Object.assign([1], { n: 1 })"]) {
        const { details } = await failure(store.project({ name: `s${strange.length}`, source: `fromAll().when({ A: ${handler} })` }).then((projection) => projection.caughtUp()));
        strange.push([details.position, details.message]);
      }
      // What all partitions share can be unfit too.
      const sharing = "fromAll().foreachStream().when({ $initShared: () => ({}), A([own, shared], e) { if (e.position === 3) shared.n = NaN } })";
      const shared = await failure(store.project({ name: "shared", source: sharing }).then((projection) => projection.caughtUp()));
      const nameless = "fromAll().partitionBy((e) => (e.position === 2 ? 'half \\ud83d' : 'whole 🛒')).when({ A() {} })";
      const half = await failure(store.project({ name: "half", source: nameless }).then((projection) => projection.caughtUp()));
      const definitions = [];
      for (const source of ["fromAll()", "fromAll().when({ $init() {\n  throw new Error('no beginning')\n} })", "for (;;) {}"]) definitions.push(await failure(store.project({ name: "d", source })));
      const count = await other.state();
      await store.close();
      await EventStore.delete(store.name);
      return { told, stands, skipped, state, progress, rebuilt, count, strange, shared, half, definitions };
    });
    assert.deepEqual([seen.told.code, seen.told.details.position, seen.told.details.line, seen.told.details.reason], ["projection-failed", 3, 4, "failed"]);
    assert.match(seen.told.message, /units.*\(line 4 of the text\)/);
    const [state, status] = seen.stands;
    assert.deepEqual([state, status.state, status.error.position], [{ units: 3 }, "failed", 3]);
    assert.deepEqual([seen.skipped, seen.state, seen.rebuilt, seen.count], [{ units: 7 }, { units: 107 }, { units: 107 }, { n: 4 }]);
    assert.equal(seen.progress.at(-1), 1);
    assert.deepEqual(seen.strange.map(([position]) => position), [1, 1, 1, 2, 1, 1, 1]);
    assert.deepEqual([seen.half.details.position, /surrogate/.test(seen.half.message)], [2, true]);
    assert.deepEqual([seen.shared.details.position, /NaN is not JSON/.test(seen.shared.message)], [3, true]);
    assert.match(seen.strange[0][1], /an object of the class Map is not JSON/);
    assert.match(seen.strange[1][1], /NaN is not JSON/);
    assert.match(seen.strange[4][1], /promise/);
    assert.match(seen.strange[5][1], /its member "n", which is undefined/);
    assert.match(seen.strange[6][1], /an array with the member "n"/);
    const [handlers, beginning, endless] = seen.definitions;
    assert.match(handlers.message, /no handlers/);
    assert.deepEqual([beginning.details.line, endless.code], [2, "projection-failed"]);
  });

  await t.test("goes on in the same way in the worker that has its values and in another", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      // One object in two places, in one state and in two.
      const source = `fromAll().partitionBy((e) => e.data.to).when({
        $initShared: () => ({}), $init: () => ({ all: [] }),
        Added([own, shared], e) { own.all.push(e.data); own.last = e.data; shared.last = e.data },
        More([own, shared]) { own.last.n++; shared.last.n += 10 },
      })`;
      const states = [];
      for (const isRestarted of [false, true]) {
        let projection = await store.project({ name: `p${isRestarted}`, source });
        await projection.caughtUp();
        for (const type of ["Added", "More", "More"]) {
          await store.append(`s-${isRestarted}`, { type, data: { to: `to ${isRestarted}`, n: 0 } });
          await projection.caughtUp();
          if (!isRestarted) continue;
          projection.stop();
          projection = await store.project({ name: `p${isRestarted}`, source });
        }
        const [own, shared] = await projection.state(`to ${isRestarted}`);
        states.push([own.all.map(({ n }) => n), own.last.n, shared.last.n]);
      }
      await store.close();
      return states;
    });
    assert.deepEqual(seen, [[[0], 2, 20], [[0], 2, 20]]);
  });

  await t.test("fails at the event that made its state so, whatever was made of the payloads by then", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      await store.append("a-1", Array.from({ length: 6 }, () => ({ type: "A", data: { n: 0 } })));
      // A payload in the state, which the next event changes.
      const source = "fromAll().when({ A(s, e) { if (s.last) s.last.n += 1; s.last = e.data; s.sum = (s.sum ?? 0) + s.last.n; if (e.position === 5) s.bad = NaN } })";
      const projection = await store.project({ name: "p", source });
      const { details } = await failure(projection.caughtUp());
      const state = await projection.state();
      await store.close();
      return [details.position, state];
    });
    assert.deepEqual(seen, [5, { last: { n: 0 }, sum: 0 }]);
  });

  await t.test("that is stopped in the midst of its work leaves every event to whoever goes on", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName());
      const source = "fromAll().foreachStream().when({ $init: () => ({ n: 0 }), $any(s) { s.n++ } })";
      const rounds = 10;
      for (let round = 0; round < rounds; round++) {
        const projection = await store.project({ name: "p", source });
        await projection.caughtUp();
        for (const stream of ["a-1", "a-2", `b-${round}`]) await store.append(stream, Array.from({ length: 100 }, () => ({ type: "A" })));
        await new Promise((resolve) => setTimeout(resolve, round));
        projection.stop();
      }
      const projection = await store.project({ name: "p", source });
      await projection.caughtUp();
      const counts = {};
      for (const name of await projection.partitions()) counts[name] = (await projection.state(name)).n;
      await store.close();
      await EventStore.delete(store.name);
      return { counts, rounds };
    });
    const streams = Array.from({ length: seen.rounds }, (_, round) => [`b-${round}`, 100]);
    assert.deepEqual(seen.counts, { "a-1": 1_000, "a-2": 1_000, ...Object.fromEntries(streams) });
  });

  await t.test("that does not end stops itself alone; a retry begins with a worker of its own", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
      const store = await EventStore.open(freshName());
      await store.append("a-1", Array.from({ length: 300 }, (_, n) => ({ type: "A", data: n })));
      const good = await store.project({ name: "good", source: "fromAll().when({ $any: (s) => ({ n: (s.n ?? 0) + 1 }) })" });
      const source = "fromAll().when({ $init: () => ({ n: 0 }), $any(s, e) { s.n++; while (e.data === 122) {} } }).transformBy((s) => { for (;;) {} })";
      const endless = await store.project({ name: "endless", source });
      const failed = await failure(endless.caughtUp());
      const until = await endless.state();
      await endless.skip(123, "does not end");
      await endless.caughtUp();
      const behind = await endless.state();
      // A result that does not end is that call's own affair.
      const result = await failure(endless.result());
      await store.append("a-1", { type: "A" });
      await Promise.all([endless.caughtUp(), good.caughtUp()]);
      const states = [behind, await endless.state(), await good.state()];
      await store.close();
      await EventStore.delete(store.name);
      return { failed, until, states, result };
    });
    assert.deepEqual([seen.failed.details.position, seen.until], [123, { n: 122 }]);
    assert.match(seen.failed.message, /did not come to an end/);
    assert.deepEqual(seen.states, [{ n: 299 }, { n: 300 }, { n: 301 }]);
    assert.equal(seen.result.code, "projection-failed");
  });
});

test("in two tabs one folds a text, and the other takes over when that one is closed", async (t) => {
  const { page, newTab } = await openModule(t);
  const name = `test-${crypto.randomUUID()}`;
  const other = await newTab();
  for (const tab of [page, other]) {
    await inModule(
      tab,
      async ({ EventStore }, _, { name, source }) => {
        const store = await EventStore.open(name);
        window.leftfold = { store, projection: await store.project({ name: "total", source }) };
      },
      { name, source: SOURCE },
    );
  }
  const add = (tab, count) =>
    tab.evaluate(async (count) => {
      await window.leftfold.store.append("sum-1", Array.from({ length: count }, (_, at) => ({ type: "Added", data: at + 1 })));
    }, count);
  const look = (tab) =>
    tab.evaluate(async () => {
      const { projection } = window.leftfold;
      await projection.caughtUp();
      return projection.state("sum-1");
    });
  const fold = (count) => ({ total: (count / 100) * 5_050, positions: Array.from({ length: count }, (_, at) => at + 1) });
  for (let n = 0; n < 20; n++) await add(n % 2 ? page : other, 100);
  assert.deepEqual([await look(page), await look(other)], [fold(2_000), fold(2_000)]);
  for (let n = 0; n < 20; n++) await add(other, 100);
  await page.close();
  for (let n = 0; n < 5; n++) await add(other, 100);
  assert.deepEqual(await look(other), fold(4_500));
  await inModule(
    other,
    async ({ EventStore }, _, name) => {
      await window.leftfold.store.close();
      await EventStore.delete(name);
    },
    name,
  );
});
