// The states of projections as text: one for each position, and no other when a machine stands still.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openModule } from "./harness.mjs";
import { inModule } from "./in-module.mjs";

test("the state at a position is one, whatever a text keeps in it, and however it is reached", async (t) => {
  const { page } = await openModule(t);
  const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
    const store = await EventStore.open(freshName(), { storage: "memory" });
    const opened = (n) => ({ type: n % 2 ? "Closed" : "Opened", data: { id: n >> 1 } });
    await store.append("a-1", Array.from({ length: 200 }, (_, n) => opened(n)));
    // Members that are undefined are not in its text, and one object in two places is two there.
    const source = `fromAll().when({
      $init: () => ({ open: {}, count: 0, here: { n: 0 }, there: null }),
      Opened(s, e) { s.open['o' + e.data.id] = 1; s.count = Object.keys(s.open).length; s.there = s.here; s.here.n += 1 },
      Closed(s, e) { s.open['o' + e.data.id] = undefined; s.count = Object.keys(s.open).length; s.there.n += 1 },
    })`;
    const different = [];
    const asked = async (timeline) => {
      const states = [];
      for (let at = 1; at <= 200; at += 1) states.push(JSON.stringify(await timeline.stateAt(at)));
      return states;
    };
    const growing = await store.timeline({ name: "grows", source });
    const atHead = [JSON.stringify(await growing.stateAt(200))];
    await store.append("a-1", opened(200));
    await growing.stateAt(201);
    atHead.push(JSON.stringify(await growing.stateAt(200)));
    const first = await asked(growing);
    const again = await store.timeline({ name: "again", source });
    await again.stateAt(201);
    const second = await asked(again);
    const found = [];
    for (const at of [64, 65, 130, 200]) {
      found.push(await again.findFirst((state) => JSON.stringify(state) === first[at - 1], { from: at }));
    }
    again.close();
    growing.close();
    first.forEach((state, index) => state !== second[index] && different.push([index + 1, state, second[index]]));
    // Of an event that was split, too.
    store.registerUpcaster({ type: "Opened", from: 1, upcast: (data) => [{ type: "Opened", data }, { type: "Closed", data }] });
    const split = await store.timeline({ name: "split", source });
    const splitHead = JSON.stringify(await split.stateAt(64));
    await split.stateAt(201);
    different.push(...(splitHead === JSON.stringify(await split.stateAt(64)) ? [] : ["split"]));
    split.close();
    const strangers = [];
    for (const value of ["new Set([1])", "NaN", "new Date(0)", "Object.assign([], { x: 1 })", "1n", "new (class extends Array {})()", "Object.create({})"]) {
      const stranger = await store.timeline({ name: "stranger", source: `fromAll().when({\n  $any: (s, e) => (e.position === 17 ? { value: ${value} } : s)\n})` });
      const { code, message, details } = await failure(stranger.stateAt(201));
      strangers.push([code, /cannot be kept/.test(message), details.position, details.line]);
      stranger.close();
    }
    await store.close();
    return { atHead, different: different.slice(0, 4), found, strangers };
  });
  assert.equal(seen.atHead[0], seen.atHead[1]);
  assert.deepEqual([seen.different, seen.found], [[], [64, 65, 130, 200]]);
  assert.deepEqual(seen.strangers, Array(7).fill(["projection-failed", true, 17, undefined]));
});

test("what JSON has no word for is not shown as something else, and fails at the event that made it so", async (t) => {
  const { page } = await openModule(t);
  const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
    const store = await EventStore.open(freshName(), { storage: "memory" });
    await store.append("a-1", Array.from({ length: 100 }, (_, n) => ({ type: "Paid", data: n === 4 ? {} : { amount: 1 } })));
    const asked = [];
    for (const source of [
      "fromAll().when({ $init: () => ({ total: 0 }), Paid(s, e) { s.total += e.data.amount } })",
      "fromAll().foreachStream().when({ $initShared: () => ({ total: 0 }), Paid([own, shared], e) { shared.total += e.data.amount } })",
    ]) {
      const partition = source.includes("foreach") ? "a-1" : "";
      const asks = [
        (timeline) => timeline.stateAt(20, partition),
        (timeline) => timeline.stateAt(100, partition),
        (timeline) => timeline.provenance("/total", 30, partition),
        (timeline) => timeline.findFirst(() => false, { partition }),
        async (timeline) => {
          const branch = await timeline.branch(20);
          branch.skip(2);
          return branch.state(partition);
        },
        (timeline) => timeline.diff(2, 30, partition),
      ];
      for (const ask of asks) {
        const timeline = await store.timeline({ name: "t", source });
        const { message, details } = await failure(ask(timeline));
        asked.push([details.position, /NaN is not JSON/.test(message), JSON.stringify(await timeline.stateAt(4, partition))]);
        timeline.close();
      }
    }
    await store.close();
    return asked;
  });
  for (const [position, isNamed, before] of seen) assert.deepEqual([position, isNamed, /"total":4/.test(before)], [5, true, true]);
  assert.equal(seen.length, 12);
});

