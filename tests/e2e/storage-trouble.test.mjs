// What the browser and other tabs may do to a store: each gets its own clear error, and nothing that was acknowledged is lost.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openModule } from "./harness.mjs";
import { inModule } from "./in-module.mjs";

/** Opens a store in the page, keeps it there, and appends three events. */
function openThree(page, name) {
  return inModule(
    page,
    async ({ EventStore }, _, name) => {
      window.store = await EventStore.open(name);
      for (let number = 0; number < 3; number++) await window.store.append("order-1", { type: "Counted", data: number });
    },
    name,
  );
}

/** What an append and a read on the store of `openThree` come to. */
function tryIt(page) {
  return inModule(page, async (_, { failure }) => {
    const append = await failure(window.store.append("order-1", { type: "Counted" }));
    const read = await failure(window.store.readAll());
    return { append, read };
  });
}

test("another tab upgrades the database: the handle is closed and says so, and an older version refuses the newer", async (t) => {
  const { page, newTab } = await openModule(t);
  const other = await newTab();
  await openThree(page, "upgraded");
  await other.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const request = indexedDB.open("leftfold:upgraded", 99);
        request.onerror = () => reject(request.error);
        request.onblocked = () => reject(new Error("the other tab holds on"));
        request.onsuccess = () => resolve(request.result.close());
      }),
  );
  const { append, read } = await tryIt(page);
  for (const error of [append, read]) {
    assert.equal(error.code, "storage-closed");
    assert.match(error.message, /upgrade/);
  }
  const refused = await inModule(page, ({ EventStore }, { failure }) => failure(EventStore.open("upgraded")));
  assert.equal(refused.code, "newer-format");
  assert.match(refused.message, /99/);
  const log = await other.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const request = indexedDB.open("leftfold:upgraded");
        request.onerror = () => reject(request.error);
        request.onsuccess = () => {
          const count = request.result.transaction("log").objectStore("log").count();
          count.onsuccess = () => resolve(count.result);
        };
      }),
  );
  assert.equal(log, 3, "what was acknowledged is there");
});

/** Appends an event to a store that has none, and folds it. Gives the state. */
async function appendAndFold({ EventStore }, _, name) {
  const store = await EventStore.open(name);
  await store.append("order-1", { type: "Counted" });
  const projection = await store.project({ name: "count", initial: 0, when: { Counted: (count) => count + 1 } });
  await projection.caughtUp();
  return projection.state();
}

/** Makes a database as an older version would, in a layout, and holds on to it. */
function holdDatabase({ name, layout }) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(`leftfold:${name}`, layout);
    request.onupgradeneeded = () => ["log", "index", "payload", "meta"].forEach((table) => request.result.createObjectStore(table));
    request.onerror = () => reject(request.error);
    request.onsuccess = () => resolve(void (window.held = request.result));
  });
}

test("another tab holds on to an older layout: opening says so, and works once that tab is gone", async (t) => {
  const { page, newTab } = await openModule(t);
  const older = await newTab();
  await older.evaluate(holdDatabase, { name: "held", layout: 1 });
  for (let attempt = 0; attempt < 2; attempt++) {
    const refused = await inModule(page, ({ EventStore }, { failure }) => failure(EventStore.open("held")));
    assert.equal(refused.code, "storage-blocked");
    assert.deepEqual(refused.details, { store: "held" });
  }
  await older.close();
  assert.equal(await inModule(page, appendAndFold, "held"), 1);
  const other = await newTab();
  assert.equal(await inModule(other, async ({ EventStore }) => (await EventStore.open("held")).head), 1);
});

test("a database lacks a table of its layout: opening says so", async (t) => {
  const { page } = await openModule(t);
  await openThree(page, "whole");
  const layout = await page.evaluate(async () => (await indexedDB.databases()).find(({ name }) => name === "leftfold:whole").version);
  await page.evaluate(holdDatabase, { name: "half", layout });
  const refused = await inModule(page, ({ EventStore }, { failure }) => failure(EventStore.open("half")));
  assert.equal(refused.code, "corrupt");
  assert.match(refused.message, /table/);
  // Nothing holds on to it: it can be deleted.
  const head = await inModule(page, async ({ EventStore }) => {
    window.held.close();
    await EventStore.delete("half");
    return (await EventStore.open("half")).head;
  });
  assert.equal(head, 0);
});

test("the browser refuses locks: the store works as where there are none", async (t) => {
  const { page } = await openModule(t);
  await page.evaluate(() => {
    LockManager.prototype.request = () => Promise.reject(new DOMException("no", "SecurityError"));
  });
  assert.equal(await inModule(page, appendAndFold, "unlocked"), 1);
});

