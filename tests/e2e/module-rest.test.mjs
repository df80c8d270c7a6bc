// The rest of the compiled code: when it is loaded, from where, and what is there without it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openModule } from "./harness.mjs";
import { inModule } from "./in-module.mjs";

const code = "**/leftfold_rest_bg.wasm";

/** Answers with the code of another build: the mark is the last thing in it. */
async function answerForeign(route) {
  const body = await (await route.fetch()).body();
  body[body.length - 1] ^= 1;
  await route.fulfill({ body, contentType: "application/wasm" });
}

/** Holds back what is asked for, until `release` is called. */
async function holdBack(page) {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  const asked = page.waitForRequest(code);
  await page.route(code, async (route) => {
    await released;
    await route.continue();
  });
  return { asked, release };
}

/** The files of the rest that a page asks for from now on. */
function asked(page) {
  const paths = [];
  page.on("request", (request) => paths.push(new URL(request.url()).pathname));
  return () => paths.filter((path) => path.includes("rest"));
}

test("what an application does at its start loads the first part alone; the rest is loaded with the first call that needs it, once", async (t) => {
  const { page } = await openModule(t);
  const requested = asked(page);
  const name = await inModule(page, async ({ EventStore }, { freshName, failure, until }) => {
    const store = await EventStore.open(freshName());
    store.registerUpcaster({ type: "A", from: 1, upcast: (data) => data });
    await store.append("a-1", [{ type: "A", data: 1 }, { type: "A" }], { expectedVersion: "no-stream" });
    await store.commit({ writes: [{ stream: "a-2", events: [{ type: "A" }] }], conditions: [{ query: { items: [] } }] });
    await failure(store.append("a-1", { type: "A" }, { expectedVersion: 7 }));
    await failure(store.append("a-1", { type: 7 }));
    for await (const event of store.read()) void event;
    await store.readAll({ query: { items: [{ types: ["A"] }] } });
    await store.readStream("a-1");
    await store.streamVersion("a-1");
    await store.positionAt(Date.now());
    let handled = 0;
    store.subscribe(() => void handled++);
    await until(() => handled === 3);
    await store.close();
    return store.name;
  });
  assert.deepEqual(requested(), []);

  const seen = await inModule(
    page,
    async ({ EventStore }, _, name) => {
      const store = await EventStore.open(name);
      const count = { name: "count", initial: 0, when: { A: (count) => count + 1 } };
      const [live, timeline, found] = await Promise.all([store.project(count), store.timeline(count), store.verify()]);
      await live.caughtUp();
      const states = [await live.state(), await timeline.stateAt(2), found.ok];
      await store.close();
      await EventStore.delete(name);
      return states;
    },
    name,
  );
  assert.deepEqual(seen, [3, 2, true]);
  assert.deepEqual(requested(), ["/leftfold_rest_bg.wasm"]);
});

test("without the rest what needs it says so, all else goes on, and it is asked for again", async (t) => {
  const { page, errors } = await openModule(t);
  await page.route(code, (route) => route.abort());
  const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
    const store = await EventStore.open(freshName());
    // So much that there is something to seal, several times.
    const data = "x".repeat(300_000);
    for (let n = 0; n < 4; n++) await store.append("a-1", { type: "A", data });
    const count = { name: "count", initial: 0, when: { A: (count) => count + 1 } };
    const calls = [
      () => store.project(count),
      () => store.timeline(count),
      () => store.verify(),
      () => store.stats(),
      () => store.streams(),
      () => store.export(),
      () => store.import(""),
      () => EventStore.list(),
      () => EventStore.open("x", { storage: "memory" }),
    ];
    const failures = [];
    for (const call of calls) failures.push(await failure(call));
    await store.append("a-1", { type: "A" });
    const events = await store.readAll();
    return { name: store.name, failures, events: events.length };
  });
  assert.deepEqual(seen.failures.map(({ code }) => code), Array(9).fill("aborted"));
  assert.match(seen.failures[0].message, /^the rest of the code could not be loaded: /);
  assert.equal(seen.events, 5);
  assert.ok(errors.length > 0);
  assert.equal(errors.splice(0).every((error) => error.includes("ERR_FAILED")), true);

  await page.unroute(code);
  const stats = await inModule(
    page,
    async ({ EventStore }, { until }, name) => {
      const store = await EventStore.open(name);
      // What could not be sealed is sealed by the next handle.
      await until(async () => (await store.stats()).segments > 0);
      const { events } = await store.stats();
      await store.close();
      await EventStore.delete(name);
      return { events };
    },
    seen.name,
  );
  assert.deepEqual(stats, { events: 5 });
});

