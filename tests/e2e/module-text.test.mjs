// Projections as text: what they answer, and what they cannot reach.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";

import { openModule, realData } from "./harness.mjs";
import { inModule } from "./in-module.mjs";

/** Imports a file's text into a new store, and asks a projection as text for the states of partitions at the head. */
const folded = (page, file, source, partitions = [""]) =>
  inModule(
    page,
    async ({ EventStore }, { freshName }, { file, source, partitions }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      const bytes = Uint8Array.from(atob(file.base64), (char) => char.charCodeAt(0));
      await store.import(bytes, file.options);
      const timeline = await store.timeline({ name: "text", source });
      const states = [];
      for (const partition of partitions) states.push(await timeline.stateAt(store.head, partition));
      timeline.close();
      await store.close();
      return states;
    },
    { file, source, partitions },
  );

const fileOf = async (path, options) => ({ base64: (await readFile(path)).toString("base64"), options });

test("the projections that people write for KurrentDB, on its own samples and on a log of cases", async (t) => {
  const folder = realData(t, "kurrentdb");
  const receipt = realData(t, "process-logs/receipt.csv.gz");
  if (!folder || !receipt) return;
  const { page } = await openModule(t);
  const names = (await readdir(folder)).filter((name) => name.startsWith("shoppingCart"));
  // One file for each cart: their events, under a mapping that names the stream.
  const carts = [];
  for (const name of names.sort()) {
    const events = JSON.parse(await readFile(join(folder, name), "utf8"));
    for (const event of events) carts.push({ stream: name.replace(".json", ""), type: event.eventType, id: event.eventId, data: event.data, metadata: event.metadata });
  }
  const cartLog = { base64: Buffer.from(carts.map((event) => JSON.stringify(event)).join("\n")).toString("base64"), options: { format: "ndjson", order: "file" } };
  const receiptLog = await fileOf(receipt, { category: "receipt" });
  const expected = JSON.parse(await readFile(realData(t, "expected-receipt.json"), "utf8"));

  await t.test("events counted by type", async () => {
    const source = `fromAll().when({ $init: () => ({}), $any(state, event) { state[event.eventType] = (state[event.eventType] ?? 0) + 1 } })`;
    const model = {};
    for (const { type } of carts) model[type] = (model[type] ?? 0) + 1;
    assert.deepEqual(await folded(page, cartLog, source), [model]);
    const [counts] = await folded(page, receiptLog, source);
    assert.equal(Object.values(counts).reduce((sum, count) => sum + count, 0), 8_577);
    assert.deepEqual(counts, expected.activities ?? expected.counts ?? expected.activity_counts);
  });

  await t.test("a state for each stream", async () => {
    const source = `fromCategory("shoppingCart").foreachStream().when({
      $init() { return { items: [] } },
      ItemAdded(state, event) { state.items.push(event.body.Description); return state },
      $any(state) { return state },
    })`;
    const streams = [...new Set(carts.map(({ stream }) => stream))];
    const states = await folded(page, cartLog, source, streams);
    const model = streams.map((stream) => ({ items: carts.filter((event) => event.stream === stream && event.type === "ItemAdded").map(({ data }) => data.Description) }));
    assert.deepEqual(states, model);
  });

  await t.test("totals over all carts", async () => {
    const source = `fromAll().when({
      $init: () => ({ added: 0, carts: {} }),
      ItemAdded(state, event) {
        state.added += 1
        state.carts[event.streamId] = event.sequenceNumber
      },
    })`;
    const model = { added: 0, carts: {} };
    const numbers = {};
    for (const { stream, type } of carts) {
      numbers[stream] = (numbers[stream] ?? -1) + 1;
      if (type !== "ItemAdded") continue;
      model.added += 1;
      model.carts[stream] = numbers[stream];
    }
    assert.deepEqual(await folded(page, cartLog, source), [model]);
  });

  await t.test("a result made of each state, none where a filter leaves it out", async () => {
    const source = `fromCategory("shoppingCart").foreachStream().when({
      $init: () => ({ items: [] }),
      ItemAdded(state, event) { state.items.push(event.data.Description) },
    }).filterBy((state) => state.items.length > 1).transformBy((state) => ({ count: state.items.length, first: state.items[0] }))`;
    const items = new Map();
    for (const { stream, type, data } of carts) {
      if (type === "ItemAdded") items.set(stream, [...(items.get(stream) ?? []), data.Description]);
    }
    const result = (list) => (list.length > 1 ? { count: list.length, first: list[0] } : null);
    const model = Object.fromEntries([...items].map(([stream, list]) => [stream, result(list)]));
    const kinds = new Set(Object.values(model).map((value) => value === null));
    assert.equal(kinds.size, 2, "some carts are left out, and some are not");
    const results = await inModule(
      page,
      async ({ EventStore }, { freshName }, { file, source, streams }) => {
        const store = await EventStore.open(freshName(), { storage: "memory" });
        await store.import(Uint8Array.from(atob(file.base64), (char) => char.charCodeAt(0)), file.options);
        const projection = await store.project({ name: "carts", source });
        await projection.caughtUp();
        const found = {};
        for (const stream of streams) found[stream] = await projection.result(stream);
        await store.close();
        return found;
      },
      { file: cartLog, source, streams: [...items.keys()] },
    );
    assert.deepEqual(results, model);
  });

  await t.test("partitions by a member of the payload", async () => {
    const source = `fromAll().partitionBy((event) => event.data["org:resource"]).when({ $any: (state) => ({ count: (state.count ?? 0) + 1 }) })`;
    const counted = await inModule(
      page,
      async ({ EventStore }, { freshName }, { file, source }) => {
        const store = await EventStore.open(freshName(), { storage: "memory" });
        await store.import(Uint8Array.from(atob(file.base64), (char) => char.charCodeAt(0)), file.options);
        const model = {};
        for (const event of await store.readAll()) {
          const resource = event.data["org:resource"];
          if (resource) model[resource] = (model[resource] ?? 0) + 1;
        }
        const timeline = await store.timeline({ name: "resources", source });
        const found = {};
        for (const resource of Object.keys(model)) found[resource] = (await timeline.stateAt(store.head, resource)).count;
        const nobody = await timeline.stateAt(store.head, "nobody");
        timeline.close();
        await store.close();
        return { model, found, nobody: nobody === undefined };
      },
      { file: receiptLog, source },
    );
    assert.ok(Object.keys(counted.model).length > 10);
    assert.deepEqual(counted.found, counted.model);
    assert.equal(counted.nobody, true);
  });
});

