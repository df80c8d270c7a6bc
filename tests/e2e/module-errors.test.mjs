// Every code that a call can reject with, and arguments that nobody should give.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openModule } from "./harness.mjs";
import { inModule } from "./in-module.mjs";

test("errors", async (t) => {
  const { page } = await openModule(t);

  await t.test("LeftfoldError is an Error with a code, details and a name", async () => {
    const seen = await inModule(page, async ({ EventStore, LeftfoldError }) => {
      const error = await EventStore.open("").catch((error) => error);
      return {
        is: [error instanceof LeftfoldError, error instanceof Error, error.constructor === LeftfoldError],
        text: String(error),
        hasStack: error.stack.includes("LeftfoldError"),
        code: error.code,
        details: error.details,
        frozen: Object.isFrozen(error.details),
      };
    });
    assert.deepEqual(seen, {
      is: [true, true, true],
      text: "LeftfoldError: name: 1 to 255 bytes are expected, not 0",
      hasStack: true,
      code: "invalid-input",
      details: { member: "name" },
      frozen: true,
    });
  });

  await t.test("conflicts tell what was expected and what is", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      const id = "0190f3f0-1111-7222-8333-444455556666";
      await store.append("a-1", [{ type: "A", id, tags: ["t"] }, { type: "B" }]);
      const event = { type: "A" };
      const query = { items: [{ tags: ["t"] }] };
      const write = { stream: "b-1", events: [event] };
      return [
        await failure(store.append("a-1", event, { expectedVersion: 1 })),
        await failure(store.append("a-1", event, { expectedVersion: "no-stream" })),
        await failure(store.append("a-2", event, { expectedVersion: "stream-exists" })),
        await failure(store.commit({ writes: [write], checks: [{ stream: "a-1", expectedVersion: 7 }] })),
        await failure(store.commit({ writes: [write], conditions: [{ query: { items: [] } }, { query }] })),
        await failure(store.append("a-2", { type: "A", id })),
      ].map(({ code, details }) => [code, details]);
    });
    assert.deepEqual(seen, [
      ["wrong-expected-version", { stream: "a-1", expected: 1, actual: 2 }],
      ["wrong-expected-version", { stream: "a-1", expected: "no-stream", actual: 2 }],
      ["wrong-expected-version", { stream: "a-2", expected: "stream-exists", actual: 0 }],
      ["wrong-expected-version", { stream: "a-1", expected: 7, actual: 2 }],
      ["condition-failed", { condition: 1, position: 1 }],
      ["duplicate-event-id", { id: "0190f3f0-1111-7222-8333-444455556666", position: 1 }],
    ]);
  });

  await t.test("an argument that cannot be used is refused by the name of its member, and nothing is stored", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      const good = { type: "A" };
      const cycle = {};
      cycle.self = cycle;
      const thrower = {
        get type() {
          throw new Error("no type today");
        },
      };
      const fail = () => {
        throw new Error("no items today");
      };
      const throwsAt = function* (at) {
        for (let n = 0; n < at; n++) yield "A";
        fail();
      };
      const append = (event, options) => () => store.append("a-1", event, options);
      const commit = (commit, options) => () => store.commit(commit, options);
      const write = (more) => ({ writes: [{ stream: "a-1", events: [good], ...more }] });
      const cases = {
        "invalid-event": [
          [append(undefined), "events[0]"],
          [append(null), "events[0]"],
          [append("A"), "events[0]"],
          [append([good, 7]), "events[1]"],
          [append({}), "events[0]"],
          [append({ type: 7 }), "events[0].type"],
          [append({ type: "" }), "events[0].type"],
          [append({ type: "x".repeat(256) }), "events[0].type"],
          [append({ type: "a\u0000" }), "events[0].type"],
          [append({ type: "\ud800" }), "events[0].type"],
          [append([good, { type: "A", id: "no uuid" }]), "events[1].id"],
          [append({ type: "A", id: 7 }), "events[0].id"],
          [append({ type: "A", schemaVersion: 1.5 }), "events[0].schemaVersion"],
          [append({ type: "A", schemaVersion: -1 }), "events[0].schemaVersion"],
          [append({ type: "A", schemaVersion: NaN }), "events[0].schemaVersion"],
          [append({ type: "A", schemaVersion: 2 ** 32 }), "events[0].schemaVersion"],
          [append({ type: "A", schemaVersion: "1" }), "events[0].schemaVersion"],
          [append({ type: "A", time: "yesterday" }), "events[0].time"],
          [append({ type: "A", time: NaN }), "events[0].time"],
          [append({ type: "A", time: -Infinity }), "events[0].time"],
          [append({ type: "A", time: 1e300 }), "events[0].time"],
          [append({ type: "A", time: new Date(NaN) }), "events[0].time"],
          [append({ type: "A", time: new Date(8.64e15) }), "events[0].time"],
          [append({ type: "A", time: {} }), "events[0].time"],
          [append({ type: "A", metadata: [] }), "events[0].metadata"],
          [append({ type: "A", metadata: "m" }), "events[0].metadata"],
          [append({ type: "A", tags: "t" }), "events[0].tags"],
          [append({ type: "A", tags: [""] }), "events[0].tags"],
          [append({ type: "A", tags: ["a", 7] }), "events[0].tags[1]"],
          [append({ type: "A", tags: Array.from({ length: 129 }, (_, at) => `t${at}`) }), "events[0].tags"],
          [append({ type: "A", data: () => 1 }), "events[0].data"],
          [append({ type: "A", data: Symbol("s") }), "events[0].data"],
          [append({ type: "A", data: new Uint16Array(2) }), "events[0].data"],
          [append({ type: "A", data: new ArrayBuffer(2) }), "events[0].data"],
          [append({ type: "A", data: new Uint8Array(16 * 1024 * 1024 + 1) }), "events[0].data"],
          [append({ type: "A", data: 7n }), undefined],
          [append({ type: "A", data: cycle }), undefined],
          [append(thrower), undefined],
          [commit(write({ events: [good, { type: 7 }] })), "writes[0].events[1].type"],
          [commit(write({ events: [good, { type: "A", id: "x" }] })), "writes[0].events[1].id"],
        ],
        "invalid-commit": [
          [() => store.append(7, good), "stream"],
          [() => store.append("", good), "stream"],
          [() => store.append("a-\ud800", good), "stream"],
          [() => store.append("x".repeat(513), good), "stream"],
          [append([]), undefined],
          [append(good, 7), "options"],
          [append(good, "any"), "options"],
          [append(good, { expectedVersion: -1 }), "expectedVersion"],
          [append(good, { expectedVersion: 1.5 }), "expectedVersion"],
          [append(good, { expectedVersion: NaN }), "expectedVersion"],
          [append(good, { expectedVersion: Infinity }), "expectedVersion"],
          [append(good, { expectedVersion: 2 ** 53 }), "expectedVersion"],
          [append(good, { expectedVersion: "1" }), "expectedVersion"],
          [append(good, { expectedVersion: {} }), "expectedVersion"],
          [append(good, { durability: "eventual" }), "durability"],
          [append(good, { durability: 7 }), "durability"],
          [commit(undefined), undefined],
          [commit([]), undefined],
          [commit({}), "commit"],
          [commit({ writes: [] }), undefined],
          [commit({ writes: "all" }), "writes"],
          [commit({ writes: [null] }), "writes[0]"],
          [commit(write({ events: [] })), undefined],
          [commit(write({ events: good })), "writes[0].events"],
          [commit(write({ stream: 7 })), "writes[0].stream"],
          [commit(write({ stream: "" })), "writes[0].stream"],
          [commit(write({ expectedVersion: 0.5 })), "writes[0].expectedVersion"],
          [commit(write({ expectedVersion: NaN })), "writes[0].expectedVersion"],
          [commit({ writes: [write().writes[0], write().writes[0]] }), undefined],
          [commit({ ...write(), checks: [{ stream: "b-1", expectedVersion: "no" }] }), "checks[0].expectedVersion"],
          [commit({ ...write(), checks: 7 }), "checks"],
          [commit(write(), { durability: null, unknown: 7 }), null],
        ],
        "invalid-query": [
          [commit({ ...write(), conditions: [{}] }), "conditions[0]"],
          [commit({ ...write(), conditions: [{ query: { items: [{ types: [""] }] } }] }), "conditions[0].query.items[0].types[0]"],
          [commit({ ...write(), conditions: [{ query: { items: [] }, after: -1 }] }), "conditions[0].after"],
          [commit({ ...write(), conditions: [{ query: { items: [] }, after: NaN }] }), "conditions[0].after"],
          [() => store.streamVersion(7), "stream"],
          [() => store.streamVersion(""), "stream"],
          [() => store.streams({ limit: -1 }), "limit"],
          [() => store.streams({ category: 7 }), "category"],
          [() => store.streams("order"), "options"],
          [() => store.readStream(), "stream"],
          [() => store.readStream("a-\udc00b"), "stream"],
          [() => store.readStream("a-1", { from: 1.5 }), "from"],
          [() => store.readStream("a-1", { direction: "up" }), "direction"],
          [() => store.readAll({ from: -1 }), "from"],
          [() => store.readAll({ to: NaN }), "to"],
          [() => store.readAll({ limit: 2 ** 53 }), "limit"],
          [() => store.readAll({ limit: "10" }), "limit"],
          [() => store.readAll({ query: [] }), "query"],
          [() => store.readAll({ query: { items: {} } }), "query.items"],
          [() => store.readAll({ query: { items: [{ streams: ["a-1", "a-\ud800"] }] } }), "query.items[0].streams[1]"],
          [() => store.readAll({ query: { items: throwsAt(0) } }), "query.items[0]"],
          [() => store.readAll({ query: { items: [{ types: throwsAt(1) }] } }), "query.items[0].types[1]"],
          [() => store.readAll({ query: { items: { [Symbol.iterator]: () => fail() } } }), "query.items"],
          [() => store.readAll({ query: { items: [7] } }), "query.items[0]"],
          [() => store.readAll({ query: { items: [{}, { tags: [7] }] } }), "query.items[1].tags[0]"],
          [() => store.readAll({ query: { items: [{ streams: ["a-1", ""] }] } }), "query.items[0].streams[1]"],
          [() => store.readAll({ query: { items: Array.from({ length: 1001 }, () => ({})) } }), "query"],
          [() => store.readAll({ fromTime: "soon" }), "fromTime"],
          [() => store.readAll({ toTime: new Date(NaN) }), "toTime"],
          [() => store.read({ from: -1 }), "from"],
          [() => store.positionAt(), "time"],
          [() => store.positionAt("soon"), "time"],
          [() => store.subscribe(() => {}, { query: { items: [{ types: [""] }] } }), "query.items[0].types[0]"],
        ],
        "invalid-input": [
          [() => EventStore.open(), "name"],
          [() => EventStore.open("x".repeat(256)), "name"],
          [() => EventStore.open("\ud800"), "name"],
          [() => EventStore.open("x", { storage: "disk" }), "storage"],
          [() => EventStore.open("x", { durability: true }), "durability"],
          [() => EventStore.open("x", 7), "options"],
          [() => EventStore.delete(7), "name"],
          [() => store.subscribe(), "handler"],
          [() => store.subscribe({}), "handler"],
          [() => store.subscribe(() => {}, { from: -1 }), "from"],
          [() => store.subscribe(() => {}, { from: "middle" }), "from"],
          [() => store.subscribe(() => {}, { onError: 7 }), "onError"],
          [() => store.subscribe(() => {}, { onCaughtUp: "yes" }), "onCaughtUp"],
          [() => store.import(), "source"],
          [() => store.import(new Uint16Array(2)), "source"],
          [() => store.import("", { order: "random" }), "order"],
          [() => store.import("", { onInvalid: 7 }), "onInvalid"],
          [() => store.import("", { mapping: { stream: 7 } }), "mapping.stream"],
          [() => store.import("", { onProgress: 7 }), "onProgress"],
          [() => store.import("", { signal: {} }), "signal"],
        ],
      };
      const wrong = [];
      for (const [code, calls] of Object.entries(cases)) {
        for (const [call, member] of calls) {
          if (member === null) {
            // Unknown members and nulls for nothing are no mistake.
            await call();
            continue;
          }
          const found = await failure(call).catch((error) => ({ message: String(error), details: {} }));
          if (found.code !== code || found.details.member !== member || found.message.length < 10) {
            wrong.push({ call: String(call), expected: [code, member], found });
          }
        }
      }
      return { wrong, head: store.head };
    });
    assert.deepEqual(seen, { wrong: [], head: 1 });
  });

  await t.test("messages say what was expected", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      const tags = Array.from({ length: 129 }, (_, at) => `t${at}`);
      const found = [
        await failure(store.readAll({ limit: 1.5 })),
        await failure(store.readAll({ direction: "up" })),
        await failure(store.append("a-1", { type: 7 })),
        await failure(store.append("a-1", { type: "A" }, { expectedVersion: "none" })),
        await failure(store.append("a-1", { type: "A", tags })),
      ];
      return found.map(({ message, details: { member, ...details } }) => [message, details]);
    });
    assert.deepEqual(seen, [
      ["limit: invalid value: floating point `1.5`, expected an integer from 0 to 9007199254740991", {}],
      ["direction: unknown variant `up`, expected `forwards` or `backwards`", {}],
      ["events[0].type: invalid type: integer `7`, expected a string", {}],
      [
        'expectedVersion: invalid value: string "none", expected "any", "no-stream", "stream-exists" or a stream version',
        {},
      ],
      ["events[0].tags: the event has 129 tags; at most 128 are allowed", { what: "tags", limit: 128, actual: 129 }],
    ]);
  });

  await t.test("options of whatever kind of object are read, and any text that is one", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      const frame = document.body.appendChild(document.createElement("iframe"));
      const bare = (members) => Object.assign(Object.create(null), members);
      const module = await import(URL.createObjectURL(new Blob(["export const from = 2;"], { type: "text/javascript" })));
      const names = ["a-\ufffd", "a-\u{1f6d2}\ufffd"];
      for (const name of names) await store.append(name, { type: "A" }, bare({ expectedVersion: "no-stream" }));
      const counts = [];
      const { eval: evalThere } = frame.contentWindow;
      const query = bare({ items: [bare({ streams: new Set(["a-\ufffd"]) })] });
      for (const options of [bare({ from: 2 }), evalThere("({ from: 2 })"), module, { query }]) {
        counts.push((await store.readAll(options)).map((event) => event.stream));
      }
      frame.remove();
      return { names, counts };
    });
    const [first, second] = seen.names;
    assert.deepEqual(seen.counts, [[second], [second], [second], [first]]);
  });

  await t.test("a closed handle says so to every call", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
      const store = await EventStore.open(freshName());
      await store.append("a-1", { type: "A" });
      await store.close();
      await store.close();
      const calls = [
        () => store.append("a-1", { type: "A" }),
        () => store.commit({ writes: [{ stream: "a-1", events: [{ type: "A" }] }] }),
        () => store.streamVersion("a-1"),
        () => store.streams(),
        () => store.readStream("a-1"),
        () => store.readAll(),
        () => store.read().next(),
        () => store.positionAt(0),
        () => store.import('{"stream":"a-1","type":"A"}'),
        () => store.verify(),
        () => store.stats(),
      ];
      const found = [];
      for (const call of calls) found.push(await failure(call));
      await EventStore.delete(store.name);
      return { codes: found.map(({ code, details }) => `${code} ${details.because}`), name: store.name.length, head: store.head };
    });
    assert.deepEqual(seen, { codes: Array(11).fill("storage-closed closed-here"), name: 41, head: 1 });
  });

  await t.test("damage, a newer format and another tab that holds on", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
      const request = (request) =>
        new Promise((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      /** Changes one byte of a record beneath a store of one event. */
      const damaged = async (table, key, offset) => {
        const name = freshName();
        const store = await EventStore.open(name);
        await store.append("a-1", { type: "A", data: "something" });
        await store.close();
        const database = await request(indexedDB.open(`leftfold:${name}`));
        const objects = database.transaction(table, "readwrite").objectStore(table);
        const bytes = new Uint8Array(await request(objects.get(key)));
        bytes[offset] ^= 0x40;
        await request(objects.put(bytes, key));
        database.close();
        return name;
      };
      const newer = await damaged("meta", "store", 8);
      const corrupt = await damaged("log", 1, 40);
      const found = [await failure(EventStore.open(newer)), await failure(EventStore.open(corrupt))];
      const held = await damaged("meta", "store", 8);
      const holder = await request(indexedDB.open(`leftfold:${held}`));
      found.push(await failure(EventStore.delete(held)));
      holder.close();
      for (const name of [newer, corrupt, held]) await EventStore.delete(name);
      return { held, found: found.map(({ code, details }) => [code, details]) };
    });
    assert.deepEqual(seen.found, [
      ["newer-format", { found: 65, supported: 1 }],
      ["corrupt", { position: 1 }],
      ["storage-blocked", { store: seen.held }],
    ]);
  });

  await t.test("a place without IndexedDB says so, and memory still works", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
      Object.defineProperty(globalThis, "indexedDB", { value: undefined, configurable: true });
      try {
        const name = freshName();
        const found = [await failure(EventStore.open(name)), await failure(EventStore.list()), await failure(EventStore.delete(name))];
        const store = await EventStore.open(name, { storage: "memory" });
        await store.append("a-1", { type: "A" });
        return { codes: found.map(({ code }) => code), head: store.head };
      } finally {
        delete globalThis.indexedDB;
      }
    });
    assert.deepEqual(seen, { codes: Array(3).fill("storage-unavailable"), head: 1 });
  });
});

