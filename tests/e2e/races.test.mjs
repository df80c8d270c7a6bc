// Several tabs and workers write to one store at once: no event is lost, no position is missing, and each version of a stream has
// exactly one writer.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openModule } from "./harness.mjs";
import { appendWithVersions, assertSound, assertWins, runInPage, runInWorkers, wholeLog, workerText } from "./racing.mjs";

test("two tabs race for the versions of one stream", async (t) => {
  const { page, newTab } = await openModule(t);
  const other = await newTab();
  const argument = (writer) => ({ name: "one-stream", writer, stream: "order-1", count: 150 });
  const results = await Promise.all([
    runInPage(page, appendWithVersions, argument("a")),
    runInPage(other, appendWithVersions, argument("b")),
  ]);
  const log = await wholeLog(page, "one-stream");
  assertWins(log, results);
  const writers = new Set(log.events.map((event) => event.writer));
  assert.equal(writers.size, 2, "both made progress");
});

test("two tabs write to different streams, many calls in flight, and never fail each other", async (t) => {
  const { page, newTab } = await openModule(t);
  const other = await newTab();
  const argument = (writer) => ({ name: "two-streams", writer, stream: `order-${writer}`, count: 400, together: 16 });
  const results = await Promise.all([
    runInPage(page, appendWithVersions, argument("a")),
    runInPage(other, appendWithVersions, argument("b")),
  ]);
  assert.deepEqual(results.map((result) => result.losses), [0, 0]);
  assertWins(await wholeLog(page, "two-streams"), results);
});

test("three workers race for one stream, and three for streams of their own", async (t) => {
  const { page } = await openModule(t, { texts: { "/worker.js": workerText } });
  const racing = ["a", "b", "c"].map((writer) => ({ name: "workers", writer, stream: "order-1", count: 60 }));
  const apart = ["d", "e", "f"].map((writer) => ({ name: "workers", writer, stream: `order-${writer}`, count: 60, together: 4 }));
  const results = await runInWorkers(page, appendWithVersions, [...racing, ...apart]);
  assert.ok(results.slice(3).every((result) => result.losses === 0), "nobody else writes to these streams");
  assertWins(await wholeLog(page, "workers"), results);
});

test("tabs and workers open a new store at once: it is one store", async (t) => {
  const { page, newTab } = await openModule(t, { texts: { "/worker.js": workerText } });
  const other = await newTab();
  const argument = (writer) => ({ name: "new-store", writer, stream: "order-1", count: 5 });
  const results = await Promise.all([
    runInPage(page, appendWithVersions, argument("a")),
    runInPage(other, appendWithVersions, argument("b")),
    runInWorkers(page, appendWithVersions, [argument("c"), argument("d")]),
  ]);
  assertWins(await wholeLog(page, "new-store"), results.flat());
});

test("two tabs import the same file at once: it is stored once", async (t) => {
  const { page, newTab } = await openModule(t);
  const other = await newTab();
  const importLines = async ({ EventStore }, name) => {
    const store = await EventStore.open(name);
    const line = (number) =>
      JSON.stringify({ stream: `order-${number % 50}`, type: "Counted", time: new Date(number * 1000).toISOString(), data: { number } });
    const text = Array.from({ length: 20_000 }, (_, number) => line(number)).join("\n");
    const report = await store.import(text, { format: "ndjson" });
    await store.close();
    return report;
  };
  const reports = await Promise.all([runInPage(page, importLines, "imports"), runInPage(other, importLines, "imports")]);
  assert.equal(reports[0].events + reports[1].events, 20_000);
  assert.equal(reports[0].duplicates + reports[1].duplicates, 20_000);
  assertSound(await wholeLog(page, "imports"), 20_000);
});

/** Appends pairs one after the other until the end of the world, and says of each that it was acknowledged. */
async function appendForEver({ EventStore }, name) {
  const store = await EventStore.open(name);
  for (let pair = 0; ; pair++) {
    const events = [0, 1].map((half) => ({ type: "Counted", data: { writer: "dying", number: pair * 2 + half } }));
    const { firstPosition } = await store.append("order-1", events, { expectedVersion: pair * 2 });
    window.acknowledge(firstPosition, pair);
  }
}

async function crash(page) {
  const crashed = page.waitForEvent("crash");
  const session = await page.context().newCDPSession(page);
  session.send("Page.crash").catch(() => {});
  await crashed;
}

for (const [how, kill] of [
  ["closed", (page) => page.close()],
  // The renderer process dies where it stands, and never answers the call that kills it.
  ["crashed", crash],
]) {
  test(`a tab is ${how} in the middle of appends: what was acknowledged is there`, async (t) => {
    const { context, page, newTab } = await openModule(t);
    const acknowledged = [];
    let enough;
    const isEnough = new Promise((resolve) => (enough = resolve));
    await context.exposeBinding("acknowledge", (_, position, pair) => {
      acknowledged.push({ position, pair });
      if (acknowledged.length === 60) enough();
    });
    const dying = await newTab();
    const end = runInPage(dying, appendForEver, "killed").catch((error) => String(error));
    // Another tab writes all the while, and goes on afterwards.
    const argument = { name: "killed", writer: "survivor", stream: "order-2", count: 100 };
    const before = runInPage(page, appendWithVersions, argument);
    await isEnough;
    await kill(dying);
    await end;
    const survivor = await before;
    const log = await wholeLog(page, "killed");
    assertSound(log, log.events.length);
    for (const { position, pair } of acknowledged) {
      const pairAt = log.events.slice(position - 1, position + 1).map((event) => [event.writer, event.number]);
      assert.deepEqual(pairAt, [["dying", pair * 2], ["dying", pair * 2 + 1]]);
    }
    const ofDying = log.events.filter((event) => event.writer === "dying").length;
    assert.equal(ofDying % 2, 0, "no commit is there in half");
    assert.ok(ofDying >= acknowledged.length * 2);
    assert.equal(survivor.wins.length, 100);
    const after = await runInPage(page, appendWithVersions, { ...argument, writer: "after", stream: "order-3" });
    assert.equal(after.losses, 0);
    assertSound(await wholeLog(page, "killed"), log.events.length + 100);
  });
}

test("the whole browser ends in the middle of appends: what was acknowledged is there after a restart", async (t) => {
  const { context, restart, page } = await openModule(t);
  const acknowledged = [];
  let enough;
  const isEnough = new Promise((resolve) => (enough = resolve));
  await context.exposeBinding("acknowledge", (_, position, pair) => {
    acknowledged.push({ position, pair });
    if (acknowledged.length === 60) enough();
  });
  const end = runInPage(page, appendForEver, "ended").catch((error) => String(error));
  await isEnough;
  const { page: again } = await restart();
  await end;
  const log = await wholeLog(again, "ended");
  assertSound(log, log.events.length);
  assert.ok(log.events.length >= acknowledged.length * 2);
  for (const { position, pair } of acknowledged) assert.equal(log.events[position - 1].number, pair * 2);
});
