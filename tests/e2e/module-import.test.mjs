// Importing from JavaScript: sources, gzip, progress, cancelling, all or nothing.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { openModule, realData } from "./harness.mjs";
import { inModule } from "./in-module.mjs";

test("import", async (t) => {
  const { page } = await openModule(t);

  await t.test("a text, bytes, a Blob and a compressed Blob give the same, and a repetition nothing", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const csv = "case,activity,time,price\n7,Placed,2026-01-02T00:00:00Z,\u20ac5\n8,Placed,2026-01-01T00:00:00Z,1\n7,Paid,2026-01-03T00:00:00Z,\n";
      const packed = await new Response(new Blob([csv]).stream().pipeThrough(new CompressionStream("gzip"))).blob();
      const sources = [csv, new TextEncoder().encode(csv), new Blob([csv]), packed, new Uint8Array(await packed.arrayBuffer())];
      const reports = [];
      const logs = [];
      for (const source of sources) {
        const store = await EventStore.open(freshName(), { storage: "memory" });
        const progress = [];
        const options = {
          category: "order",
          mapping: { stream: "case", type: "activity", time: "time" },
          onProgress: (done) => progress.push(done),
        };
        const report = await store.import(source, options);
        const again = await store.import(source, options);
        const { bytes, totalBytes, events } = progress.at(-1);
        reports.push({ report, again, isWhole: bytes === totalBytes && bytes > 0, events });
        logs.push((await store.readAll()).map(({ stream, version, type, data }) => [stream, version, type, data]));
      }
      return { reports, logs };
    });
    const report = { format: "csv", events: 3, streams: 2, duplicates: 0, skipped: [], firstPosition: 1, lastPosition: 3 };
    const again = { ...report, events: 0, streams: 0, duplicates: 3, firstPosition: 0, lastPosition: 0 };
    const log = [
      ["order-8", 1, "Placed", { price: "1" }],
      ["order-7", 1, "Placed", { price: "\u20ac5" }],
      ["order-7", 2, "Paid", {}],
    ];
    assert.deepEqual(seen.reports, Array(5).fill({ report, again, isWhole: true, events: 3 }));
    assert.deepEqual(seen.logs, Array(5).fill(log));
  });

  await t.test("the file's own order, constants, and invalid rows left out", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      const lines = ['{"s":"a-1","at":2000000000}', "{", '{"s":"a-2","at":1000000000}', '{"at":1000000000}'];
      const report = await store.import(lines.join("\n"), {
        format: "ndjson",
        mapping: { stream: "s", type: "=Noted", time: "at", id: "", schemaVersion: "=3" },
        order: "file",
        onInvalid: "skip",
      });
      const events = (await store.readAll()).map((event) => [event.stream, event.type, event.schemaVersion, event.time]);
      return { report, events };
    });
    const { skipped, ...report } = seen.report;
    assert.deepEqual(report, { format: "ndjson", events: 2, streams: 2, duplicates: 0, firstPosition: 1, lastPosition: 2 });
    assert.deepEqual(skipped.map(({ line, code }) => [line, code]), [
      [2, "not-json"],
      [4, "missing-value"],
    ]);
    assert.ok(skipped.every(({ message }) => message.length > 0));
    assert.deepEqual(seen.events, [
      ["a-1", "Noted", 3, "2033-05-18T03:33:20Z"],
      ["a-2", "Noted", 3, "2001-09-09T01:46:40Z"],
    ]);
  });

  await t.test("an import that is cancelled or fails stores nothing", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
      const store = await EventStore.open(freshName());
      const row = (at) => JSON.stringify({ stream: `a-${at % 100}`, type: "A", data: { at } });
      const big = Array.from({ length: 20_000 }, (_, at) => row(at)).join("\n");
      const during = new AbortController();
      const failures = [
        await failure(store.import(big, { signal: AbortSignal.abort("why") })),
        await failure(store.import(big, { onProgress: () => during.abort(), signal: during.signal })),
        await failure(store.import(`${big}\n{`)),
        await failure(store.import(new Blob([new Uint8Array([0x1f, 0x8b, 8, 0, 1, 2, 3])]))),
        await failure(store.import("")),
        await failure(store.import("<xml/>")),
        await failure(store.import(big, { format: "xes" })),
        await failure(store.import(big, { format: "Word" })),
        await failure(store.import(big, { mapping: { stream: "nowhere" } })),
        await failure(store.import(big, { category: "a-b" })),
      ];
      const cause = await store.import(big, { signal: AbortSignal.abort("why") }).catch((error) => error.cause);
      const left = await store.readAll();
      const report = await store.import(big);
      await store.close();
      await EventStore.delete(store.name);
      return { failures, cause, left: left.length, stored: report.events };
    });
    assert.deepEqual(
      seen.failures.map(({ code, details }) => [code, details.line ?? details.member ?? details.format ?? null]),
      [
        ["aborted", null],
        ["aborted", null],
        ["invalid-input", 20_001],
        ["invalid-input", null],
        ["invalid-input", null],
        ["unsupported-format", null],
        ["invalid-input", 1],
        ["unsupported-format", "Word"],
        ["invalid-input", "stream"],
        ["invalid-input", "category"],
      ],
    );
    assert.deepEqual([seen.cause, seen.left, seen.stored], ["why", 0, 20_000]);
  });

  await t.test("an onProgress that throws is reported and does no harm", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      const reported = [];
      const listener = (event) => {
        event.preventDefault();
        reported.push(event.error.message);
      };
      addEventListener("error", listener);
      const report = await store.import('{"stream":"a-1","type":"A"}', {
        onProgress: () => {
          throw new Error("not interested");
        },
      });
      removeEventListener("error", listener);
      return { events: report.events, reported: [...new Set(reported)] };
    });
    assert.deepEqual(seen, { events: 1, reported: ["not interested"] });
  });
});

test("a real log of 8,577 events, compressed, from a Blob", async (t) => {
  const path = realData(t, "process-logs/receipt.csv.gz");
  if (!path) return;
  const { page } = await openModule(t);
  const packed = (await readFile(path)).toString("base64");
  const seen = await inModule(
    page,
    async ({ EventStore }, { freshName }, packed) => {
      const store = await EventStore.open(freshName());
      const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
      const report = await store.import(new Blob([bytes]), { category: "receipt" });
      let last = "";
      let isOrdered = true;
      let count = 0;
      for await (const event of store.read()) {
        isOrdered &&= Date.parse(event.time) >= Date.parse(last || event.time);
        last = event.time;
        count++;
      }
      const { ok } = await store.verify();
      const { streams } = await store.stats();
      await store.close();
      await EventStore.delete(store.name);
      return { format: report.format, events: report.events, streams, count, isOrdered, ok };
    },
    packed,
  );
  assert.deepEqual(seen, { format: "csv", events: 8_577, streams: 1_434, count: 8_577, isOrdered: true, ok: true });
});