test("a state is that of one fold without a stop: members that are undefined, one object in two places", async (t) => {
  const { page } = await openModule(t);
  const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
    const store = await EventStore.open(freshName(), { storage: "memory" });
    const names = ["a", "__proto__", "constructor", "7"];
    await store.append("a-1", Array.from({ length: 300 }, (_, n) => ({ type: n % 2 ? "Closed" : "Opened", data: { id: n >> 1, name: names[n % 4] } })));
    // The same as functions here, which one fold goes through.
    const handlers = `({
      $init: () => ({ open: {}, by: null, count: 0, zero: 0, here: { n: 0 }, there: null, list: [] }),
      Opened(s, e) {
        s.by ??= Object.create(null); s.by[e.data.name] = (s.by[e.data.name] ?? 0) + 1
        s.open['o' + e.data.id] = 1; s.there = s.here; s.here.n += 1; s.list[e.data.id % 3] = s.here; s.zero = -0
      },
      Closed(s, e) {
        s.open['o' + e.data.id] = undefined; s.count = Object.keys(s.open).length; s.there.n += 1; s.sign = 1 / (s.zero || 1) < 0 ? 'minus' : Object.is(s.zero, -0)
        s.open['o' + (e.data.id - 5)] = e.data.id > 20 ? 2 : undefined
        for (const inner of s.list) inner.n += 1
      },
    })`;
    const { $init, ...when } = (0, eval)(handlers);
    const live = $init();
    const wanted = ["before"];
    for (const event of await store.readAll()) {
      when[event.type](live, event);
      wanted.push(JSON.stringify(live));
    }
    const source = `fromAll().when${handlers}`;
    const different = [];
    const same = (what, at, given) => given !== wanted[at] && different.push([what, at, given, wanted[at]]);
    const timeline = await store.timeline({ name: "t", source });
    await timeline.stateAt(300);
    for (let at = 1; at <= 300; at += 1) same("seek", at, JSON.stringify(await timeline.stateAt(at)));
    for (const at of [63, 64, 65, 130, 299]) {
      same("found", at, wanted[await timeline.findFirst((state) => JSON.stringify(state) === wanted[at], { from: at })]);
      // An edit that changes nothing: the branch folds everything behind it.
      for (const edited of [2, at - 20, at]) {
        const branch = await timeline.branch(at);
        branch.edit(edited, { id: (edited - 1) >> 1, name: names[(edited - 1) % 4] });
        same(`branch ${edited}`, at, JSON.stringify(await branch.state()));
        if ((await branch.divergence()).firstPosition !== undefined) different.push("diverges", edited, at);
      }
    }
    timeline.close();
    await store.close();
    return different.slice(0, 4);
  });
  assert.deepEqual(seen, []);
});

test("a machine that stands still is not the text's fault", async (t) => {
  const { page } = await openModule(t);
  const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
    const store = await EventStore.open(freshName(), { storage: "memory" });
    await store.append("a-1", Array.from({ length: 4_000 }, () => ({ type: "Counted" })));
    const { setTimeout } = globalThis;
    const timeline = async () => {
      const made = await store.timeline({ name: "slow", source: "fromAll().when({ $any(s) { for (let n = 0; n < 20_000; n++) Math.imul(n, n); s.n = (s.n ?? 0) + 1 } })" });
      return made;
    };
    // The watch is over at once, for so many workers.
    const stall = (times) => {
      globalThis.setTimeout = (run, millis) => {
        if (times === 0 || (millis !== 4_000 && millis !== 100)) return setTimeout(run, millis);
        return setTimeout(() => {
          if (times === 0) return;
          if (millis === 100) times -= 1;
          run();
        }, 0);
      };
    };
    const once = await timeline();
    stall(1);
    const after = (await once.stateAt(4_000)).n;
    once.close();
    globalThis.setTimeout = setTimeout;
    const often = await timeline();
    stall(Infinity);
    const failed = await failure(often.stateAt(4_000));
    globalThis.setTimeout = setTimeout;
    const later = (await often.stateAt(4_000)).n;
    often.close();
    await store.close();
    return { after, failed, later };
  });
  assert.deepEqual([seen.after, seen.later], [4_000, 4_000]);
  assert.match(seen.failed.message, /did not come to an end/);
});

