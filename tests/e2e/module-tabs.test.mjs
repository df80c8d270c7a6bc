// The classes in several tabs and workers at once.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openModule } from "./harness.mjs";
import { inModule } from "./in-module.mjs";

const worker = `
  import init, { EventStore, LeftfoldError } from "/leftfold.js";
  onmessage = async ({ data: { name, writer, count } }) => {
    await init();
    const store = await EventStore.open(name, { durability: "relaxed" });
    let conflicts = 0;
    for (let at = 0; at < count; ) {
      // Everyone writes to one stream, each append on top of the version that it has seen.
      const version = await store.streamVersion("shared-1");
      try {
        await store.append("shared-1", { type: "Written", data: { writer, at } }, { expectedVersion: version });
        at++;
      } catch (error) {
        if (!(error instanceof LeftfoldError) || error.code !== "wrong-expected-version") throw error;
        conflicts++;
      }
    }
    await store.close();
    postMessage({ conflicts });
  };
`;

test("two tabs and two workers write to one stream, and a subscription of each tab sees all of it", async (t) => {
  const { page, newTab } = await openModule(t, { texts: { "/writer.js": worker } });
  const tabs = [page, await newTab()];
  const name = `test-${crypto.randomUUID()}`;
  const count = 20;
  const seen = await Promise.all(
    tabs.map((tab, at) =>
      inModule(
        tab,
        async ({ EventStore }, { until }, { name, at, count }) => {
          const store = await EventStore.open(name, { durability: "relaxed" });
          const live = [];
          const subscription = store.subscribe((event) => void live.push([event.position, event.data]));
          const work = (writer) =>
            new Promise((resolve, reject) => {
              const worker = new Worker("/writer.js", { type: "module" });
              worker.onmessage = ({ data }) => resolve(data);
              worker.onerror = (event) => reject(new Error(event.message));
              worker.postMessage({ name, writer, count });
            });
          const done = [work(`worker ${at}`)];
          for (let own = 0; own < count; ) {
            const version = await store.streamVersion("shared-1");
            const event = { type: "Written", data: { writer: `tab ${at}`, at: own } };
            await store.append("shared-1", event, { expectedVersion: version }).then(
              () => own++,
              (error) => {
                if (error.code !== "wrong-expected-version") throw error;
              },
            );
          }
          await Promise.all(done);
          await until(() => live.length >= 4 * count);
          subscription.unsubscribe();
          const events = (await store.readAll()).map((event) => [event.position, event.data]);
          await store.close();
          return { live, events };
        },
        { name, at, count },
      ),
    ),
  );
  const [first, second] = seen;
  assert.deepEqual(second.events, first.events);
  assert.deepEqual(first.live, first.events);
  assert.deepEqual(second.live, first.events);
  assert.deepEqual(
    first.events.map(([position]) => position),
    Array.from({ length: 4 * count }, (_, at) => at + 1),
  );
  for (const writer of ["tab 0", "tab 1", "worker 0", "worker 1"]) {
    const own = first.events.filter(([, data]) => data.writer === writer).map(([, data]) => data.at);
    assert.deepEqual(own, Array.from({ length: count }, (_, at) => at), `${writer} lost or doubled something`);
  }
  await inModule(page, ({ EventStore }, _, name) => EventStore.delete(name), name);
});