test("a text answers as the same functions do, at every position", async (t) => {
  const { page } = await openModule(t);
  const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
    const store = await EventStore.open(freshName(), { storage: "memory" });
    let seed = 11;
    const random = (below) => (seed = (seed * 48271) % 2147483647) % below;
    const length = 1_500;
    for (let made = 0; made < length; made += 100) {
      await Promise.all(Array.from({ length: 100 }, () => {
        const [stream, type] = [`s-${random(3)}`, ["Put", "Taken", "Noted"][random(3)]];
        return store.append(stream, { type, data: { key: `k${random(6)}`, value: random(100) } });
      }));
    }
    const when = {
      Put: (state, event) => void (state[event.data.key] = event.data.value),
      Taken: (state, event) => void delete state[event.data.key],
    };
    const functions = await store.timeline({ name: "functions", initial: {}, when, partitionBy: "stream" });
    const source = `fromAll().foreachStream().when({
      Put: (state, event) => void (state[event.data.key] = event.data.value),
      Taken: (state, event) => void delete state[event.data.key],
    })`;
    const text = await store.timeline({ name: "text", source });
    const different = [];
    const same = async (ask, what) => {
      const [wanted, given] = [await ask(functions), await ask(text)].map((value) => JSON.stringify(value));
      if (wanted !== given) different.push({ what, wanted, given });
    };
    for (let turn = 0; turn < 250; turn++) {
      const [at, partition] = [random(length + 1), `s-${random(3)}`];
      await same((timeline) => timeline.stateAt(at, partition), `state at ${at}`);
    }
    for (let turn = 0; turn < 40; turn++) {
      const [a, b, partition, key] = [random(length + 1), random(length + 1), `s-${random(3)}`, `k${random(6)}`];
      await same((timeline) => timeline.diff(a, b, partition), `diff ${a} ${b}`);
      await same(async (timeline) => (await timeline.provenance(`/${key}`, a, partition))?.position, `provenance of ${key} at ${a}`);
      const direction = random(2) ? "forwards" : "backwards";
      const holds = (state) => (state[key] ?? 0) > 90;
      await same((timeline) => timeline.findFirst(holds, { from: a, direction, partition }), `first from ${a} ${direction}`);
    }
    // It grows with the log.
    await store.append("s-1", { type: "Put", data: { key: "last", value: 1 } });
    await same((timeline) => timeline.stateAt(store.head, "s-1"), "grown");
    text.close();
    const closed = await text.stateAt(1).catch((error) => error.code);
    await store.close();
    return { different: different.slice(0, 5), closed };
  });
  assert.deepEqual(seen, { different: [], closed: "aborted" });
});

