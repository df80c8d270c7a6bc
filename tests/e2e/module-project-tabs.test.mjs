// One projection in two tabs: both see it, one of them folds, and the other takes over when that one is closed or stands
// still. The state is a running total, and a list of the positions that went into it: an event that was folded twice or
// left out shows in both.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openModule } from "./harness.mjs";
import { inModule } from "./in-module.mjs";

/** Opens the store in a tab and runs the projection there; what it has is kept in `window.leftfold`. */
function run(tab, name) {
  return inModule(
    tab,
    async ({ EventStore }, _, name) => {
      const store = await EventStore.open(name);
      const held = { store, folded: [] };
      held.projection = await store.project({
        name: "total",
        initial: { total: 0, positions: [] },
        when: {
          Added(state, event) {
            held.folded.push(event.position);
            state.total += event.data;
            state.positions.push(event.position);
          },
        },
      });
      await held.projection.caughtUp();
      window.leftfold = held;
    },
    name,
  );
}

const add = (tab, count) =>
  tab.evaluate(async (count) => {
    const { store } = window.leftfold;
    await store.append("sum-1", Array.from({ length: count }, (_, at) => ({ type: "Added", data: at + 1 })));
    return store.head;
  }, count);

/** The state once it has every event, and what this tab has folded for it. */
const look = (tab) =>
  tab.evaluate(async () => {
    const { projection, folded } = window.leftfold;
    await projection.caughtUp();
    return { state: await projection.state(), checkpoint: projection.checkpoint, folded: folded.length };
  });

/** What `count` events, appended 100 at a time, must come to. */
function fold(count) {
  const positions = Array.from({ length: count }, (_, at) => at + 1);
  return { total: (count / 100) * 5_050, positions };
}

async function two(t) {
  const opened = await openModule(t);
  const name = `test-${crypto.randomUUID()}`;
  const tabs = [opened.page, await opened.newTab()];
  for (const tab of tabs) await run(tab, name);
  await add(opened.page, 100);
  const seen = [await look(tabs[0]), await look(tabs[1])];
  for (const { state, checkpoint } of seen) assert.deepEqual([state, checkpoint], [fold(100), 100]);
  // Whichever was first folds, and goes on to.
  assert.deepEqual(seen.map(({ folded }) => folded).toSorted(), [0, 100]);
  const [runner, other] = seen[0].folded > 0 ? tabs : tabs.toReversed();
  return { ...opened, runner, other, name };
}

const end = (tab, name) =>
  inModule(
    tab,
    async ({ EventStore }, _, name) => {
      await window.leftfold.store.close();
      await EventStore.delete(name);
    },
    name,
  );

test("both tabs follow, and the checkpoint of both moves though neither asks", async (t) => {
  const { runner, other, name } = await two(t);
  for (const [writer, reader] of [[runner, other], [other, runner]]) {
    const head = await add(writer, 100);
    for (const tab of [writer, reader]) await tab.waitForFunction((head) => window.leftfold.projection.checkpoint === head, head);
  }
  assert.deepEqual((await look(other)).state, fold(300));
  assert.deepEqual((await look(runner)).folded, 300);
  await runner.evaluate(() => window.leftfold.store.close());
  await end(other, name);
});

test("the tab that folds is closed in the middle of its work: the other takes over", async (t) => {
  const { runner, other, name } = await two(t);
  // More than it can fold before it is gone.
  for (let n = 0; n < 30; n++) await add(other, 100);
  await runner.close();
  for (let n = 0; n < 10; n++) await add(other, 100);
  const { state, checkpoint, folded } = await look(other);
  assert.deepEqual([state, checkpoint], [fold(4_100), 4_100]);
  assert.ok(folded > 0, "the other tab has folded nothing");
  await end(other, name);
});

test("the tab that folds is stopped by its program: the other takes over at once", async (t) => {
  const { runner, other, name } = await two(t);
  await runner.evaluate(() => window.leftfold.projection.stop());
  await add(runner, 100);
  const { state, folded } = await look(other);
  assert.deepEqual([state, folded], [fold(200), 100]);
  assert.deepEqual(await runner.evaluate(() => window.leftfold.projection.state()), fold(200));
  await runner.evaluate(() => window.leftfold.store.close());
  await end(other, name);
});

test("the tab that folds is frozen: the other takes over, and nothing is folded twice when it thaws", async (t) => {
  const { runner, other, name, context } = await two(t);
  // As a debugger freezes it. The life cycle state "frozen" is for hidden pages, and these count as visible all the time.
  const session = await context.newCDPSession(runner);
  await session.send("Debugger.enable");
  const frozen = new Promise((resolve) => session.once("Debugger.paused", resolve));
  await session.send("Debugger.pause");
  // It stops at whatever it does first now: the news of these, as a rule.
  for (let n = 0; n < 10; n++) await add(other, 100);
  await frozen;
  const meanwhile = await look(other);
  assert.deepEqual([meanwhile.state, meanwhile.checkpoint], [fold(1_100), 1_100]);
  assert.ok(meanwhile.folded > 0, "the other tab has folded nothing");
  await session.send("Debugger.resume");
  for (const tab of [runner, other]) await add(tab, 100);
  for (const tab of [runner, other]) assert.deepEqual((await look(tab)).state, fold(1_300));
  await runner.evaluate(() => window.leftfold.store.close());
  await end(other, name);
});

test("the tab that folds hangs in a loop: the other takes over, and what the first had in hand is not folded twice", async (t) => {
  const { runner, other, name } = await two(t);
  // The loop begins in the middle of a fold, and lasts until the other tab says that it is done. Of all that tabs share,
  // cookies alone are seen by a program that lets nothing else run.
  const hangs = "hangs=";
  await runner.evaluate((hangs) => {
    const { folded } = window.leftfold;
    const push = folded.push.bind(folded);
    window.released = new Promise((resolve) => {
      folded.push = (position) => {
        folded.push = push;
        document.cookie = `${hangs}yes`;
        while (document.cookie.includes(`${hangs}yes`)) {
          // A look at the cookies is work for the whole browser.
          for (const start = performance.now(); performance.now() < start + 20; );
        }
        resolve();
        return push(position);
      };
    });
  }, hangs);
  await add(other, 100);
  await other.waitForFunction((hangs) => document.cookie.includes(`${hangs}yes`), hangs);
  for (let n = 0; n < 10; n++) await add(other, 100);
  const meanwhile = await look(other);
  assert.deepEqual([meanwhile.state, meanwhile.checkpoint], [fold(1_200), 1_200]);
  assert.ok(meanwhile.folded > 0, "the other tab has folded nothing");
  await other.evaluate((hangs) => void (document.cookie = `${hangs}no`), hangs);
  await runner.evaluate(() => window.released);
  for (const tab of [runner, other]) await add(tab, 100);
  for (const tab of [runner, other]) assert.deepEqual((await look(tab)).state, fold(1_400));
  await runner.evaluate(() => window.leftfold.store.close());
  await end(other, name);
});