test("code of another build is refused before it touches anything, and what is right is taken later", async (t) => {
  const { page } = await openModule(t);
  const requested = asked(page);
  await page.route(code, answerForeign);
  const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
    globalThis.kept = await EventStore.open(freshName());
    await kept.append("a-1", { type: "A" });
    const told = await failure(kept.stats());
    await kept.append("a-1", { type: "A" }, { expectedVersion: 1 });
    return { told, events: (await kept.readAll()).length };
  });
  assert.equal(seen.told.code, "aborted");
  assert.match(seen.told.message, /: Error: another version of the package is on the server; reload the page$/);
  assert.equal(seen.events, 2);
  // The second time past what the browser may have kept.
  assert.deepEqual(requested(), ["/leftfold_rest_bg.wasm", "/leftfold_rest_bg.wasm"]);

  await page.unroute(code);
  const stats = await inModule(page, async ({ EventStore }) => {
    const { events } = await kept.stats();
    await kept.close();
    await EventStore.delete(kept.name);
    return events;
  });
  assert.equal(stats, 2);
});

test("code that the browser has kept from an earlier build is asked for anew", async (t) => {
  const { page } = await openModule(t);
  const requested = asked(page);
  await page.route(code, answerForeign, { times: 1 });
  const events = await inModule(page, async ({ EventStore }, { freshName }) => {
    const store = await EventStore.open(freshName(), { storage: "memory" });
    await store.append("a-1", { type: "A" });
    return (await store.stats()).events;
  });
  assert.equal(events, 1);
  assert.deepEqual(requested(), ["/leftfold_rest_bg.wasm", "/leftfold_rest_bg.wasm"]);
});

test("two programs from one folder each have the rest", async (t) => {
  const { page } = await openModule(t);
  const events = await inModule(page, async ({ EventStore }, { freshName }) => {
    const second = await import("/leftfold.js?second");
    await second.default();
    const counts = [];
    for (const program of [EventStore, second.EventStore, EventStore]) {
      const store = await program.open(freshName(), { storage: "memory" });
      await store.append("a-1", { type: "A" });
      counts.push((await store.stats()).events);
    }
    return counts;
  });
  assert.deepEqual(events, [1, 1, 1]);
});

test("whoever seals asks for the lock once the code is there, and waits for neither when the handle is let go", async (t) => {
  const { page } = await openModule(t);
  const held = await holdBack(page);
  const name = await inModule(page, async ({ EventStore }, { freshName }) => {
    globalThis.kept = await EventStore.open(freshName());
    // Two: what was appended last is not sealed.
    for (let n = 0; n < 2; n++) await kept.append("a-1", { type: "A", data: "x".repeat(300_000) });
    return kept.name;
  });
  await held.asked;
  const locks = () =>
    page.evaluate(async (name) => {
      const { held, pending } = await navigator.locks.query();
      return [...held, ...pending].map((lock) => lock.name).filter((lock) => lock.startsWith(`leftfold:${name}:`));
    }, name);
  assert.deepEqual((await locks()).filter((lock) => lock.endsWith(":seal")), []);
  assert.ok((await locks()).length > 0);

  // Not closed, only let go: as by the collector of garbage.
  await inModule(page, async (_, { until }, name) => {
    kept.free();
    const isFree = async () => !(await navigator.locks.query()).held.some((lock) => lock.name.startsWith(`leftfold:${name}:`));
    await until(isFree);
  }, name);

  held.release();
  const segments = await inModule(
    page,
    async ({ EventStore }, { until }, name) => {
      const store = await EventStore.open(name);
      await until(async () => (await store.stats()).segments > 0);
      const { segments } = await store.stats();
      await store.close();
      await EventStore.delete(name);
      return segments;
    },
    name,
  );
  assert.equal(segments, 1);
});