test("payloads that are read late, and by handlers that catch whatever is thrown, are there for them", async (t) => {
  const { page } = await openModule(t);
  const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
    const store = await EventStore.open(freshName(), { storage: "memory" });
    let seed = 5;
    const random = (below) => (seed = (seed * 48271) % 2147483647) % below;
    const length = 40_000;
    for (let made = 0; made < length; made += 1_000) {
      const events = Array.from({ length: 1_000 }, (_, n) => ({ type: "Counted", data: { n: made + n, text: n % 5 ? "plain" : "żółw 🐢" }, metadata: { by: `who-${n % 9}` } }));
      await Promise.all([0, 1, 2, 3].map((stream) => store.append(`s-${stream}`, events.slice(stream * 250, stream * 250 + 250))));
    }
    const texts = {
      // Long after the first batch.
      late: `(state, event) => {
        state.count = (state.count ?? 0) + 1
        try {
          if (event.position === 30_000 || event.position > 39_990) state.read = [event.data.n, event.data.text]
        } catch {
          state.caught = true
        }
      }`,
      // The data first, and the metadata long after that; a handler that goes on without what it has asked for.
      later: `(state, event) => {
        state.count = (state.count ?? 0) + 1
        for (const [at, read] of [[20_000, () => event.data], [35_000, () => event.metadata]]) {
          if (event.position < at || event.position > at + 3) continue
          try { state[at] = read() } catch {}
        }
      }`,
    };
    const different = [];
    for (const [name, handler] of Object.entries(texts)) {
      const functions = await store.timeline({ name, initial: {}, when: { Counted: (0, eval)(handler) }, partitionBy: "stream" });
      const text = await store.timeline({ name, source: `fromAll().foreachStream().when({ $init: () => ({}), $any: ${handler} })` });
      const positions = [length, 17, 20_000, 20_001, 29_999, 30_000, 30_001, 35_002, ...Array.from({ length: 60 }, () => random(length))];
      for (const at of positions) {
        const partition = `s-${random(4)}`;
        const [wanted, given] = [JSON.stringify(await functions.stateAt(at, partition)), JSON.stringify(await text.stateAt(at, partition))];
        if (wanted !== given) different.push({ name, at, wanted, given });
      }
      text.close();
      functions.close();
    }
    // Where it fails is told of the payload that is there, not of one that was left out.
    const fails = await store.timeline({ name: "fails", source: "fromAll().when({ $any(state, event) { if (event.position === 33_333) event.data.none.such; return { at: event.position } } })" });
    const failed = await failure(fails.stateAt(length));
    const before = await fails.stateAt(33_332);
    fails.close();
    await store.close();
    return { different: different.slice(0, 5), failed: [failed.details.position, failed.message.includes("undefined")], before };
  });
  assert.deepEqual(seen, { different: [], failed: [33_333, true], before: { at: 33_332 } });
});

