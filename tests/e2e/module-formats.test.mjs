// The second module, which reads files: when it is loaded, and when it cannot be.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openModule } from "./harness.mjs";
import { inModule } from "./in-module.mjs";

test("what reads files is loaded with the first import, once, and an import without it stores nothing and can be tried again", async (t) => {
  const { page, errors } = await openModule(t);
  const requested = [];
  page.on("request", (request) => requested.push(new URL(request.url()).pathname));
  const code = "**/leftfold_formats_bg.wasm";
  await page.route(code, (route) => route.abort());
  const name = await inModule(page, async ({ EventStore }, { freshName }) => {
    const store = await EventStore.open(freshName());
    await store.append("a-1", { type: "A" });
    await store.export({ format: "csv" });
    await store.close();
    return store.name;
  });
  assert.deepEqual(requested.filter((path) => path.includes("formats")), []);

  const importing = async ({ EventStore }, _, name) => {
    const store = await EventStore.open(name);
    const rows = '{"stream":"a-1","type":"B","time":"2026-01-02T03:04:05Z"}\n{"stream":"a-2","type":"B","time":"2026-01-01T03:04:05Z"}\n';
    const imports = Array.from({ length: 3 }, () => store.import(rows));
    const done = await Promise.all(imports.map((one) => one.then(({ events, duplicates }) => [events, duplicates], ({ code }) => code)));
    const head = store.head;
    await store.close();
    return { done, head };
  };
  const failed = await inModule(page, importing, name);
  assert.deepEqual(failed, { done: ["aborted", "aborted", "aborted"], head: 1 });
  // The browser has logged the request that failed.
  assert.equal(errors.splice(0).every((error) => error.includes("ERR_FAILED")), true);

  await page.unroute(code);
  const before = requested.length;
  const { done, head } = await inModule(page, importing, name);
  // Several at once are judged when they are stored: one of them stores, the others find that it has.
  assert.deepEqual(done.toSorted(), [[0, 2], [0, 2], [2, 0]]);
  assert.equal(head, 3);
  assert.deepEqual(requested.slice(before).filter((path) => path.includes("formats_bg")), ["/leftfold_formats_bg.wasm"]);
});

test("when the module that reads files cannot be loaded, an import says that reloading the page may be needed", async (t) => {
  const { page, errors } = await openModule(t);
  await page.route("**/leftfold_formats.js", (route) => route.abort(), { times: 1 });
  const told = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
    const store = await EventStore.open(freshName(), { storage: "memory" });
    const told = await failure(store.import('{"stream":"a-1","type":"A"}'));
    return { ...told, head: store.head };
  });
  assert.deepEqual([told.code, told.head], ["aborted", 0]);
  assert.match(told.message, /^the code that reads files could not be loaded; if it cannot be a second time, reload the page: /);
  assert.equal(errors.splice(0).every((error) => error.includes("ERR_FAILED")), true);
});