test("another tab deletes the store: the handle is closed and says so, and a new store of that name is empty", async (t) => {
  const { page, newTab } = await openModule(t);
  const other = await newTab();
  await openThree(page, "deleted");
  await inModule(other, ({ EventStore }) => EventStore.delete("deleted"));
  const { append, read } = await tryIt(page);
  for (const error of [append, read]) {
    assert.equal(error.code, "storage-closed");
    assert.match(error.message, /deleted/);
  }
  const head = await inModule(page, async ({ EventStore }) => {
    const store = await EventStore.open("deleted");
    await store.append("order-1", { type: "Counted" });
    return store.head;
  });
  assert.equal(head, 1);
});

test("a subscription ends with the error when its store is deleted", async (t) => {
  const { page, newTab } = await openModule(t);
  const other = await newTab();
  await openThree(page, "followed");
  await page.evaluate(() => {
    window.ended = new Promise((resolve) => window.store.subscribe(() => {}, { onError: (error) => resolve(error.code) }));
  });
  await inModule(other, ({ EventStore }) => EventStore.delete("followed"));
  assert.equal(await page.evaluate(() => window.ended), "storage-closed");
});

test("the browser clears the site's data: the handle is closed and says so", async (t) => {
  const { page, context, url } = await openModule(t);
  await openThree(page, "cleared");
  await page.evaluate(() => {
    window.ended = new Promise((resolve) => window.store.subscribe(() => {}, { onError: (error) => resolve(error.code) }));
  });
  const session = await context.newCDPSession(page);
  await session.send("Storage.clearDataForOrigin", { origin: url, storageTypes: "indexeddb" });
  // The browser has answered; the page hears of it by itself.
  assert.equal(await page.evaluate(() => window.ended), "storage-closed");
  const { append, read } = await tryIt(page);
  for (const error of [append, read]) assert.equal(error.code, "storage-closed");
});

test("the disk is full: what does not fit is refused whole, what was acknowledged is kept, and the store goes on", async (t) => {
  const { page, context, url } = await openModule(t);
  // Before the first transaction: of the room that it finds, the browser gives some seconds long without looking again.
  const session = await context.newCDPSession(page);
  await session.send("Storage.overrideQuotaForOrigin", { origin: url, quotaSize: 3_000_000 });
  await openThree(page, "full");
  const seen = await inModule(page, async ({ EventStore }, { failure }) => {
    const { store } = window;
    const data = () => {
      const bytes = new Uint8Array(500_000);
      for (let at = 0; at < bytes.length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
      return bytes;
    };
    let acknowledged = 0;
    let error;
    while (!error) {
      const events = [{ type: "FileAdded", data: data() }, { type: "FileAdded", data: data() }];
      error = await failure(async () => {
        await store.append("file-1", events);
        acknowledged++;
        throw undefined;
      }).catch((thrown) => {
        if (thrown !== undefined) throw thrown;
      });
    }
    const lines = Array.from({ length: 20_000 }, (_, n) => `{"stream":"line-${n}","type":"Counted","data":"${crypto.randomUUID().repeat(5)}"}`);
    const ofImport = await failure(store.import(lines.join("\n"), { format: "ndjson" }));
    const head = store.head;
    const verified = await store.verify();
    const fresh = await EventStore.open("full");
    const stored = (await fresh.readAll()).map((event) => event.type);
    await fresh.close();
    return { acknowledged, error, ofImport, head, verified, stored };
  });
  assert.ok(seen.acknowledged > 0, "there was room for some");
  assert.equal(seen.error.code, "quota-exceeded");
  assert.equal(seen.ofImport.code, "quota-exceeded");
  assert.deepEqual(seen.verified.problems, []);
  assert.equal(seen.head, 3 + seen.acknowledged * 2);
  assert.equal(seen.stored.length, seen.head, "all that was acknowledged, and no half of what was not");
  await session.send("Storage.overrideQuotaForOrigin", { origin: url });
  const after = await inModule(page, async () => {
    await window.store.append("order-1", { type: "Counted" });
    return { head: window.store.head, verified: await window.store.verify() };
  });
  assert.equal(after.head, seen.head + 1);
  assert.deepEqual(after.verified.problems, []);
});

test("a record is damaged on disk: opening says where", async (t) => {
  const { page } = await openModule(t);
  await openThree(page, "damaged");
  await page.evaluate(async () => {
    await window.store.close();
    await new Promise((resolve, reject) => {
      const request = indexedDB.open("leftfold:damaged");
      request.onsuccess = () => {
        const transaction = request.result.transaction("log", "readwrite");
        const log = transaction.objectStore("log");
        log.get(2).onsuccess = ({ target }) => {
          target.result[40] ^= 1;
          log.put(target.result, 2);
        };
        transaction.oncomplete = () => resolve(request.result.close());
        transaction.onabort = () => reject(transaction.error);
      };
    });
  });
  const refused = await inModule(page, ({ EventStore }, { failure }) => failure(EventStore.open("damaged")));
  assert.equal(refused.code, "corrupt");
  assert.equal(refused.details.position, 2);
});