test("what is before a failure is right whatever the worker was sent behind it, and a state may read its event when it is looked at", async (t) => {
  const { page } = await openModule(t);
  const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
    const store = await EventStore.open(freshName(), { storage: "memory" });
    const counts = {};
    for (let made = 0; made < 4_200; made += 600) {
      for (const stream of ["a-0", "a-1", "a-2"]) {
        await store.append(stream, Array.from({ length: 200 }, () => ({ type: "A", data: {} })));
      }
    }
    // The batch behind the one that fails names streams and types for the first time.
    for (let stream = 0; stream < 300; stream += 1) await store.append(`b-${stream}`, Array.from({ length: 20 }, (_, n) => ({ type: `B${n}`, data: { stream } })));
    const text = await store.timeline({
      name: "fails",
      source: "fromAll().foreachStream().when({ $init: () => ({ n: 0 }), $any(state, event) { if (event.position === 3_700) throw new Error('no'); state.n += 1 } })",
    });
    const failed = await failure(text.stateAt(10_200, "a-1"));
    const different = [];
    for (const at of [5, 130, 777, 1_999, 3_000, 3_699]) {
      for (const [number, stream] of ["a-0", "a-1", "a-2"].entries()) {
        // Two hundred of one stream after two hundred of the one before.
        const wanted = Array.from({ length: at }, (_, n) => Math.floor(n / 200) % 3).filter((of) => of === number).length;
        const given = (await text.stateAt(at, stream))?.n ?? 0;
        if (wanted !== given) different.push({ at, stream, wanted, given });
      }
    }
    text.close();
    const reads = await store.timeline({
      name: "reads",
      source: "fromAll().foreachStream().when({ $any(state, event) { return { get stream() { return event.data.stream } } } })",
    });
    const late = [await reads.stateAt(10_200, "b-299"), await reads.stateAt(10_200, "a-2")];
    reads.close();
    await store.close();
    return { position: failed.details.position, different: different.slice(0, 5), late };
  });
  assert.deepEqual(seen, { position: 3_700, different: [], late: [{ stream: 299 }, {}] });
});

