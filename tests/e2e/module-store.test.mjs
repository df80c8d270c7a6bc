// The class EventStore in a page: opening, appending, and what is told of a store.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openModule } from "./harness.mjs";
import { inModule } from "./in-module.mjs";

test("EventStore", async (t) => {
  const { page } = await openModule(t);

  await t.test("what is appended is there after a reopening, and the store can be listed and deleted", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const name = freshName();
      const store = await EventStore.open(name);
      const before = { name: store.name, head: store.head };
      const result = await store.append("order-1", [
        { type: "OrderPlaced", data: { sku: "SKU-AERO-14", units: 25 }, tags: ["sku:b", "sku:a", "sku:b"] },
        { type: "OrderPaid" },
      ]);
      const head = store.head;
      await store.close();

      const again = await EventStore.open(name);
      const events = await again.readAll();
      await again.close();
      const listed = (await EventStore.list()).filter((entry) => entry.name === name);
      await EventStore.delete(name);
      const left = (await EventStore.list()).filter((entry) => entry.name === name);
      return { name, before, result, head, events, listed, left };
    });
    assert.deepEqual(seen.before, { name: seen.name, head: 0 });
    assert.deepEqual(seen.result, {
      firstPosition: 1,
      lastPosition: 2,
      streams: [{ stream: "order-1", firstVersion: 1, lastVersion: 2 }],
      duplicate: false,
    });
    assert.equal(seen.head, 2);
    const [placed, paid] = seen.events;
    assert.deepEqual(Object.keys(placed), [
      "position",
      "stream",
      "version",
      "id",
      "type",
      "schemaVersion",
      "time",
      "recordedAt",
      "tags",
      "data",
      "metadata",
    ]);
    assert.deepEqual(
      [placed.position, placed.stream, placed.version, placed.type, placed.schemaVersion],
      [1, "order-1", 1, "OrderPlaced", 1],
    );
    assert.deepEqual([placed.data, placed.metadata], [{ sku: "SKU-AERO-14", units: 25 }, {}]);
    assert.deepEqual(placed.tags, ["sku:a", "sku:b"]);
    assert.match(placed.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.match(placed.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    assert.ok(Date.parse(placed.recordedAt) >= Date.parse(placed.time));
    assert.deepEqual([paid.data, paid.version], [null, 2]);
    assert.equal(seen.listed.length, 1);
    assert.equal(seen.listed[0].events, 2);
    assert.ok(seen.listed[0].bytes > 0);
    assert.deepEqual(seen.left, []);
  });

  await t.test("a store in memory is a handle's own and is not listed", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const name = freshName();
      const one = await EventStore.open(name, { storage: "memory", durability: "relaxed" });
      const other = await EventStore.open(name, { storage: "memory" });
      await one.append("a-1", { type: "Happened" });
      const listed = (await EventStore.list()).some((entry) => entry.name === name);
      return { name: one.name, heads: [one.head, other.head], listed, events: (await other.readAll()).length, expected: name };
    });
    assert.deepEqual(seen, { name: seen.expected, heads: [1, 0], listed: false, events: 0, expected: seen.expected });
  });

  await t.test("every kind of event member is kept", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      const id = "0190f3f0-1111-7222-8333-444455556666";
      const text = 'quote " backslash \\ line\n nul\u0000 umlaut \u00e4 emoji \u{1f600}';
      await store.append("a-1", [
        { type: "ByText", id, schemaVersion: 4294967295, time: "2026-03-14T09:41:07.331999+01:00", data: text },
        { type: "ByDate", time: new Date(-1), metadata: { correlationId: "c", causationId: text, nested: [{ a: null }] } },
        { type: "ByMillis", time: 1.5, data: [1, -0.5, 1e300, true, null, { __proto__: null, "": { a: [] } }] },
        { type: "ByBytes", data: new Uint8Array([0, 255, 7]), schemaVersion: 0 },
        { type: "ByPartOfBytes", data: new Uint8Array([0, 1, 2, 3]).subarray(1, 3) },
        { type: "ByNoBytes", data: new Uint8Array() },
        { type: text.replace(/[\u0000-\u001f]/g, ""), tags: ["\u00e4", "z", "a"] },
      ]);
      const events = await store.readStream("a-1");
      const shown = (data) => (data instanceof Uint8Array ? { bytes: [...data] } : data);
      return { id, text, events: events.map((event) => ({ ...event, data: shown(event.data) })) };
    });
    const [text, date, millis, bytes, part, none, named] = seen.events;
    assert.deepEqual(
      [text.id, text.schemaVersion, text.time, text.data],
      [seen.id, 4294967295, "2026-03-14T08:41:07.331999Z", seen.text],
    );
    assert.equal(date.time, "1969-12-31T23:59:59.999Z");
    assert.deepEqual(date.metadata, { correlationId: "c", causationId: seen.text, nested: [{ a: null }] });
    assert.equal(millis.time, "1970-01-01T00:00:00.0015Z");
    assert.deepEqual(millis.data, [1, -0.5, 1e300, true, null, { "": { a: [] } }]);
    assert.deepEqual([bytes.data, bytes.schemaVersion], [{ bytes: [0, 255, 7] }, 0]);
    assert.deepEqual([part.data, none.data], [{ bytes: [1, 2] }, { bytes: [] }]);
    assert.equal(named.type, 'quote " backslash \\ line nul umlaut \u00e4 emoji \u{1f600}');
    assert.deepEqual(named.tags, ["a", "z", "\u00e4"]);
  });

  await t.test("recorded events are frozen to the ground, and bytes are a copy", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      const data = { list: [{ deep: { deeper: [1] } }] };
      await store.append("a-1", [
        { type: "A", data, metadata: { m: { n: [] } }, tags: ["t"] },
        { type: "B", data: new Uint8Array([1]) },
      ]);
      const isFrozen = (value) =>
        typeof value !== "object" || value === null || (Object.isFrozen(value) && Object.values(value).every(isFrozen));
      const [event, bytes] = await store.readAll();
      bytes.data[0] = 9;
      let thrown;
      try {
        "use strict";
        Object.assign(event, { type: "C" });
      } catch (error) {
        thrown = error.constructor.name;
      }
      const again = await store.readAll();
      return { frozen: isFrozen(event), outer: Object.isFrozen(bytes), thrown, kept: again[1].data[0] };
    });
    assert.deepEqual(seen, { frozen: true, outer: true, thrown: "TypeError", kept: 1 });
  });

  await t.test("data nested deeper than a call stack is frozen and read as any other", async () => {
    const depth = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      let data = [];
      for (let level = 0; level < 3000; level++) data = [data];
      await store.append("a-1", { type: "Nested", data });
      const [event] = await store.readAll();
      let depth = 0;
      for (let value = event.data; Object.isFrozen(value) && value.length > 0; value = value[0]) depth++;
      return depth;
    });
    assert.equal(depth, 3000);
  });

  await t.test("arguments are read when the call is made", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      const event = { type: "Before", data: { value: 1 } };
      const bytes = { type: "Bytes", data: new Uint8Array([1]) };
      const options = { expectedVersion: 0 };
      const call = store.append("a-1", [event, bytes], options);
      event.type = "After";
      event.data.value = 2;
      bytes.data[0] = 2;
      options.expectedVersion = 7;
      await call;
      return (await store.readAll()).map(({ type, data }) => [type, JSON.stringify(data)]);
    });
    assert.deepEqual(seen, [
      ["Before", '{"value":1}'],
      ["Bytes", '{"0":1}'],
    ]);
  });

  await t.test("one commit writes several streams, checks others and minds its conditions", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, failure }) => {
      const store = await EventStore.open(freshName());
      await store.append("course-c1", { type: "CourseDefined", tags: ["course:c1"] });
      const query = { items: [{ types: ["StudentSubscribed"], tags: ["course:c1"] }] };
      const commit = {
        writes: [
          { stream: "student-s1", expectedVersion: "no-stream", events: [{ type: "StudentSubscribed", tags: ["course:c1"] }] },
          { stream: "course-c1", expectedVersion: 1, events: [{ type: "SeatTaken" }, { type: "Noted", data: new Uint8Array([5]) }] },
        ],
        checks: [{ stream: "course-c2", expectedVersion: "no-stream" }],
        conditions: [{ query, after: 0 }],
      };
      const result = await store.commit(commit, { durability: "relaxed" });
      commit.writes[0].stream = "student-s2";
      commit.writes[1].expectedVersion = "any";
      const refused = await failure(store.commit(commit));
      const after = await store.commit({ ...commit, conditions: [{ query, after: 2 }] });
      const data = (await store.readAll()).map((event) => (event.data instanceof Uint8Array ? event.data[0] : event.data));
      await store.close();
      await EventStore.delete(store.name);
      return { result, refused, after, data };
    });
    assert.deepEqual(seen.result, {
      firstPosition: 2,
      lastPosition: 4,
      streams: [
        { stream: "student-s1", firstVersion: 1, lastVersion: 1 },
        { stream: "course-c1", firstVersion: 2, lastVersion: 3 },
      ],
      duplicate: false,
    });
    assert.equal(seen.refused.code, "condition-failed");
    assert.deepEqual(seen.refused.details, { condition: 0, position: 2 });
    assert.equal(seen.after.firstPosition, 5);
    assert.deepEqual(seen.data, [null, null, null, 5, null, null, 5]);
  });

  await t.test("a repeated commit is told as a duplicate", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName());
      const event = { type: "Placed", id: crypto.randomUUID() };
      const first = await store.append("a-1", event, { expectedVersion: "no-stream" });
      await store.append("a-1", { type: "Other" }, { expectedVersion: "stream-exists" });
      const repeated = await store.append("a-1", event, { expectedVersion: "no-stream" });
      await store.close();
      await EventStore.delete(store.name);
      return { first, repeated };
    });
    assert.deepEqual(seen.repeated, { ...seen.first, duplicate: true });
  });

  await t.test("calls in flight at once are each judged on their own, in call order", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName());
      const calls = Array.from({ length: 60 }, (_, at) =>
        store.append(`a-${at % 3}`, { type: "Happened", data: at }, { expectedVersion: Math.floor(at / 6) }),
      );
      const outcomes = (await Promise.allSettled(calls)).map(({ status, reason }) => reason?.code ?? status);
      const data = (await store.readAll()).map((event) => event.data);
      await store.close();
      await EventStore.delete(store.name);
      return { outcomes, data };
    });
    const isFirst = (at) => at % 6 < 3;
    assert.deepEqual(
      seen.outcomes,
      Array.from({ length: 60 }, (_, at) => (isFirst(at) ? "fulfilled" : "wrong-expected-version")),
    );
    assert.deepEqual(
      seen.data,
      Array.from({ length: 60 }, (_, at) => at).filter(isFirst),
    );
  });

  await t.test("streams, versions, positions by time, figures and the check of all bytes", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName());
      const at = (day) => `2026-01-0${day}T00:00:00Z`;
      await store.append("order-b", { type: "Placed", time: at(1) });
      await store.append("order-a", [
        { type: "Placed", time: at(5) },
        { type: "Paid", time: at(3) },
      ]);
      await store.append("cart-x", { type: "Opened", time: at(7) });
      const found = {
        versions: [await store.streamVersion("order-a"), await store.streamVersion("order-z")],
        all: await store.streams(),
        category: (await store.streams({ category: "order" })).map(({ stream }) => stream),
        prefix: (await store.streams({ prefix: "order-b" })).map(({ stream }) => stream),
        page: (await store.streams({ after: "cart-x", limit: 1 })).map(({ stream }) => stream),
        positions: [
          await store.positionAt("2025-12-31"),
          await store.positionAt(at(1)),
          await store.positionAt(new Date(at(4))),
          await store.positionAt(Date.parse(at(5))),
          await store.positionAt(at(9)),
        ],
        stats: await store.stats(),
        verified: await store.verify(),
      };
      await store.close();
      await EventStore.delete(store.name);
      return found;
    });
    assert.deepEqual(seen.versions, [2, 0]);
    assert.deepEqual(seen.all, [
      { stream: "cart-x", version: 1, lastPosition: 4 },
      { stream: "order-a", version: 2, lastPosition: 3 },
      { stream: "order-b", version: 1, lastPosition: 1 },
    ]);
    assert.deepEqual(
      [seen.category, seen.prefix, seen.page],
      [["order-a", "order-b"], ["order-b"], ["order-a"]],
    );
    assert.deepEqual(seen.positions, [0, 1, 1, 3, 4]);
    const { types, bytes, residentBytes, quota, usage, persisted, ...counts } = seen.stats;
    assert.deepEqual(counts, { events: 4, streams: 3, segments: 0 });
    assert.deepEqual(types.toSorted((a, b) => (a.type < b.type ? -1 : 1)), [
      { type: "Opened", count: 1 },
      { type: "Paid", count: 1 },
      { type: "Placed", count: 2 },
    ]);
    assert.ok(bytes > 0 && residentBytes > 0 && quota > 0 && usage >= 0);
    assert.equal(typeof persisted, "boolean");
    assert.deepEqual(seen.verified, { ok: true, events: 4, segments: 0, problems: [] });
  });
});
