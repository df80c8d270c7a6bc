// The timeline dock: what a person does to it with the mouse, with fingers and with the keyboard alone.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage, realData } from "./harness.mjs";
import { cursor, cursorAt, eventCount, goTo, importReceipt, loadSample, playhead } from "./steps.mjs";

const slider = (page, name) => page.getByRole("slider", { name, exact: true });
const valueOf = async (page, name) => Number(await slider(page, name).getAttribute("aria-valuenow"));
const dock = (page) => page.getByRole("region", { name: "Timeline" });
const density = (page) => page.getByRole("img", { name: /stacked by event type/ });
const leave = (page) => page.evaluate(() => document.activeElement.blur());

async function openSample(t, options) {
  const opened = await openPage(t, options);
  await loadSample(opened.page);
  await leave(opened.page);
  return { ...opened, events: await eventCount(opened.page) };
}

/** The visible window. */
async function windowOf(page) {
  return { from: await valueOf(page, "Window start"), to: await valueOf(page, "Window end") };
}

/** Waits until the visible window is as a function of it says. */
async function windowUntil(page, is) {
  for (;;) {
    const seen = await windowOf(page);
    if (is(seen)) return seen;
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
}

/** Opens an address, and waits for its log. */
async function open(page, address) {
  await page.goto(address);
  await page.getByRole("grid", { name: "Events" }).waitFor();
}

/** Drags with the mouse, in some steps. */
async function drag(page, from, to) {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  for (const share of [0.2, 0.5, 0.8, 1]) {
    await page.mouse.move(from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share);
  }
  await page.mouse.up();
}

/** A place of the lanes: a share of their width, and some pixels below their upper edge. */
async function placeIn(page, share, y) {
  const lanes = await density(page).boundingBox();
  return { x: lanes.x + lanes.width * share, y: lanes.y + y };
}

const near = (seen, wanted, by, what) => assert.ok(Math.abs(seen - wanted) <= by, `${what}: ${seen}, not about ${wanted}`);

test("a drag over the lanes sets A and B, a click goes there, and both can be cleared", async (t) => {
  const { page, events } = await openSample(t);
  await drag(page, await placeIn(page, 0.25, 80), await placeIn(page, 0.75, 80));
  near(await valueOf(page, "Cursor A"), events * 0.25, events * 0.01, "A");
  near(await valueOf(page, "Cursor B"), events * 0.75, events * 0.01, "B");
  assert.equal(await cursor(page), events, "the playhead has not moved");
  const place = await placeIn(page, 0.4, 80);
  await page.mouse.click(place.x, place.y);
  near(await cursor(page), events * 0.4, events * 0.01, "the playhead");
  await page.getByText(/Pinned at/).first().waitFor();
  await page.getByRole("button", { name: "Clear A and B" }).click();
  await slider(page, "Cursor A").waitFor({ state: "hidden" });
  assert.ok(await slider(page, "Cursor B").isHidden());
});

test("the playhead and the cursors are dragged by their flags", async (t) => {
  const { page, events } = await openSample(t);
  await goTo(page, Math.round(events / 2));
  await page.keyboard.press("a");
  const flag = async (name) => {
    const box = await slider(page, name).boundingBox();
    return { x: box.x + (box.width > 20 ? box.width / 2 : 6), y: box.y + 8 };
  };
  // A lies under the playhead here; the playhead is taken.
  await drag(page, await flag("Playhead"), await placeIn(page, 0.8, 10));
  near(await cursor(page), events * 0.8, events * 0.01, "the playhead");
  assert.equal(await valueOf(page, "Cursor A"), Math.round(events / 2));
  await drag(page, await flag("Cursor A"), await placeIn(page, 0.2, 10));
  near(await valueOf(page, "Cursor A"), events * 0.2, events * 0.015, "A");
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await drag(page, await flag("Playhead"), await placeIn(page, 0.3, 10));
  await page.getByRole("button", { name: "Play", exact: true }).waitFor();
});

test("A and B are set, moved and taken away by keys, and stand in the address", async (t) => {
  const { page, url } = await openSample(t);
  await goTo(page, 100);
  await page.keyboard.press("a");
  await goTo(page, 140);
  await page.keyboard.press("Shift+A");
  assert.equal(await slider(page, "Cursor B").getAttribute("aria-valuetext"), "cursor B, event 140");
  await slider(page, "Cursor A").focus();
  await page.keyboard.press("ArrowLeft");
  assert.equal(await valueOf(page, "Cursor A"), 99);
  assert.equal(await cursor(page), 140, "an arrow on A moves A alone");
  await page.waitForURL(/a=99.*b=140/);
  await open(page, `${url}/?store=order-fulfilment&at=120&a=110&b=130&w=100-160&axis=time`);
  await cursorAt(page, 120);
  assert.deepEqual([await valueOf(page, "Cursor A"), await valueOf(page, "Cursor B")], [110, 130]);
  assert.deepEqual(await windowOf(page), { from: 100, to: 160 });
  assert.equal(await page.getByRole("radio", { name: "Time" }).getAttribute("aria-checked"), "true");
  await slider(page, "Cursor B").focus();
  await page.keyboard.press("Delete");
  await slider(page, "Cursor B").waitFor({ state: "hidden" });
});

test("playback goes round between A and B", async (t) => {
  const { page, url } = await openSample(t);
  await open(page, `${url}/?store=order-fulfilment&at=10&a=200&b=204`);
  await cursorAt(page, 10);
  await page.getByRole("combobox", { name: "Speed" }).selectOption("64/s");
  await page.getByRole("button", { name: "Loop A–B" }).click();
  await page.evaluate(() => {
    window.seen = [];
    const playhead = document.querySelector("#playhead");
    new MutationObserver(() => window.seen.push(Number(playhead.getAttribute("aria-valuenow")))).observe(playhead, { attributeFilter: ["aria-valuenow"] });
  });
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await page.waitForFunction(() => window.seen.filter((at, i) => i > 0 && at < window.seen[i - 1]).length >= 2);
  await page.getByRole("button", { name: "Pause" }).click();
  const seen = await page.evaluate(() => window.seen);
  assert.ok(seen.every((at) => at >= 200 && at <= 204), seen.join());
});

test("playback keeps the time of the events, and says that it cuts the gaps", async (t) => {
  const { page } = await openSample(t);
  await goTo(page, 1);
  const speed = page.getByRole("combobox", { name: "Speed" });
  assert.equal(await speed.locator("optgroup").count(), 2);
  await speed.selectOption("86,400×");
  assert.match(await page.getByTitle(/Gaps in which nothing happens are cut to one second/).getAttribute("title"), /86400 times/);
  await page.getByRole("button", { name: "Play", exact: true }).click();
  // The sample is about half a day long: at a day a second it is over at once.
  await cursorAt(page, await eventCount(page));
  await page.getByRole("button", { name: "Play", exact: true }).waitFor();
});

test("an exact position or time is gone to; what is not there is refused with the reason", async (t) => {
  const { page, events } = await openSample(t);
  await goTo(page, 1204);
  const time = (await page.locator("#readout").innerText()).match(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+/)[0];
  await goTo(page, 7);
  const field = page.getByLabel("Go to position");
  const go = async (text) => {
    await field.fill(text);
    await field.press("Enter");
  };
  await go(time);
  await cursorAt(page, 1204);
  await go("#1,206");
  await cursorAt(page, 1206);
  await go(time.split(" ")[1]);
  await cursorAt(page, 1204);
  for (const [text, reason] of [
    [String(events + 1), /There is no event .*: the log has 1 to/],
    ["1999-01-01", /The log begins later, at 2026-03-14/],
    ["2031-01-01 10:00", /The log ends earlier, at 2026-03-14/],
    ["soon", /Type a position such as 1204, or a time/],
  ]) {
    await go(text);
    await page.getByRole("alert").getByText(reason).waitFor();
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    assert.equal(await field.inputValue(), text, "what was typed is kept");
  }
  assert.equal(await cursor(page), 1204);
  await field.press("Escape");
  assert.equal(await page.getByRole("alert").getByText(/Type a/).count(), 0);
});

test("the wheel zooms at the pointer and pans", async (t) => {
  const { page, events } = await openSample(t);
  await goTo(page, 10);
  const place = await placeIn(page, 0.5, 80);
  await page.mouse.move(place.x, place.y);
  await page.keyboard.down("Control");
  for (let i = 0; i < 4; i += 1) await page.mouse.wheel(0, -100);
  await page.keyboard.up("Control");
  const zoomed = await windowUntil(page, ({ from, to }) => to - from < events / 4);
  near((zoomed.from + zoomed.to) / 2, events / 2, events * 0.02, "the middle");
  await page.keyboard.down("Shift");
  await page.mouse.wheel(0, 400);
  await page.keyboard.up("Shift");
  const panned = await windowUntil(page, ({ from }) => from > zoomed.from);
  near(panned.to - panned.from, zoomed.to - zoomed.from, 1, "panning keeps the width");
  assert.equal(await cursor(page), 10, "looking elsewhere moves no playhead");
  const opacity = () => playhead(page).evaluate((element) => getComputedStyle(element).opacity);
  assert.equal(await opacity(), "0", "a playhead that is not in view is not seen");
  await page.mouse.wheel(-200, 0);
  await windowUntil(page, ({ from }) => from < panned.from);
  await page.getByRole("button", { name: "Fit all events" }).click();
  assert.deepEqual(await windowOf(page), { from: 1, to: events });
});

test("keys and buttons zoom and pan", async (t) => {
  const { page, events } = await openSample(t);
  await goTo(page, Math.round(events / 2));
  await page.keyboard.press("+");
  await page.keyboard.press("+");
  const zoomed = await windowUntil(page, ({ from, to }) => to - from <= events / 4);
  await page.keyboard.press(".");
  const right = await windowUntil(page, ({ from }) => from > zoomed.from);
  await page.keyboard.press(",");
  await windowUntil(page, ({ from }) => from < right.from);
  await page.getByRole("button", { name: "Zoom out" }).click();
  await windowUntil(page, ({ from, to }) => to - from > events / 3);
  await page.keyboard.press("0");
  assert.deepEqual(await windowOf(page), { from: 1, to: events });
  assert.ok(await page.getByRole("button", { name: "Zoom out" }).isDisabled());
});

test("the overview's grips zoom, and its window is dragged", async (t) => {
  const { page, events } = await openSample(t);
  await goTo(page, 5);
  const box = await page.getByRole("img", { name: /Event rate over all/ }).boundingBox();
  const at = (share) => ({ x: box.x + box.width * share, y: box.y + 15 });
  await drag(page, { ...at(1), x: at(1).x - 2 }, at(0.4));
  near((await windowOf(page)).to, events * 0.4, events * 0.01, "the end");
  await drag(page, at(0.2), at(0.6));
  const moved = await windowOf(page);
  near(moved.from, events * 0.4, events * 0.01, "the start after the drag");
  near(moved.to, events * 0.8, events * 0.01, "the end after the drag");
  await slider(page, "Window start").focus();
  await page.keyboard.press("ArrowRight");
  await windowUntil(page, ({ from }) => from > moved.from);
  await page.keyboard.press("Home");
  await windowUntil(page, ({ from }) => from === 1);
});

test("pausing and playing again within a frame does not make it play faster", async (t) => {
  const { page } = await openSample(t);
  await goTo(page, 1);
  // How often a callback is asked for while one frame is drawn, at its least over some frames: each clock of playback asks once.
  const asked = () =>
    page.evaluate(async () => {
      const frame = globalThis.frame ?? (globalThis.frame = requestAnimationFrame.bind(globalThis));
      let count = 0;
      globalThis.requestAnimationFrame = (callback) => {
        count += 1;
        return frame(callback);
      };
      const counts = [];
      for (let number = 0; number < 20; number++) {
        count = 0;
        await new Promise((resolve) => frame(() => frame(resolve)));
        counts.push(count);
      }
      globalThis.requestAnimationFrame = frame;
      return Math.min(...counts);
    });
  await page.keyboard.press("l");
  const before = await asked();
  assert.ok(before > 0, "it plays");
  await page.evaluate(async () => {
    for (const key of "klklklklklklklklklkl") {
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
      // Effects run as microtasks.
      for (let turn = 0; turn < 50; turn++) await undefined;
    }
  });
  const after = await asked();
  assert.ok(after < before + 8, `${before} callbacks in two frames, and ${after} after ten pauses`);
});

test("bookmarks are named, kept, gone to, deleted and had back", async (t) => {
  const { page, restart } = await openSample(t);
  await goTo(page, 490);
  await page.keyboard.press("b");
  const flag = (name) => dock(page).getByRole("button", { name });
  await flag("Bookmark StockReleased, event 490").waitFor();
  await page.keyboard.press("b");
  const list = page.getByRole("dialog", { name: "Bookmarks" });
  const name = list.getByLabel("Name of the bookmark at #490");
  // B on a bookmark asks for its name.
  await page.waitForFunction((field) => field === document.activeElement, await name.elementHandle());
  await name.fill("Released twice");
  await name.press("Enter");
  await flag("Bookmark Released twice, event 490").waitFor();
  await goTo(page, 900);
  await page.getByRole("button", { name: "Bookmark #900" }).click();
  await goTo(page, 12);
  await flag("Bookmark Released twice, event 490").click();
  await cursorAt(page, 490);

  const again = (await restart()).page;
  await again.getByRole("button", { name: "Bookmark Released twice, event 490" }).waitFor();
  await again.getByRole("button", { name: /^Bookmarks\s?, 2$/ }).click();
  const second = again.getByRole("dialog", { name: "Bookmarks" });
  await second.getByRole("button", { name: "Delete the bookmark at #490" }).click();
  await second.getByRole("button", { name: "Close", exact: true }).click();
  await again.getByRole("button", { name: /^Bookmarks\s?, 1$/ }).waitFor();
  await again.getByRole("button", { name: "Undo" }).click();
  await again.getByRole("button", { name: "Bookmark Released twice, event 490" }).waitFor();
  await again.getByRole("button", { name: /^Bookmarks\s?, 2$/ }).click();
  await second.getByRole("button", { name: "Go to #900" }).click();
  await cursorAt(again, 900);
});

test("bookmarks go with their store, and crowded flags do not lie over one another", async (t) => {
  const { page } = await openSample(t);
  for (const at of [3000, 3010, 3020, 3400, 6398]) {
    await goTo(page, at);
    await page.keyboard.press("b");
  }
  await page.getByRole("button", { name: /^Bookmarks\s?, 5$/ }).waitFor();
  const flags = await page.locator(".lf-bookmark").evaluateAll((all) =>
    all.map((flag) => flag.getBoundingClientRect()).filter((box) => box.width > 10).map(({ left, right }) => ({ left, right })),
  );
  const lanes = await density(page).boundingBox();
  flags.sort((a, b) => a.left - b.left);
  flags.forEach((flag, i) => {
    assert.ok(flag.left >= lanes.x - 1 && flag.right <= lanes.x + lanes.width + 1, "a flag is cut off");
    if (i > 0) assert.ok(flags[i - 1].right <= flag.left + 1, "a flag lies over another");
  });
  const kept = () => page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("leftfold.bookmarks.")).length);
  assert.equal(await kept(), 1);
  await page.evaluate(() => {
    localStorage.setItem("leftfold.bookmarks.another", '{"store":"other","bookmarks":[{"at":3,"name":"x"}]}');
  });
  await page.getByRole("button", { name: /^Store: order-fulfilment/ }).click();
  await page.getByRole("button", { name: "Delete store order-fulfilment" }).or(page.getByRole("menuitem", { name: "Delete store order-fulfilment" })).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete store" }).click();
  await page.getByText("Store deleted").waitFor();
  assert.deepEqual(
    await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("leftfold.bookmarks."))),
    ["leftfold.bookmarks.another"],
  );
});

