// Subscriptions in JavaScript: order, back-pressure, ends.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openModule } from "./harness.mjs";
import { inModule } from "./in-module.mjs";

test("subscriptions", async (t) => {
  const { page, errors } = await openModule(t);

  await t.test("what is stored comes first, then what is appended, in order and each once", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, until }) => {
      const store = await EventStore.open(freshName());
      const batch = (from) => Array.from({ length: 50 }, (_, at) => ({ type: "A", data: from + at }));
      await store.append("a-1", batch(0));
      const log = [];
      const subscription = store.subscribe((event) => void log.push(event.position), {
        onCaughtUp: () => log.push("caught up"),
      });
      const before = subscription.position;
      await until(() => log.length === 51);
      for (let from = 50; from < 150; from += 50) await store.append("a-1", batch(from));
      await until(() => log.length === 151);
      const position = await until(() => subscription.position === 150 && subscription.position);
      subscription.unsubscribe();
      subscription.unsubscribe();
      await store.append("a-1", batch(150));
      await store.readAll();
      await store.close();
      await EventStore.delete(store.name);
      return { before, position, caughtUp: log.indexOf("caught up"), positions: log.filter(Number) };
    });
    assert.deepEqual([seen.before, seen.position, seen.caughtUp], [0, 150, 50]);
    assert.deepEqual(
      seen.positions,
      Array.from({ length: 150 }, (_, at) => at + 1),
    );
  });

  await t.test("the handler's promise is waited for, and its event counts when it is done", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, until }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      await store.append("a-1", [{ type: "A" }, { type: "B" }, { type: "C" }]);
      let running = 0;
      let most = 0;
      const positions = [];
      const subscription = store.subscribe(async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 1));
        positions.push(subscription.position);
        running--;
      });
      await until(() => subscription.position === 3);
      return { most, positions };
    });
    assert.deepEqual(seen, { most: 1, positions: [0, 1, 2] });
  });

  await t.test("from a position, from the end, and with a query", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, until }) => {
      const store = await EventStore.open(freshName());
      await store.append("a-1", [{ type: "A" }, { type: "B" }, { type: "A" }]);
      const got = { start: [], after: [], end: [], query: [], beyond: [] };
      const follow = (name, options) => store.subscribe((event) => void got[name].push(event.position), options);
      const subscriptions = [
        follow("start", { from: 0 }),
        follow("after", { from: 2 }),
        follow("end", { from: "end" }),
        follow("query", { from: "start", query: { items: [{ types: ["B"] }] } }),
        follow("beyond", { from: 5 }),
      ];
      // Called before the subscriptions had a chance to begin: nothing of it may be missed.
      await Promise.all([store.append("a-1", { type: "B" }), store.append("a-1", [{ type: "A" }, { type: "B" }])]);
      await until(() => subscriptions.every((subscription) => subscription.position === 6));
      const positions = subscriptions.map((subscription) => subscription.position);
      for (const subscription of subscriptions) subscription.unsubscribe();
      await store.close();
      await EventStore.delete(store.name);
      return { got, positions };
    });
    assert.deepEqual(seen.got, { start: [1, 2, 3, 4, 5, 6], after: [3, 4, 5, 6], end: [4, 5, 6], query: [2, 4, 6], beyond: [6] });
    assert.deepEqual(seen.positions, [6, 6, 6, 6, 6]);
  });

  await t.test("a handler may end its own subscription", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, until }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      await store.append("a-1", [{ type: "A" }, { type: "A" }, { type: "A" }]);
      const handled = { now: [], later: [] };
      const now = store.subscribe((event) => {
        handled.now.push(event.position);
        if (event.position === 2) now.unsubscribe();
      });
      const later = store.subscribe(async (event) => {
        handled.later.push(event.position);
        await Promise.resolve();
        if (event.position === 2) later.unsubscribe();
      });
      const other = store.subscribe(() => {});
      await until(() => other.position === 3);
      await store.append("a-1", { type: "A" });
      await until(() => other.position === 4);
      return { handled, positions: [now.position, later.position] };
    });
    assert.deepEqual(seen, { handled: { now: [1, 2], later: [1, 2] }, positions: [1, 1] });
  });

  await t.test("an error of the handler ends the subscription before its event, and is told", async () => {
    const seen = await inModule(page, async ({ EventStore, LeftfoldError }, { freshName, until }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      await store.append("a-1", [{ type: "A" }, { type: "A" }, { type: "A" }]);
      const told = [];
      const follow = (fail) => {
        const subscription = store.subscribe((event) => (event.position === 2 ? fail() : undefined), {
          onError: (error) =>
            told.push({
              isLeftfoldError: error instanceof LeftfoldError,
              code: error.code,
              message: error.message,
              details: error.details,
              cause: String(error.cause),
              position: subscription.position,
            }),
        });
      };
      follow(() => {
        throw new RangeError("too far");
      });
      follow(() => Promise.reject("no reason"));
      await until(() => told.length === 2);
      // Neither of the two waits for the other.
      return told.sort((a, b) => (a.cause < b.cause ? -1 : 1));
    });
    const common = { isLeftfoldError: true, code: "aborted", details: { position: 2 }, position: 1 };
    assert.deepEqual(seen, [
      { ...common, message: "the handler failed at position 2: too far", cause: "RangeError: too far" },
      { ...common, message: "the handler failed at position 2: no reason", cause: "no reason" },
    ]);
  });

  await t.test("an error that nobody listens for is reported as an uncaught one", async () => {
    const reported = await inModule(page, async ({ EventStore }, { freshName }) => {
      const store = await EventStore.open(freshName(), { storage: "memory" });
      await store.append("a-1", { type: "A" });
      const reported = new Promise((resolve) => {
        addEventListener("error", (event) => resolve(event.error.code), { once: true });
      });
      store.subscribe(() => {
        throw new Error("unheard");
      });
      return reported;
    });
    assert.equal(reported, "aborted");
    const found = errors.findIndex((error) => error.includes("unheard"));
    assert.notEqual(found, -1);
    errors.splice(found, errors.length);
  });

  await t.test("closing the store ends a subscription in silence, deleting it is told", async () => {
    const seen = await inModule(page, async ({ EventStore }, { freshName, until }) => {
      const name = freshName();
      const one = await EventStore.open(name);
      const other = await EventStore.open(name);
      const told = { closed: [], deleted: [] };
      let caughtUp = 0;
      const options = (list) => ({ onCaughtUp: () => caughtUp++, onError: (error) => list.push([error.code, error.details]) });
      one.subscribe(() => {}, options(told.closed));
      other.subscribe(() => {}, options(told.deleted));
      await until(() => caughtUp === 2);
      await one.close();
      await EventStore.delete(name);
      await until(() => told.deleted.length > 0);
      return told;
    });
    assert.deepEqual(seen, { closed: [], deleted: [["storage-closed", { because: "deleted" }]] });
  });
});