test("a text reaches nothing but its events", async (t) => {
  const { page, errors } = await openModule(t);
  const reached = [];
  const elsewhere = createServer((request, response) => {
    reached.push(request.url);
    response.writeHead(200, { "access-control-allow-origin": "*", "content-type": "text/javascript" }).end("export {}");
  });
  await new Promise((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
  t.after(() => elsewhere.close());
  const url = `http://127.0.0.1:${elsewhere.address().port}/module.js`;
  // The page itself reaches it.
  await page.evaluate((url) => fetch(url), url);
  assert.deepEqual(reached, ["/module.js"]);
  const asked = `
    const tried = {}
    const attempt = (name, act) => {
      try { const value = act(); tried[name] = value === undefined ? 'nothing' : 'reached' } catch (error) { tried[name] = error.name }
    }
    fromAll().when({ $any() {
      for (const name of ['fetch', 'WebSocket', 'XMLHttpRequest', 'EventSource', 'importScripts', 'indexedDB', 'caches', 'Worker',
        'postMessage', 'navigator', 'location', 'document', 'window', 'parent', 'crypto', 'setTimeout', 'performance', 'BroadcastChannel']) {
        tried[name] = typeof globalThis[name]
      }
      attempt('eval', () => eval('1'))
      attempt('Function', () => new Function('return 1')())
      attempt('constructor', () => (() => {}).constructor('return 1')())
      attempt('prototype', () => Object.getPrototypeOf(globalThis).fetch)
      Object.prototype.polluted = true
      Array.prototype.push = () => 'polluted'
      JSON.stringify = () => '"polluted"'
      return { tried }
    } })`;
  const seen = await inModule(
    page,
    async ({ EventStore }, { freshName, failure }, { asked, url }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      await store.append("a-1", Array.from({ length: 300 }, () => ({ type: "Asked" })));
      const timeline = await store.timeline({ name: "tries", source: asked });
      const { tried } = await timeline.stateAt(300);
      // What it has done to its own worker does the others no harm.
      const other = await store.timeline({ name: "other", source: "fromAll().when({ $any: (state) => ({ list: [...(state.list ?? []), 1] }) })" });
      const { list } = await other.stateAt(3);
      other.close();
      timeline.close();
      // Syntax that needs no name: the browser refuses it, and the state is a promise that is never waited for.
      const imports = await store.timeline({ name: "imports", source: `fromAll().when({ $any: () => { import(${JSON.stringify(url)}).catch(() => {}); return { asked: 1 } } })` });
      const imported = await imports.stateAt(1);
      await new Promise((resolve) => setTimeout(resolve, 300));
      imports.close();
      const promised = await store.timeline({ name: "promise", source: "fromAll().when({ $any: async () => 1 })" });
      const promise = await failure(promised.stateAt(1));
      promised.close();
      await store.close();
      const frames = document.querySelectorAll("iframe").length;
      return { tried, imported, promise, polluted: {}.polluted, list, frames };
    },
    { asked, url },
  );
  for (const [name, found] of Object.entries(seen.tried)) {
    assert.ok(["undefined", "nothing", "EvalError", "TypeError"].includes(found), `${name} is ${found}`);
  }
  assert.deepEqual([seen.imported, seen.polluted, seen.list, seen.frames], [{ asked: 1 }, undefined, [1, 1, 1], 0]);
  assert.match(seen.promise.message, /gave a promise/);
  assert.deepEqual(reached, ["/module.js"], "the text reached a server");
  // The browser says in the console what its policy refused.
  errors.splice(0, errors.length, ...errors.filter((error) => !/Content Security Policy|import/.test(error)));
});

test("a replayed state is the folded one: beginnings, shared states, odd names, split events", async (t) => {
  const { page } = await openModule(t);
  const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
    const store = await EventStore.open(freshName(), { storage: "memory" });
    const names = ["constructor", "__proto__", "toString", "7", "plain"];
    const events = Array.from({ length: 700 }, (_, n) => ({ type: "Counted", data: { n, name: names[n % names.length] }, time: Date.UTC(2026, 0, 1) + n * 1000 }));
    await store.append("a-1", events);
    const answers = {};
    const beginning = await store.timeline({ name: "beginning", source: "fromAll().when({ $init: () => ({ since: Date.now(), chance: Math.random(), n: 0 }), $any: (s) => { s.n++; s.last = Math.random() } })" });
    const [head, early, again] = [await beginning.stateAt(700), await beginning.stateAt(5), await beginning.stateAt(5)];
    answers.beginning = [head.since === events[0].time, early.since === head.since, early.chance === head.chance, early.last === again.last, early.n];
    beginning.close();
    const one = await store.timeline({ name: "one", source: "const empty = { units: 0 }; fromAll().partitionBy((e) => e.data.name).when({ $init: () => empty, $any: (s) => { s.units++ } })" });
    answers.apart = [];
    for (const name of names) answers.apart.push((await one.stateAt(700, name)).units);
    answers.provenance = (await one.provenance("/units", 700, "__proto__")).position;
    one.close();
    const source = `fromAll().partitionBy((e) => e.data.name).when({
      $initShared: () => ({ all: 0 }), $init: () => ({ own: 0 }),
      $any([own, shared]) { own.own++; shared.all++ },
    })`;
    const shared = await store.timeline({ name: "shared", source });
    answers.shared = [];
    for (const [at, name] of [[700, "constructor"], [333, "__proto__"], [1, "toString"], [13, "plain"]]) answers.shared.push((await shared.stateAt(at, name)) ?? "none");
    answers.found = await shared.findFirst((state) => state[0].own === 3, { partition: "plain" });
    shared.close();
    // A result that cannot be made, and whatever is thrown, leave the states alone.
    const thrower = await store.timeline({ name: "thrower", source: "fromAll().when({ $any: (s, e) => { if (e.position === 50) throw null; return { n: e.position } } }).transformBy(() => { throw null })" });
    answers.before = await thrower.stateAt(49);
    answers.thrown = (await failure(thrower.stateAt(60))).details.position;
    answers.after = await thrower.stateAt(12);
    thrower.close();
    const init = await store.timeline({ name: "init", source: "fromAll().partitionBy((e) => e.position < 20 ? 'a' : 'b').when({ $init() { if (Date.now() > 1767225615000) throw new Error('late'); return { n: 0 } }, $any: (s) => { s.n++ } })" });
    answers.init = [(await failure(init.stateAt(30))).details.position, (await init.stateAt(19, "a")).n];
    init.close();
    store.registerUpcaster({ type: "Counted", from: 1, upcast: (data) => data.n % 2 ? [{ type: "Odd", data }, { type: "Odd", data }] : [] });
    const split = await store.timeline({ name: "split", source: "fromAll().when({ $init: () => ({ n: 0 }), Odd: (s) => { s.n++ } })" });
    answers.split = [];
    for (const at of [700, 333, 2, 64, 128, 129, 130]) answers.split.push((await split.stateAt(at)).n);
    answers.splitFound = await split.findFirst((state) => state.n === 64);
    split.close();
    await store.close();
    return answers;
  });
  assert.deepEqual(seen, {
    beginning: [true, true, true, true, 5],
    apart: [140, 140, 140, 140, 140],
    provenance: 697,
    shared: [[{ own: 140 }, { all: 700 }], [{ own: 67 }, { all: 333 }], "none", [{ own: 2 }, { all: 13 }]],
    found: 15,
    before: { n: 49 },
    thrown: 50,
    after: { n: 12 },
    init: [20, 19],
    split: [700, 332, 2, 64, 128, 128, 130],
    splitFound: 64,
  });
});