test("the axis of stream versions has a block for each event of the stream", async (t) => {
  const { page } = await openSample(t);
  await goTo(page, 490);
  await page.keyboard.press("a");
  await page.getByRole("radio", { name: "Stream version" }).click();
  await page.getByRole("img", { name: /^The \d+ events of inventory-ROPE-30$/ }).waitFor();
  await leave(page);
  const before = await cursor(page);
  await page.keyboard.press("Shift+ArrowRight");
  await page.waitForFunction((at) => Number(document.querySelector("#playhead").getAttribute("aria-valuenow")) > at, before);
  await page.getByRole("img", { name: /of inventory-ROPE-30$/ }).waitFor();
  // Another stream: A is none of it, and stands at the end that is nearer.
  await goTo(page, 1204);
  await page.getByRole("img", { name: /^The \d+ events? of (?!inventory-ROPE-30)/ }).waitFor();
  assert.match(await slider(page, "Cursor A").getAttribute("aria-valuetext"), /event 490, outside of this stream/);
  const lanes = await page.getByRole("img", { name: /^The \d+ event/ }).boundingBox();
  const a = await slider(page, "Cursor A").boundingBox();
  near(a.x, lanes.x, 2, "A at the start");
});

test("a pinned page stays still while events arrive; what is saved of them is marked", async (t) => {
  const { page, newTab } = await openSample(t);
  await drag(page, await placeIn(page, 0.5, 80), await placeIn(page, 0.6, 80));
  await goTo(page, 1000);
  const seen = async () => ({
    window: await windowOf(page),
    cursor: await cursor(page),
    a: await valueOf(page, "Cursor A"),
    at: await slider(page, "Cursor A").boundingBox(),
    lane: await density(page).getAttribute("aria-label"),
  });
  const before = await seen();
  const other = await newTab("/?store=order-fulfilment");
  await other.getByRole("button", { name: /^Store: order-fulfilment/ }).click();
  await other.getByRole("menuitem", { name: /Run simulator/ }).click();
  await page.getByRole("button", { name: /Go live, \d+ events? since pinned/ }).waitFor();
  assert.deepEqual(await seen(), before);
  // The simulator's stock has streams of more than a hundred events: their states are saved.
  await page.getByRole("button", { name: /Go live/ }).click();
  await page.getByText(/^Signals in view: 0 rebuilds, [1-9]\d* snapshots?$/).waitFor({ state: "attached", timeout: 60_000 });
  assert.match(await page.locator(".lf-snap").first().getAttribute("title"), /^Snapshot of inventory-\S+ at #/);
  await other.getByRole("button", { name: "Stop simulator" }).click();
});

test("the flag of the playhead is never cut off, and the dock of a narrow page is large enough to touch", async (t) => {
  const { page, events } = await openSample(t, { viewport: { width: 390, height: 844 }, hasTouch: true });
  const inside = async () => {
    const flag = await page.locator(".lf-playhead__handle").boundingBox();
    assert.ok(flag.x >= 0 && flag.x + flag.width <= 390, `the flag goes from ${flag.x} to ${flag.x + flag.width}`);
  };
  assert.equal(await cursor(page), events);
  await inside();
  await page.keyboard.press("Home");
  await cursorAt(page, 1);
  await inside();
  for (const name of ["Step back", "Play", "Step forward", "To end, live", "Bookmark #1", "More playback controls"]) {
    const box = await dock(page).getByRole("button", { name }).first().boundingBox();
    assert.ok(box.width >= 44 && box.height >= 44, `${name} is ${box.width} × ${box.height}`);
  }
  const lanes = await density(page).boundingBox();
  await page.touchscreen.tap(lanes.x + lanes.width / 2, lanes.y + 50);
  await page.waitForFunction(() => Number(document.querySelector("#playhead").getAttribute("aria-valuenow")) > 100);
  near(await cursor(page), events / 2, events * 0.02, "a touch scrubs");
  await page.getByRole("button", { name: /More playback controls/ }).click();
  const sheet = page.getByRole("dialog", { name: "Playback" });
  await sheet.getByRole("button", { name: "Set cursor A" }).click();
  await sheet.getByRole("radio", { name: "Time" }).click();
  await sheet.getByRole("button", { name: "Loop A–B" }).click();
  assert.equal(await sheet.getByRole("button", { name: "Loop A–B" }).getAttribute("aria-pressed"), "true");
  await sheet.getByRole("button", { name: "Close", exact: true }).click();
  near(await valueOf(page, "Cursor A"), events / 2, events * 0.02, "A");
});

test("two fingers zoom", async (t) => {
  const { page, events } = await openSample(t, { viewport: { width: 1100, height: 800 }, hasTouch: true });
  await goTo(page, 20);
  const lanes = await density(page).boundingBox();
  const session = await page.context().newCDPSession(page);
  const fingers = (a, b) => [a, b].map((share, id) => ({ x: lanes.x + lanes.width * share, y: lanes.y + 80, id }));
  await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: fingers(0.45, 0.55) });
  for (const wide of [0.1, 0.15, 0.2, 0.25]) {
    await session.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: fingers(0.5 - wide, 0.5 + wide) });
  }
  await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  const { from, to } = await windowUntil(page, ({ from, to }) => to - from < events / 3);
  near((from + to) / 2, events / 2, events * 0.03, "the middle");
  assert.equal(await cursor(page), 20);
});