test("a text gets what it reads of an event, however it names that, and however late it reads it", async (t) => {
  const { page } = await openModule(t);
  const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
    const store = await EventStore.open(freshName(), { storage: "memory" });
    const time = "2026-03-14T09:41:07.331Z";
    const id = "0f9fad5b-d9cb-469f-a165-70867728950e";
    await store.append("before-1", Array.from({ length: 6_000 }, (_, n) => ({ type: "Early", data: { n } })));
    await store.append("late-1", Array.from({ length: 5 }, () => ({ type: "Early" })));
    await store.append("late-1", { type: "Late", time, id, data: { n: 7 }, metadata: { by: "me" } });
    await store.append("behind-1", Array.from({ length: 300 }, () => ({ type: "Behind" })));
    const reads = {
      stream: "event.streamId",
      "stream in pieces": "event['stream' + 'Id']",
      category: "event['cat' + 'egory']",
      version: "event.sequenceNumber",
      "version in pieces": "event['sequence' + 'Number']",
      created: "event['cre' + 'ated']",
      clock: "globalThis['Da' + 'te']['n' + 'ow']()",
      id: "event.eventId",
      "id in pieces": "event['event' + 'Id']",
      data: "event.data.n",
      metadata: "event.metadata.by",
      caught: "(() => { try { return event['event' + 'Id'] } catch { return 'nothing' } })()",
      whole: "JSON.parse(JSON.stringify(event))",
    };
    const found = {};
    for (const [name, read] of Object.entries(reads)) {
      const timeline = await store.timeline({ name: "reads", source: `fromAll().when({ $init: () => ({ n: 0 }), $any(s) { s.n += 1 }, Late(s, event) { s.n += 1; s.read = ${read} } })` });
      const { n, read: value } = await timeline.stateAt(6_306);
      found[name] = [n, value];
      timeline.close();
    }
    // What a state keeps of an event is read when the state is written.
    const kept = await store.timeline({ name: "kept", source: "fromAll().when({ Late: (s, event) => ({ event }) })" });
    const { event } = await kept.stateAt(6_306);
    kept.close();
    const streams = await store.timeline({ name: "streams", source: "fromAll().foreachStream().when({ $init: () => ({ n: 0 }), $any: (s) => { s.n += 1 } })" });
    const counts = [];
    for (const [at, stream] of [[6_306, "before-1"], [6_306, "late-1"], [6_003, "late-1"], [6_100, "behind-1"]]) counts.push((await streams.stateAt(at, stream)).n);
    streams.close();
    await store.close();
    return { found, event, counts };
  });
  const { whole, ...found } = seen.found;
  const values = Object.fromEntries(Object.entries(found).map(([name, [n, value]]) => [name, [n, value]]));
  const id = "0f9fad5b-d9cb-469f-a165-70867728950e";
  const time = "2026-03-14T09:41:07.331Z";
  const expected = { stream: "late-1", "stream in pieces": "late-1", category: "late", version: 5, "version in pieces": 5, created: time, clock: Date.parse(time), id, "id in pieces": id, data: 7, metadata: "me", caught: id };
  assert.deepEqual(values, Object.fromEntries(Object.entries(expected).map(([name, value]) => [name, [6_306, value]])));
  for (const event of [whole[1], seen.event]) {
    assert.deepEqual([event.streamId, event.sequenceNumber, event.created, event.data, event.metadata], ["late-1", 5, time, { n: 7 }, { by: "me" }]);
  }
  assert.deepEqual(seen.counts, [6_000, 6, 3, 94]);
});

test("no two partitions share what they begin with, however it is made", async (t) => {
  const { page } = await openModule(t);
  const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
    const store = await EventStore.open(freshName(), { storage: "memory" });
    for (const stream of ["a-1", "b-1", "a-1"]) await store.append(stream, { type: "Happened" });
    const makes = [
      "$init: () => ({ n: 0, in: {}, list: [] })",
      "$init() { return { n: 0, in: {}, list: [], } }",
      "$init: function () { return { n: 0, in: {}, list: [] }; }",
      "$init: () => one",
      "$init: () => ({ n: 0, in: inner, list })",
      "$init: () => ({ ...one })",
      "$init() { return JSON.parse('{\"n\":0,\"in\":{},\"list\":[]}') }",
    ];
    const states = [];
    for (const made of makes) {
      const text = `const one = { n: 0, in: {}, list: [] }; const inner = {}; const list = [];
        fromAll().foreachStream().when({ ${made}, $any(s, e) { s.n += 1; s.in[e.streamId] = s.n; s.list.push(e.position) } })`;
      const timeline = await store.timeline({ name: "begins", source: text });
      states.push([await timeline.stateAt(3, "a-1"), await timeline.stateAt(3, "b-1")]);
      timeline.close();
    }
    // By the rules of the language this one gives nothing.
    const nothing = await store.timeline({ name: "nothing", source: "fromAll().when({ $init() { return\n{ } }, $any: (s) => [s] })" });
    const none = await nothing.stateAt(1);
    nothing.close();
    await store.close();
    return { states, none };
  });
  const expected = [{ n: 2, in: { "a-1": 2 }, list: [1, 3] }, { n: 1, in: { "b-1": 1 }, list: [2] }];
  assert.deepEqual(seen.states, Array(7).fill(expected));
  assert.deepEqual(seen.none, [null]);
});

