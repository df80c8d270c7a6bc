// Exporting from JavaScript: formats, parts of a log, progress, cancelling, and the way back.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openModule } from "./harness.mjs";
import { inModule } from "./in-module.mjs";

test("export", async (t) => {
  const { page } = await openModule(t);

  await t.test("a log comes back equal, and an altered file is refused whole", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
      const memory = () => EventStore.open(freshName(), { storage: "memory" });
      const [first, second, third] = [await memory(), await memory(), await memory()];
      await first.append("order-7", [
        { type: "Placed", data: { note: "5 \u20ac\n" }, tags: ["sku:7"], metadata: { who: "a" }, schemaVersion: 2, time: -1_000 },
        { type: "Scanned", data: new Uint8Array([0, 255, 10]) },
      ]);
      await first.append("order-8", { type: "Placed" });
      first.registerUpcaster({ type: "Placed", from: 2, upcast: () => ({ lifted: true }) });
      const file = await first.export();
      const report = await second.import(file);
      const contents = async (store) =>
        (await store.readAll()).map(({ recordedAt, data, ...event }) => ({ ...event, data: data instanceof Uint8Array ? [...data] : data }));
      const altered = (await file.text()).replace("sku:7", "sku:8");
      return {
        type: file.type,
        report,
        back: await contents(second),
        again: (await second.import(file)).duplicates,
        head: JSON.parse((await file.text()).split("\n")[0]).head,
        headAgain: JSON.parse((await (await second.export()).text()).split("\n")[0]).head,
        refused: await failure(third.import(altered)),
        left: third.head,
      };
    });
    assert.equal(seen.type, "application/x-ndjson");
    assert.deepEqual([seen.report.format, seen.report.events, seen.report.streams, seen.again], ["leftfold", 3, 2, 3]);
    assert.deepEqual(seen.back.map(({ stream, version, data }) => [stream, version, data]), [
      ["order-7", 1, { note: "5 \u20ac\n" }],
      ["order-7", 2, [0, 255, 10]],
      ["order-8", 1, null],
    ]);
    const { time, schemaVersion, tags, metadata } = seen.back[0];
    assert.deepEqual([time, schemaVersion, tags, metadata], ["1969-12-31T23:59:59Z", 2, ["sku:7"], { who: "a" }]);
    assert.equal(seen.headAgain, seen.head);
    assert.equal(seen.refused.code, "invalid-input");
    assert.match(seen.refused.message, /not as it was written/);
    assert.equal(seen.left, 0);
  });

  await t.test("formats, a range, a query, progress, cancelling and what is refused", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
      const store = await EventStore.open(freshName());
      const events = Array.from({ length: 20_000 }, (_, n) => ({ type: n % 2 ? "Odd" : "Even", data: { n } }));
      await store.append("count-1", events);
      const lines = async (options) => (await (await store.export(options)).text()).trimEnd().split("\n").length;
      const progress = [];
      const query = { items: [{ types: ["Odd"] }] };
      const counts = [
        await lines({ format: "ndjson", onProgress: (done) => progress.push(done) }),
        await lines({ format: "leftfold", from: 11, to: 20 }),
        await lines({ format: "csv", query, to: 100 }),
      ];
      const batch = JSON.parse(await (await store.export({ format: "cloudevents", query })).text());
      const aborter = new AbortController();
      const aborted = failure(store.export({ signal: aborter.signal }));
      aborter.abort("why");
      const failures = [
        await aborted,
        await failure(store.export({ format: "xes" })),
        await failure(store.export({ query: { items: "all" } })),
        await failure(store.export({ from: -1 })),
        await failure(store.export({ onProgress: 1 })),
      ];
      await store.close();
      await EventStore.delete(store.name);
      return { counts, progress, batch: [batch.length, batch[0].data, batch[0].subject], codes: failures.map(({ code }) => code) };
    });
    assert.deepEqual(seen.counts, [20_000, 11, 51]);
    const { bytes, ...last } = seen.progress.at(-1);
    assert.ok(bytes > 1_000_000 && seen.progress.length > 1);
    assert.deepEqual(last, { events: 20_000, leftOut: 0, passed: 20_000, positions: 20_000 });
    assert.deepEqual(seen.batch, [10_000, { n: 1 }, "count-1"]);
    assert.deepEqual(seen.codes, ["aborted", "unsupported-format", "invalid-input", "invalid-input", "invalid-input"]);
  });
});