test("a text that does not end stops itself alone, and says at which event", async (t) => {
  const { page } = await openModule(t);
  const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
    const store = await EventStore.open(freshName(), { storage: "memory" });
    await store.append("a-1", Array.from({ length: 500 }, (_, n) => ({ type: "Counted", data: { n } })));
    const good = await store.timeline({ name: "good", source: "fromAll().when({ $any: (state) => ({ count: (state.count ?? 0) + 1 }) })" });
    const endless = await store.timeline({ name: "endless", source: "fromAll().when({ $any(state, event) { state.n = (state.n ?? 0) + 1; while (state.n === 123) {} } })" });
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 20);
    const failed = await failure(endless.stateAt(500));
    clearInterval(timer);
    // It answers for what lies before.
    const before = [await endless.stateAt(122), (await failure(endless.stateAt(123))).details.position, await endless.stateAt(7)];
    const count = await good.stateAt(500);
    const compiled = await failure(store.timeline({ name: "loop", source: "for (;;) {}" }));
    good.close();
    endless.close();
    await store.close();
    return { failed, before, count, compiled, wentOn: turns > 2 };
  });
  assert.equal(seen.failed.code, "projection-failed");
  assert.equal(seen.failed.details.position, 123);
  assert.match(seen.failed.message, /did not come to an end/);
  assert.deepEqual(seen.before, [{ n: 122 }, 123, { n: 7 }]);
  assert.deepEqual(seen.count, { count: 500 });
  assert.match(seen.compiled.message, /did not come to an end/);
  assert.ok(seen.wentOn, "the page went on meanwhile");
});