test("on the receipt log the three axes hold, and the dock is lower on the projections page", async (t) => {
  const path = realData(t, "process-logs/receipt.csv.gz");
  if (!path) return;
  const { page } = await openPage(t);
  await importReceipt(page, path);
  await page.getByRole("img", { name: /^Events per \w+ for events 1 to 8,577, stacked by event type$/ }).waitFor();
  await page.getByRole("radio", { name: "Time" }).click();
  await goTo(page, 4000);
  const day = (await page.locator("#readout").innerText()).match(/\d{4}-\d\d-\d\d/)[0];
  const field = page.getByLabel("Go to position");
  await field.fill(day);
  await field.press("Enter");
  await page.waitForFunction(() => Number(document.querySelector("#playhead").getAttribute("aria-valuenow")) !== 4000);
  assert.ok((await page.locator("#readout").innerText()).includes(day));
  assert.ok((await cursor(page)) < 4000);
  await drag(page, await placeIn(page, 0.3, 80), await placeIn(page, 0.6, 80));
  const [a, b] = [await valueOf(page, "Cursor A"), await valueOf(page, "Cursor B")];
  assert.ok(a < b && a > 1 && b < 8_577, `${a} to ${b}`);
  await leave(page);
  await goTo(page, 4000);
  await page.keyboard.press("+");
  await page.keyboard.press("+");
  await windowUntil(page, ({ from, to }) => from > 1 && to < 8_577 && from <= 4000 && to >= 4000);
  await page.getByRole("radio", { name: "Stream version" }).click();
  await page.getByRole("img", { name: /^The \d+ events? of receipt-/ }).waitFor();
  const tall = (await dock(page).boundingBox()).height;
  await page.getByRole("link", { name: "Projections" }).or(page.getByRole("button", { name: "Projections" })).first().click();
  await page.waitForFunction((tall) => document.querySelector(".lf-dock").getBoundingClientRect().height < tall - 40, tall);
  assert.ok(await playhead(page).isVisible());
});
