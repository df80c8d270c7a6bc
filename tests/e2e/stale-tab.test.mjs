// A tab that sleeps, or hears nothing, while another one appends, seals and purges: it must never append where the log ended long
// ago, and it must learn of everything.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openModule } from "./harness.mjs";
import { assertSound, runInPage, wholeLog } from "./racing.mjs";

/** Opens a store, keeps it in the page, and collects what a subscription gives. */
async function openAndFollow({ EventStore }, name) {
  const store = await EventStore.open(name);
  const given = [];
  store.subscribe((event) => void given.push(event.position), { from: "start" });
  Object.assign(window, { store, given });
  await store.append("order-1", { type: "Counted", data: { writer: "stale", number: 0 } });
}

/** Appends enough that old entries become segments, and waits until some have. Gives the head. */
async function appendUntilSealed({ EventStore }, { name, rounds }) {
  const store = (window.busy ??= await EventStore.open(name));
  const { segments } = await store.stats();
  for (let round = 0; round < rounds; round++) {
    const note = "n".repeat(2_000);
    const events = Array.from({ length: 20 }, (_, number) => ({ type: "Counted", data: { writer: "busy", number, note } }));
    await store.append("order-2", events);
  }
  while ((await store.stats()).segments <= segments) {
    await store.append("order-2", { type: "Counted", data: { writer: "busy", number: 0 } });
  }
  return store.head;
}

/** Appends with a wrong and then with the right version, through the handle that has slept. */
async function appendAsIfNothingHadHappened(_, head) {
  const { store } = window;
  const refused = await store.append("order-2", { type: "Counted", data: { writer: "stale", number: 1 } }, { expectedVersion: 0 }).then(
    () => "accepted",
    (error) => error.code,
  );
  const event = { type: "Counted", data: { writer: "stale", number: 1 } };
  const { firstPosition } = await store.append("order-1", event, { expectedVersion: (await store.streamVersion("order-1")) });
  const blind = await store.append("order-1", { type: "Counted", data: { writer: "stale", number: 2 } });
  return { refused, firstPosition, blind: blind.firstPosition, isBehind: firstPosition <= head };
}

/** Waits until the subscription has given as many events. */
async function followed(_, count) {
  while (window.given.length < count) await new Promise((resolve) => setTimeout(resolve, 20));
  return window.given;
}

const upTo = (count) => Array.from({ length: count }, (_, row) => row + 1);

async function tryStaleTab(t, name, { before = async () => {}, asleep = async () => {}, awake = async () => {}, script }) {
  const { page, context, newTab } = await openModule(t);
  const stale = await context.newPage();
  if (script) await stale.addInitScript(script);
  await stale.goto(page.url());
  await before(stale);
  await runInPage(stale, openAndFollow, name);
  await asleep(stale);
  let head = await runInPage(page, appendUntilSealed, { name, rounds: 20 });
  head = await runInPage(page, appendUntilSealed, { name, rounds: 20 });
  await awake(stale);
  const answer = await runInPage(stale, appendAsIfNothingHadHappened, head);
  assert.deepEqual(answer, { refused: "wrong-expected-version", firstPosition: head + 1, blind: head + 2, isBehind: false });
  assert.deepEqual(await runInPage(stale, followed, head + 2), upTo(head + 2), "every event once, in order");
  // The tab that was busy goes on, and so does a third one.
  const end = await runInPage(page, appendUntilSealed, { name, rounds: 15 });
  assert.deepEqual(await runInPage(stale, followed, end), upTo(end));
  assertSound(await wholeLog(await newTab(), name), end);
}

test("a frozen tab", async (t) => {
  const session = async (page) => page.context().newCDPSession(page);
  await tryStaleTab(t, "frozen", {
    asleep: async (page) => (await session(page)).send("Page.setWebLifecycleState", { state: "frozen" }),
    awake: async (page) => (await session(page)).send("Page.setWebLifecycleState", { state: "active" }),
  });
});

test("a tab that hears no nudges", async (t) => {
  await tryStaleTab(t, "deaf", { script: () => Object.defineProperty(BroadcastChannel.prototype, "onmessage", { set() {}, get: () => null }) });
});

test("a tab without channels", async (t) => {
  await tryStaleTab(t, "no-channels", { script: () => delete globalThis.BroadcastChannel });
});

test("a tab without locks: nothing can tell how far it has seen, and it looks for itself", async (t) => {
  const script = () => Object.defineProperty(Navigator.prototype, "locks", { get: () => undefined });
  await tryStaleTab(t, "no-locks", { script });
});

test("a tab whose locks are refused is as one without", async (t) => {
  const script = () => (LockManager.prototype.request = () => Promise.reject(new DOMException("no", "SecurityError")));
  await tryStaleTab(t, "refused-locks", { script });
});

test("a tab whose locks are stolen", async (t) => {
  await tryStaleTab(t, "stolen", {
    asleep: async (page) =>
      page.evaluate(async () => {
        const { held } = await navigator.locks.query();
        for (const { name } of held) await navigator.locks.request(name, { steal: true }, () => {});
      }),
  });
});

test("a tab that was frozen before its store was ever written to", async (t) => {
  const { page, context } = await openModule(t);
  const stale = await context.newPage();
  await stale.goto(page.url());
  await runInPage(stale, async ({ EventStore }, name) => void (window.store = await EventStore.open(name)), "early");
  const session = await context.newCDPSession(stale);
  await session.send("Page.setWebLifecycleState", { state: "frozen" });
  const head = await runInPage(page, appendUntilSealed, { name: "early", rounds: 20 });
  await session.send("Page.setWebLifecycleState", { state: "active" });
  const position = await runInPage(
    stale,
    async () => (await window.store.append("order-1", { type: "Counted", data: { writer: "stale", number: 0 } })).firstPosition,
  );
  assert.equal(position, head + 1);
  assertSound(await wholeLog(page, "early"), head + 1);
});