test("what is wrong with a text is said with its line; clock and chance are those of the event", async (t) => {
  const { page } = await openModule(t);
  const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
    const store = await EventStore.open(freshName(), { storage: "memory" });
    const time = "2026-03-14T09:41:07.331Z";
    const id = "0f9fad5b-d9cb-469f-a165-70867728950e";
    await store.append("a-1", [{ type: "First", time, data: { n: 1 } }, { type: "Second", time, id, data: { n: 2 } }]);
    const faults = [];
    for (const source of [
      "fromAll().when({\n  $any(state) {\n    return state +\n  },\n})",
      "fromAll()",
      "nothingOfTheKind()",
      "fromAll().when({ $any: 1 })",
      "fromAll().fromAll()",
      "fromAll().when({\n  $created() {},\n})",
    ]) {
      faults.push(await failure(store.timeline({ name: "wrong", source })));
    }
    faults.push(await failure(store.timeline({ name: "both", source: "fromAll()", when: {} })));
    const ids = await store.timeline({ name: "ids", source: "fromAll().when({\n  First: (state, event) => ({ event }),\n  Second: (state, event) => ({ id: event.eventId }),\n})" });
    const { event } = await ids.stateAt(1);
    const known = (await ids.stateAt(2)).id === id;
    ids.close();
    const throws = await store.timeline({ name: "throws", source: "fromAll().when({\n  First: (state) => ({ ok: 1 }),\n  Second(state, event) {\n    return event.data.none.such\n  },\n})" });
    const before = await throws.stateAt(1);
    faults.push(await failure(throws.stateAt(2)));
    const again = await throws.stateAt(1);
    const source = "fromAll().when({ First: () => ({ now: Date.now(), iso: new Date().toISOString(), other: new Date(0).constructor.now(), real: Object.getOwnPropertyDescriptor(Date, 'now').value() - Date.now(), chance: [Math.random(), Math.random()] }) })";
    const states = [];
    for (let run = 0; run < 2; run++) {
      const timeline = await store.timeline({ name: "clock", source });
      states.push(await timeline.stateAt(1));
      timeline.close();
    }
    throws.close();
    await store.close();
    return { faults, before, again, states, event, known };
  });
  const [syntax, noHandlers, unknown, noFunction, noWord, created, both, thrown] = seen.faults;
  assert.match(created.message, /there is no handler \$created/);
  assert.deepEqual([seen.event.streamId, seen.event.eventType, seen.event.data], ["a-1", "First", { n: 1 }]);
  assert.ok(seen.known, "the id of an event is its own");
  assert.deepEqual([syntax.code, syntax.details.line], ["projection-failed", 4]);
  assert.match(noHandlers.message, /no handlers/);
  assert.match(unknown.message, /nothingOfTheKind is not defined/);
  assert.match(noFunction.message, /when\.\$any must be a function/);
  assert.equal(noFunction.details.line, 1, "of the text, not of what runs it");
  assert.match(noWord.message, /fromAll is not a function/);
  assert.deepEqual([both.code, both.details.member], ["invalid-input", "when"]);
  assert.deepEqual([thrown.details.position, thrown.details.line], [2, 4]);
  assert.deepEqual([seen.before, seen.again], [{ ok: 1 }, { ok: 1 }]);
  const [state, same] = seen.states;
  assert.deepEqual(state, same);
  const moment = Date.parse("2026-03-14T09:41:07.331Z");
  assert.deepEqual([state.now, state.iso, state.other, state.real], [moment, "2026-03-14T09:41:07.331Z", moment, 0]);
  assert.ok(state.chance[0] !== state.chance[1] && state.chance.every((value) => value >= 0 && value < 1));
});

test("a page whose policy forbids the sandbox says so soon", async (t) => {
  const page = (policy) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><title>module</title><link rel="icon" href="data:,">`;
  const texts = {
    "/scripts.html": page("script-src 'self' 'wasm-unsafe-eval'"),
    "/workers.html": page("script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; worker-src 'self'"),
  };
  const { page: tab, url, errors } = await openModule(t, { texts, path: "/scripts.html" });
  for (const path of Object.keys(texts)) {
    await tab.goto(url + path);
    const seen = await tab.evaluate(async () => {
      const { default: init, EventStore } = await import("/leftfold.js");
      await init();
      const store = await EventStore.open("policy", { storage: "memory" });
      await store.append("a-1", { type: "A" });
      const source = "fromAll().when({ $any: () => ({ ok: 1 }) })";
      const failed = [];
      for (const ask of ["timeline", "project"]) {
        await store[ask]({ name: "p", source }).catch(({ code, message }) => failed.push([code, message]));
      }
      // What needs no sandbox works.
      const functions = await store.timeline({ name: "f", when: { $any: () => ({ ok: 1 }) } });
      const state = await functions.stateAt(1);
      await store.close();
      return { failed, state, frames: document.querySelectorAll("iframe").length };
    });
    assert.deepEqual([seen.failed.length, seen.state, seen.frames], [2, { ok: 1 }, 0], path);
    for (const [code, message] of seen.failed) {
      assert.equal(code, "projection-failed");
      assert.match(message, /Content-Security-Policy|sandbox failed/, path);
    }
  }
  errors.splice(0, errors.length, ...errors.filter((error) => !/Content Security Policy/.test(error)));
});