test("a handle that could not load the code to seal with asks once, and seals when a call has loaded it", async (t) => {
  const { page, errors } = await openModule(t);
  const requested = asked(page);
  await page.route(code, (route) => route.abort());
  const failed = page.waitForEvent("requestfailed");
  await inModule(page, async ({ EventStore }, { freshName }) => {
    globalThis.kept = await EventStore.open(freshName());
    for (let n = 0; n < 2; n++) await kept.append("a-1", { type: "A", data: "x".repeat(300_000) });
  });
  await failed;
  await inModule(page, async () => {
    for (let n = 0; n < 5; n++) {
      await kept.append("a-1", { type: "A" });
      // Longer than a handle waits for a pause between appends before it seals.
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
  });
  assert.equal(requested().length, 1);
  assert.equal(errors.splice(0).every((error) => error.includes("ERR_FAILED")), true);

  await page.unroute(code);
  const before = await inModule(page, async () => (await kept.stats()).segments);
  assert.equal(before, 0);
  const events = await inModule(page, async ({ EventStore }, { until }) => {
    await kept.append("a-1", { type: "A" });
    await until(async () => (await kept.stats()).segments > 0);
    const { events } = await kept.stats();
    await kept.close();
    await EventStore.delete(kept.name);
    return events;
  });
  assert.equal(events, 8);
  assert.equal(requested().length, 2);
});

test("an export ends at the head as it was when it was asked for, however long the code takes", async (t) => {
  const { page } = await openModule(t);
  const held = await holdBack(page);
  const exporting = inModule(page, async ({ EventStore }, { freshName, until }) => {
    const store = await EventStore.open(freshName());
    await store.append("a-1", [{ type: "A" }, { type: "A" }]);
    const exports = [{}, { from: 3 }, { from: 2, to: 9 }].map((options) => store.export({ format: "ndjson", ...options }));
    await until(() => globalThis.isAsked);
    await store.append("a-1", { type: "A" });
    globalThis.isAppended = true;
    const lines = [];
    for (const exported of exports) lines.push((await (await exported).text()).split("\n").length - 1);
    await store.close();
    await EventStore.delete(store.name);
    return lines;
  });
  await held.asked;
  await page.evaluate(() => (globalThis.isAsked = true));
  await page.waitForFunction(() => globalThis.isAppended);
  held.release();
  assert.deepEqual(await exporting, [2, 0, 1]);
});

test("what is changed in an argument while the rest is loaded changes nothing", async (t) => {
  const { page } = await openModule(t);
  const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
    const store = await EventStore.open(freshName());
    await store.append("a-1", [{ type: "A" }, { type: "B" }]);
    const definition = { name: "count", query: { items: [{ types: ["A"] }] }, initial: { n: 0 }, when: { A: (s) => ({ n: s.n + 1 }) } };
    const timeline = store.timeline(definition);
    definition.query.items[0].types.push("B");
    definition.initial.n = 100;
    definition.when.A = () => ({ n: -1 });
    const options = { format: "ndjson", to: 1 };
    const exported = store.export(options);
    options.to = 2;
    const state = await (await timeline).stateAt(2);
    const lines = (await (await exported).text()).trim().split("\n").length;
    await store.close();
    await EventStore.delete(store.name);
    return { state, lines };
  });
  assert.deepEqual(seen, { state: { n: 1 }, lines: 1 });
});

test("the rest can be given from elsewhere, as bytes, a compiled module, an address or a response, before it is needed", async (t) => {
  const { page } = await openModule(t);
  const requested = asked(page);
  const forms = ["bytes", "module", "address", "promise of a response", "address alone", "promise alone"];
  for (const form of forms) {
    await page.reload();
    const events = await inModule(
      page,
      async ({ EventStore }, { freshName }, form) => {
        const address = String(new URL("/leftfold_rest_bg.wasm", location));
        const bytes = async () => (await fetch(address)).arrayBuffer();
        const given = {
          bytes: async () => ({ module_or_path: await bytes() }),
          module: async () => ({ module_or_path: await WebAssembly.compile(await bytes()) }),
          address: () => ({ module_or_path: address }),
          "promise of a response": () => ({ module_or_path: fetch(address) }),
          // As `init` takes them too.
          "address alone": () => address,
          "promise alone": () => fetch(address),
        };
        const rest = await import("/leftfold_rest.js");
        const source = given[form]();
        await rest.default(form.startsWith("promise") ? source : await source);
        const store = await EventStore.open(freshName(), { storage: "memory" });
        await store.append("a-1", { type: "A" });
        return (await store.stats()).events;
      },
      form,
    );
    assert.equal(events, 1, form);
  }
  // Each time by the test, and never again by the module.
  assert.equal(requested().filter((path) => path.endsWith(".wasm")).length, forms.length);
});

test("loaded early it is asked for once, however often that is said", async (t) => {
  const { page } = await openModule(t);
  const requested = asked(page);
  await inModule(page, async ({ EventStore }, { freshName }) => {
    const rest = await import("/leftfold_rest.js");
    await Promise.all([rest.default(), rest.default()]);
    await rest.default({});
    const store = await EventStore.open(freshName(), { storage: "memory" });
    await store.stats();
  });
  assert.equal(requested().filter((path) => path.endsWith(".wasm")).length, 1);
});

test("a server that names the encoding of the code beside its type is as good as another", async (t) => {
  const { page } = await openModule(t);
  await page.route(code, async (route) => {
    const body = await (await route.fetch()).body();
    await route.fulfill({ body, contentType: "application/wasm; charset=utf-8" });
  });
  const events = await inModule(page, async ({ EventStore }, { freshName }) => {
    const store = await EventStore.open(freshName(), { storage: "memory" });
    await store.append("a-1", { type: "A" });
    return (await store.stats()).events;
  });
  assert.equal(events, 1);
});