test("data comes whole wherever a text may read all of it, and reads the same where it comes in part", async (t) => {
  const { page } = await openModule(t);
  const lines = [
    String.raw`{ "n" : 1 , "other": [ {"n": 9}, "]" ], "in": { "n": [1, "}{\\\"", {}] }, "s": "\"n\":5,\\" }`,
    String.raw`{"n":1,"n":2}`,
    String.raw`{"n":1,"\u006e":3,"s":"é"}`,
    String.raw`{"é":"{","s":"über \ud83d\ude00","n":-0.5e3}`,
    String.raw`{}`,
    String.raw`{"":{"n":1},"nn":2,"N":3,"in":null,"s":""}`,
    String.raw`[{"n":1},2]`,
    "null",
    "17",
    '"n"',
    "true",
    String.raw`{"in":[],"s":false,"n":{"deep":[[[{"n":"\\"}]]]}}`,
  ];
  const file = [...lines, ...Array.from({ length: 2_000 }, (_, n) => lines[n % lines.length])]
    .map((data, n) => `{"stream":"a-${n % 3}","type":"Happened","data":${data}}`)
    .join("\n");
  const seen = await inModule(page, async ({ EventStore }, { freshName }, { file }) => {
    const store = await EventStore.open(freshName(), { storage: "memory" });
    await store.import(new TextEncoder().encode(file), { format: "ndjson", order: "file" });
    const head = 2_012;
    const read = "s.all.push([event.data?.n ?? null, event.data?.s ?? null, event.data?.in ?? null]);";
    const stateOf = async (source, at = head) => {
      const timeline = await store.timeline({ name: "reads", source });
      const state = JSON.stringify(await timeline.stateAt(at));
      timeline.close();
      return state;
    };
    const inPart = await stateOf(`fromAll().when({ $init: () => ({ all: [] }), $any(s, event) { ${read} } })`);
    const whole = await stateOf(`fromAll().when({ $init: () => ({ all: [] }), $any(s, event) { const all = [event]; ${read} } })`);
    // Each counts the members of all events whose data is an object.
    const count = "s.n = (s.n ?? 0) + Object.keys(";
    const ways = {
      plain: `$any(s, event) { ${count}event.data ?? {}).length }`,
      destructured: `$any(s, { data }) { ${count}data ?? {}).length }`,
      named: `$any: (s, e) => { const { data } = e; ${count}data ?? {}).length }`,
      rest: `$any: (...given) => { const [s, e] = given; ${count}e.data ?? {}).length }`,
      arguments: `$any: function (s) { ${count}arguments[1].data ?? {}).length }`,
      handed: `$any: function handed(s, e) { fold(s) }`,
      helper: `$any: (s, e) => helped(s, e)`,
      bound: `$any: helped.bind(null)`,
      escaped: `$any(s, e) { if (e.data?.n === 0) return; ${count}\\u0065.data ?? {}).length }`,
      method: `$any(s, e) { if (e.data) ${count}Object(e.data?.valueOf())).length }`,
      raw: `$any(s, e) { ${count}JSON.parse(e.bodyRaw) ?? {}).length }`,
      wide: `$any(s, e) { ${count}e.data ?? {}).length; s.e = e.data?.é?.length ?? s.e; delete s.e }`,
    };
    const counted = {};
    for (const [name, handler] of Object.entries(ways)) {
      const helped = `const helped = (s, e) => { ${count}e.data ?? {}).length };`;
      const asking = name === "handed" ? `function fold(s) { ${count}fold.caller.arguments[1].data ?? {}).length }` : "";
      counted[name] = JSON.parse(await stateOf(`${helped} ${asking} fromAll().when({ ${handler} })`)).n;
    }
    // An expression of a breakpoint may read what the text does not.
    const timeline = await store.timeline({ name: "keys", source: "fromAll().when({ $init: () => ({ n: 0 }), $any(s, event) { s.n += event.data?.n === 2 ? 1 : 0 } })" });
    const twos = (await timeline.stateAt(head)).n;
    timeline.close();
    await store.close();
    return { inPart, whole, counted, twos };
  }, { file });
  assert.equal(seen.inPart, seen.whole);
  const parsed = [...lines, ...Array.from({ length: 2_000 }, (_, n) => lines[n % lines.length])].map((line) => JSON.parse(line));
  const all = parsed.map((data) => [data?.n ?? null, data?.s ?? null, data?.in ?? null]);
  assert.deepEqual(JSON.parse(seen.inPart).all, all);
  const members = parsed.reduce((sum, data) => sum + Object.keys(data ?? {}).length, 0);
  const differing = Object.entries(seen.counted).filter(([, count]) => count !== members);
  assert.deepEqual(differing, []);
  assert.equal(seen.twos, parsed.filter((data) => data?.n === 2).length);
});

