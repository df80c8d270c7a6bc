// The rest of the compiled code: when it is loaded, from where, and what is there without it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openModule } from "./harness.mjs";
import { inModule } from "./in-module.mjs";

const code = "**/leftfold_rest_bg.wasm";

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
  assert.deepEqual(requested(), ["/leftfold_rest.js", "/leftfold_rest_bg.wasm"]);
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
  const forms = ["bytes", "module", "address", "promise of a response"];
  for (const form of forms) {
    await page.reload();
    const events = await inModule(
      page,
      async ({ EventStore }, { freshName }, form) => {
        const address = String(new URL("/leftfold_rest_bg.wasm", location));
        const bytes = async () => (await fetch(address)).arrayBuffer();
        const given = {
          bytes,
          module: async () => WebAssembly.compile(await bytes()),
          address: () => address,
          "promise of a response": () => fetch(address),
        };
        const rest = await import("/leftfold_rest.js");
        const source = given[form]();
        await rest.default({ module_or_path: form === "promise of a response" ? source : await source });
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
