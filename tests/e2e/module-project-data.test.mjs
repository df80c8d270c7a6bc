// Projections in JavaScript over real logs: the same figures as those that were taken from the files.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { test } from "node:test";

import { openModule, realData } from "./harness.mjs";
import { inModule } from "./in-module.mjs";

test("a municipality's permit applications: cases and activities, as a projection and as a timeline", async (t) => {
  const path = realData(t, "process-logs/receipt.csv.gz");
  const expectedPath = realData(t, "expected-receipt.json");
  if (!path || !expectedPath) return;
  const expected = JSON.parse(await readFile(expectedPath, "utf8"));
  const { page } = await openModule(t, { texts: { "/receipt.csv.gz": await readFile(path) } });
  const seen = await inModule(page, async ({ EventStore }, { freshName }) => {
    const store = await EventStore.open(freshName());
    const file = await (await fetch("/receipt.csv.gz")).blob();
    // Cases are told apart as in the file, whose order is that of the last activity.
    const report = await store.import(file, { category: "receipt", order: "file" });
    const cases = {
      name: "cases",
      partitionBy: "stream",
      initial: { count: 0, last: null },
      when: { $any: (state, event) => ({ count: state.count + 1, last: event.type }) },
    };
    const activities = {
      name: "activities",
      initial: {},
      when: { $any: (counts, event) => void (counts[event.type] = (counts[event.type] ?? 0) + 1) },
    };
    const projections = [await store.project(cases), await store.project(activities)];
    await Promise.all(projections.map((projection) => projection.caughtUp()));
    const names = await projections[0].partitions();
    const states = await Promise.all(names.map((name) => projections[0].state(name)));
    // In pieces, as a page of an application would list them.
    const pieces = [];
    for (let after; ; after = pieces.at(-1)) {
      const piece = await projections[0].partitions({ after, limit: 500 });
      if (piece.length === 0) break;
      pieces.push(...piece);
    }
    const timeline = await store.timeline(cases);
    const ends = await Promise.all(names.map((name) => timeline.stateAt(store.head, name)));
    const counts = await projections[1].state();
    await store.close();
    await EventStore.delete(store.name);
    return { report, names, states, ends, counts, areSame: pieces.join("\n") === names.join("\n") };
  });
  assert.equal(seen.report.events, expected.events);
  assert.equal(seen.names.length, expected.cases);
  assert.deepEqual(seen.counts, expected.activities);
  const digest = (states) => {
    const lines = seen.names.map((name, at) => [name.slice("receipt-".length), states[at].count, states[at].last]);
    const text = lines.toSorted(([a], [b]) => (a < b ? -1 : 1)).map((line) => line.join("\t"));
    return createHash("sha256").update(text.join("\n")).digest("hex");
  };
  assert.equal(digest(seen.states), expected.case_state_sha256);
  assert.equal(digest(seen.ends), expected.case_state_sha256);
  assert.ok(seen.areSame, "the partitions listed in pieces are not those listed at once");
});

test("KurrentDB's shopping carts: a count for each cart", async (t) => {
  const folder = realData(t, "kurrentdb");
  if (!folder) return;
  const files = (await readdir(folder)).filter((file) => file.startsWith("shoppingCart-"));
  const carts = await Promise.all(
    files.map(async (file) => [basename(file, ".json"), JSON.parse(await readFile(join(folder, file), "utf8"))]),
  );
  const { page } = await openModule(t);
  const seen = await inModule(
    page,
    async ({ EventStore }, { freshName }, carts) => {
      const store = await EventStore.open(freshName());
      for (const [stream, events] of carts) {
        const facts = events.map(({ eventId, eventType, data, metadata }) => {
          return { id: eventId, type: eventType, data, metadata, time: metadata.TimeStamp };
        });
        await store.append(stream, facts, { expectedVersion: "no-stream" });
      }
      const projection = await store.project({
        name: "cart-counts",
        query: { items: [{ categories: ["shoppingCart"] }] },
        partitionBy: "stream",
        when: {
          $init: () => ({ items: 0, descriptions: [] }),
          ItemAdded(cart, { data }) {
            cart.items++;
            cart.descriptions.push(data.Description);
          },
        },
      });
      await projection.caughtUp();
      const counts = {};
      for (const name of await projection.partitions()) counts[name] = await projection.state(name);
      await store.close();
      await EventStore.delete(store.name);
      return counts;
    },
    carts,
  );
  const expected = carts.map(([stream, events]) => {
    return [stream, { items: events.length, descriptions: events.map(({ data }) => data.Description) }];
  });
  assert.equal(files.length, 4);
  assert.deepEqual(seen, Object.fromEntries(expected));
});