test("a text that keeps something outside of its state is told so; one that looks things up there is not", async (t) => {
  const { page } = await openModule(t);
  const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
    const store = await EventStore.open(freshName(), { storage: "memory" });
    await store.append("a-1", Array.from({ length: 9_000 }, (_, n) => ({ type: n < 8_500 ? "A" : "B", data: { id: n % 7, n } })));
    const told = [];
    const outside = [
      "let n = 0; fromAll().when({ $init: () => ({}), A(s) { s.n = ++n } })",
      "let last = 0; fromAll().when({ A(s, e) { s.gap = e.position - last; last = e.position } })",
      "const seen = new Set(); fromAll().when({ $init: () => ({ n: 0 }), A(s, e) { if (seen.has(e.data.id)) return; seen.add(e.data.id); s.n++ } })",
      "let id = 0; fromAll().foreachStream().when({ $init: () => ({ id: ++id }), A(s) { s.n = 1 } })",
      "let is = false; fromAll().when({ A(s) { is = !is; return { is } } })",
      "let n = 0; fromAll().partitionBy(() => 'p' + n++).when({ A(s) { s.n = 1 } })",
      "let once = true; fromAll().when({ A(s) { if (once) { once = false; throw new Error('once') } } })",
      "let total = 0; fromAll().foreachStream().when({ $initShared: () => ({}), A([own, shared], e) { shared.total = total += e.data.n + 1 } })",
    ];
    for (const source of outside) {
      const partition = source.includes("foreach") ? "a-1" : "";
      const timeline = await store.timeline({ name: "t", source });
      const { message, details } = await failure(timeline.stateAt(20, partition));
      const row = [details.position, /keeps something outside of its state/.test(message)];
      timeline.close();
      if (!source.includes("partitionBy")) {
        const projection = await store.project({ name: `p${told.length}`, source });
        const kept = await failure(projection.caughtUp());
        row.push(kept.details.position, /keeps something outside of its state/.test(kept.message));
        projection.stop();
      }
      told.push(row);
    }
    const inside = [
      "const names = new Map(); const of = (id) => names.get(id) ?? names.set(id, 'id ' + id).get(id); fromAll().when({ A(s, e) { s[of(e.data.id)] = e.data.n } })",
      "const empty = { n: 0, list: [] }; fromAll().foreachStream().when({ $init: () => empty, $any(s, e) { s.n++; s.list[e.data.id] = Math.random(); s.at = Date.now() } })",
      "const limits = [1, 2, 3]; function limit(e) { return limits[e.data.id % 3] } fromAll().partitionBy((e) => 'a-' + (e.data.id % 2 || 1)).when({ $any(s, e) { s.sum = (s.sum ?? 0) + limit(e) } })",
    ];
    const fine = [];
    for (const source of inside) {
      const partition = /foreach|partitionBy/.test(source) ? "a-1" : "";
      const timeline = await store.timeline({ name: "t", source });
      const projection = await store.project({ name: `f${fine.length}`, source });
      await projection.caughtUp();
      const [state, kept] = [await timeline.stateAt(9_000, partition), await projection.state(partition)];
      fine.push(JSON.stringify(state) === JSON.stringify(kept));
      timeline.close();
      projection.stop();
    }
    await store.close();
    return { told, fine };
  });
  const row = [1, true, 1, true];
  assert.deepEqual(seen.told, [row, row, row, row, row, [1, true], row, row]);
  assert.deepEqual(seen.fine, [true, true, true]);
});