test("a full disk loses nothing that was stored, and the store goes on when there is room", async (t) => {
  const { page, context, url } = await openModule(t);
  const devtools = await context.newCDPSession(page);
  const origin = new URL(url).origin;
  const name = `test-${crypto.randomUUID()}`;
  const store = (run) => inModule(page, run, name);
  // Before the first byte: the browser remembers for a while how much room it has seen.
  await devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1_000_000 });
  await store(async ({ EventStore }, _, name) => {
    globalThis.kept = await EventStore.open(name);
    await globalThis.kept.append("a-1", { type: "A" });
  });
  // It looks at the room now and then, not before every byte: more may fit than the quota says.
  const full = await store(async ({ LeftfoldError }) => {
    for (let stored = 1; stored < 1_000; ) {
      try {
        await globalThis.kept.append("a-1", { type: "A", data: new Uint8Array(60_000) });
        stored++;
      } catch (error) {
        if (!(error instanceof LeftfoldError)) throw error;
        return { code: error.code, reason: error.details.reason, stored };
      }
    }
    return "never full";
  });
  await devtools.send("Storage.overrideQuotaForOrigin", { origin });
  const after = await store(async ({ EventStore }, { until }, name) => {
    const goesOn = () =>
      globalThis.kept.append("a-1", { type: "B" }, { expectedVersion: globalThis.kept.head }).then(
        () => true,
        (error) => error.code !== "quota-exceeded",
      );
    await until(goesOn);
    await globalThis.kept.close();
    const again = await EventStore.open(name);
    const types = (await again.readAll()).map((event) => event.type);
    const { ok } = await again.verify();
    await again.close();
    await EventStore.delete(name);
    return { types, ok };
  });
  assert.equal(full.code, "quota-exceeded");
  assert.ok(full.reason.length > 0);
  assert.deepEqual(after, { types: [...Array(full.stored).fill("A"), "B"], ok: true });
});
