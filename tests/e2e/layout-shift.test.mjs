// Nothing moves while the cursor does: what is laid out around the values keeps its place from event to event.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage } from "./harness.mjs";
import { cursorAt, goTo, loadSample, playhead } from "./steps.mjs";

/** Notes every layout shift from now on, those that follow from input included. */
async function watch(page) {
  await page.evaluate(() => {
    const told = (globalThis.shifts = []);
    const place = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(",");
    const name = (node) => (node instanceof Element ? `${node.tagName} ${node.className} ${node.textContent.slice(0, 40)}` : String(node?.textContent));
    const tell = (s) => `${name(s.node)}: ${place(s.previousRect)} to ${place(s.currentRect)}`;
    // A row takes on another event or another member: what its texts are beside each other is its content. The row stays.
    const rows = ".lf-tree__row, .lf-cmp tr, .lf-chain__item";
    const isInRow = (s) => s.node?.parentElement?.closest(rows) && s.previousRect.y === s.currentRect.y;
    // Causes and effects are another list at every event, scrolled to that event.
    const isInList = (s) => s.node?.parentElement?.closest(".lf-hold--chain");
    // A text that gave way to another one meanwhile has no place in the page any more.
    const isGone = (s) => !s.node?.isConnected;
    // The log scrolls with the cursor, and its rows with it.
    const log = document.querySelector(".lf-log__body");
    const { left, right, top, bottom } = log.getBoundingClientRect();
    const isInLog = ({ node, currentRect: { x, y } }) => (node ? log.contains(node) : x >= left && x < right && y >= top && y < bottom);
    const isShift = (s) => !isGone(s) && !isInRow(s) && !isInList(s) && !isInLog(s);
    globalThis.noteShifts = (entries) => told.push(...entries.flatMap(({ sources }) => sources.filter(isShift).map(tell)));
    globalThis.shiftObserver?.disconnect();
    globalThis.shiftObserver = new PerformanceObserver((list) => globalThis.noteShifts(list.getEntries()));
    globalThis.shiftObserver.observe({ type: "layout-shift" });
  });
}

/** What was noted, once everything has been painted. */
async function seen(page) {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return page.evaluate(() => {
    globalThis.noteShifts(globalThis.shiftObserver.takeRecords());
    return globalThis.shifts;
  });
}

/** Where what should not move is: the titles, the bars and the notes of the inspector, the log's frame, the dock's parts. */
const landmarks = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll(".lf-sect__title, .lf-insp__bar, .lf-insp__note, .lf-insp__copies, .lf-tabs, .lf-log__bar, .lf-log__grid, .lf-transport > *, .lf-lanes")]
      .map((element) => {
        const { x, y, width, height } = element.getBoundingClientRect();
        return `${element.className} ${element.tagName === "H3" ? element.firstChild.textContent : ""} ${[x, y, width, height].map(Math.round).join(",")}`;
      })
      .sort(),
  );

async function assertStill(page, what, from) {
  const before = await landmarks(page);
  await watch(page);
  // Step by step, so that every answer has its time.
  for (let step = 1; step <= 16; step += 1) {
    await page.keyboard.press("ArrowRight");
    await cursorAt(page, from + step);
    assert.deepEqual(await landmarks(page), before, `${what}: something moved at event ${from + step}`);
  }
  // And faster than they can be given.
  const { x, y, width } = await page.getByRole("slider", { name: "Playhead" }).evaluate((slider) => slider.parentElement.getBoundingClientRect());
  await page.mouse.move(x + width * 0.1, y + 12);
  await page.mouse.down();
  for (let part = 10; part <= 90; part += 2) await page.mouse.move(x + (width * part) / 100, y + 12);
  await page.mouse.up();
  await page.getByText(/Looking back/).waitFor({ state: "hidden" });
  assert.deepEqual(await seen(page), [], `${what}: layout shifts`);
  assert.deepEqual(await landmarks(page), before, `${what}: something moved under the drag`);
}

for (const [size, viewport] of [["1440", { width: 1440, height: 900 }], ["1920", { width: 1920, height: 1080 }]]) {
  test(`no layout shifts while the cursor moves, ${size} wide`, async (t) => {
    const { page } = await openPage(t, { viewport });
    await loadSample(page);
    await goTo(page, 440);
    await page.keyboard.press("a");
    await goTo(page, 520);
    await page.keyboard.press("Shift+A");
    for (const tab of ["Event", "State", "Diff A–B", "Blame"]) {
      await goTo(page, 470);
      await page.getByRole("tab", { name: new RegExp(`^${tab}`) }).click();
      await page.getByRole("tabpanel", { name: new RegExp(`^${tab}`) }).waitFor();
      await page.waitForFunction(() => !document.querySelector(".lf-busy"));
      await playhead(page).focus();
      await assertStill(page, `the tab ${tab}`, 470);
    }
    // What finds nothing must be able to find something.
    await watch(page);
    await page.evaluate(() => (document.querySelector(".lf-insp").style.paddingTop = "40px"));
    await page.waitForFunction(() => (globalThis.noteShifts(globalThis.shiftObserver.takeRecords()), globalThis.shifts.length > 0));
  });
}

test("a store without marks has no lane for them, and the dock keeps its height when it gets one", async (t) => {
  const { page } = await openPage(t, { viewport: { width: 1440, height: 900 } });
  await loadSample(page);
  const height = () => page.getByRole("region", { name: "Timeline" }).evaluate((dock) => dock.getBoundingClientRect().height);
  const before = await height();
  const label = page.getByText(/^Builds \d/);
  assert.equal(await label.isVisible(), false);
  await page.getByRole("link", { name: "Projections" }).click();
  await page.getByText("6 caught up").waitFor();
  await page.getByRole("button", { name: "Rebuild all" }).click();
  await page.getByText("6 caught up").waitFor();
  await page.getByRole("link", { name: "Debugger" }).click();
  await label.waitFor();
  assert.equal(await height(), before);
});
