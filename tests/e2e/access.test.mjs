// What the keyboard and a screen reader need: focus that is never lost, notes that are heard in dialogs, keys that mean one thing.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage } from "./harness.mjs";
import { cursor, cursorAt, eventCount, fileOf, goTo, loadSample, playhead } from "./steps.mjs";

async function openSample(t, options) {
  const opened = await openPage(t, options);
  await loadSample(opened.page);
  return { ...opened, events: await eventCount(opened.page) };
}

const button = (page, name) => page.getByRole("button", { name });

/** Waits until an element has the focus. */
async function focusIsOn(locator) {
  // What the locator finds is looked for anew each time: an element may be replaced by another one of the same name.
  for (let turn = 0; turn < 600; turn += 1) {
    if (await locator.evaluateAll((all) => all.includes(document.activeElement))) return;
    await locator.page().evaluate(() => new Promise(requestAnimationFrame));
  }
  const active = await locator.page().evaluate(() => document.activeElement?.outerHTML.slice(0, 200));
  assert.fail(`${locator} has not got the focus, but ${active}`);
}

/** Presses a button as the keyboard does. */
async function press(locator, key = "Enter") {
  await locator.focus();
  await locator.page().keyboard.press(key);
}

/** Waits until the focus is somewhere, and gives what has it. */
async function focused(page) {
  const found = await page.waitForFunction(() => {
    const active = document.activeElement;
    return active !== document.body && active.getBoundingClientRect().height > 0 && active;
  });
  return found.evaluate((element) => `${element.tagName}${element.id && `#${element.id}`} ${element.getAttribute("aria-label") ?? element.textContent.trim().slice(0, 60)}`);
}

test("a note over an open dialog can be pressed and is announced there", async (t) => {
  const { page } = await openSample(t);
  await button(page, /^Store:/).click();
  await page.getByRole("menuitem", { name: /^Storage/ }).click();
  const dialog = page.getByRole("dialog", { name: /^Storage of/ });
  await dialog.getByLabel("Label", { exact: true }).fill("Warehouse, spring");
  await dialog.getByRole("button", { name: "Save label" }).click();
  // The list that is announced was there before the note, and is inside of the dialog: what is beneath it is inert.
  await dialog.getByRole("status").getByText("Label saved").waitFor();
  assert.equal(await page.getByText("Label saved").count(), 1);
  const undo = dialog.getByRole("button", { name: "Undo" });
  await undo.focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => localStorage.getItem("leftfold.labels") === null);
  await undo.waitFor({ state: "detached" });
  assert.match(await focused(page), /store-label|Save label|Label/);
});

test("a note stays while somebody is at it, and what it announced is not announced again", async (t) => {
  const { page } = await openSample(t);
  await button(page, /^Bookmark #/).click();
  await button(page, /^Bookmarks/).click();
  const dialog = page.getByRole("dialog", { name: "Bookmarks" });
  await dialog.getByRole("button", { name: /^Delete the bookmark/ }).click();
  await dialog.getByRole("status").getByText("Bookmark deleted").waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  const notes = page.getByRole("region", { name: "Notes" });
  await notes.getByText("Bookmark deleted").waitFor();
  assert.equal(await notes.getByRole("status").getByText("Bookmark deleted").count(), 0);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("n");
  await focusIsOn(notes.getByRole("button", { name: "Undo" }));
  // A note with an action goes after twelve seconds, unless somebody is at it.
  await page.waitForTimeout(14_000);
  await focusIsOn(notes.getByRole("button", { name: "Undo" }));
  await page.keyboard.press("Enter");
  await button(page, /^Bookmark OrderPlaced|^Bookmark .*, event/).waitFor();
});

test("the focus goes on from a filter that was taken away", async (t) => {
  const { page } = await openSample(t);
  for (const type of ["OrderPlaced", "StockReleased"]) await press(button(page, `Hide ${type}`), "Space");
  await press(button(page, "Remove filter: hide OrderPlaced"));
  await focusIsOn(button(page, "Remove filter: hide StockReleased"));
  await page.keyboard.press("Enter");
  await focusIsOn(page.getByLabel("Find in events"));

  await press(button(page, "Hide OrderPlaced"), "Space");
  await press(button(page, "Clear filters"));
  await focusIsOn(page.getByLabel("Filter types, streams and tags"));
});

test("the focus goes to the playhead from Live, and back into the log from an empty one", async (t) => {
  const { page, events } = await openSample(t);
  await goTo(page, 490);
  await press(button(page, /^Go live/));
  await cursorAt(page, events);
  await focusIsOn(playhead(page));

  await page.getByLabel("Find in events").fill("no such text anywhere");
  await press(button(page, "Show only matches"));
  const grid = page.getByRole("grid", { name: "Events" });
  await press(grid.getByRole("button", { name: "Clear filters" }));
  await focusIsOn(grid.locator("[role=row][aria-current=true]"));
});

test("the focus stays in the history of a field, and goes back to the field", async (t) => {
  const { page } = await openSample(t);
  await goTo(page, 490);
  await page.getByRole("tab", { name: "Blame" }).click();
  const field = page.getByRole("table", { name: /^Last event that wrote .* at event 490$/ }).getByRole("button").first();
  await press(field);
  await focusIsOn(button(page, "← All fields"));
  await page.keyboard.press("Enter");
  await focusIsOn(field);
});

test("verifying, rebuilding and setting A and B keep the focus near", async (t) => {
  const { page } = await openSample(t);
  await page.getByRole("tab", { name: /^Diff/ }).click();
  await press(button(page, "A here"));
  await focusIsOn(page.getByRole("button", { name: /^A\s+#/ }));
  await press(button(page, "B here"));
  await focusIsOn(page.getByRole("button", { name: /^B\s+#/ }));
  await page.getByRole("slider", { name: "Cursor A" }).focus();
  await page.keyboard.press("Delete");
  await focusIsOn(playhead(page));

  await press(button(page, /^Store:/));
  // The menu gives the focus to its first item in the next frame.
  await focusIsOn(page.getByRole("menu", { name: "Stores" }).getByRole("menuitemradio").first());
  await page.getByRole("menuitem", { name: /^Storage/ }).focus();
  await page.keyboard.press("Enter");
  const panel = page.getByRole("dialog", { name: /^Storage of/ });
  await press(panel.getByRole("button", { name: "Verify" }));
  await focusIsOn(panel.getByRole("button", { name: "Verify again" }));
  await page.keyboard.press("Escape");
  await focusIsOn(button(page, /^Store:/));

  await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Projections" }).click();
  await page.getByRole("article", { name: "revenue" }).getByText("Caught up").waitFor();
  const rebuild = button(page, /^Rebuild revenue/);
  await press(rebuild);
  const cancel = button(page, /^Cancel rebuilding revenue/);
  await focusIsOn(rebuild.or(cancel));
  await cancel.waitFor({ state: "detached" });
  await focusIsOn(rebuild);
  await press(button(page, "Rebuild all"));
  await focusIsOn(button(page, "Rebuild all"));
});

test("the focus stays within the import, from step to step, and comes back from it", async (t) => {
  const { page } = await openPage(t);
  const lines = Array.from({ length: 40 }, (_, i) => `order-${i % 7},OrderPlaced,2026-03-14T09:${10 + (i % 40)}:00Z,${i}`);
  const path = await fileOf(t, "orders.csv", `stream,type,time,units\n${lines.join("\n")}\n`);
  const chooser = page.waitForEvent("filechooser");
  await press(button(page, "Choose file…"));
  await (await chooser).setFiles(path);
  const dialog = page.getByRole("dialog");
  await press(dialog.getByRole("button", { name: "Import 40 events" }));
  await focusIsOn(dialog.getByRole("button", { name: "Show the log" }));
  await page.keyboard.press("Enter");
  await page.getByRole("grid", { name: "Events" }).waitFor();
  assert.match(await focused(page), /^DIV#main|^BUTTON/);
});

test("a dialog of the palette gives the focus back to where the palette was opened", async (t) => {
  const { page } = await openSample(t);
  await playhead(page).focus();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search or run" }).fill("keyboard shortcuts");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
  await page.keyboard.press("Escape");
  await focusIsOn(playhead(page));
});

test("a button has Space and Enter for itself, and arrows go on scrubbing", async (t) => {
  const { page } = await openSample(t, { permissions: ["clipboard-read", "clipboard-write"] });
  await goTo(page, 490);
  await button(page, /^Theme/).click();
  await page.keyboard.press("ArrowLeft");
  await cursorAt(page, 489);
  await page.keyboard.press("Home");
  await cursorAt(page, 1);
  await goTo(page, 490);
  const link = button(page, "Copy link to this moment");
  await link.focus();
  await page.keyboard.press("ArrowRight");
  await cursorAt(page, 491);
  const copied = page.locator(".lf-toast", { hasText: "Link copied" });
  for (const key of ["Space", "Enter"]) {
    await link.focus();
    await page.keyboard.press(key);
    await copied.waitFor();
    assert.equal(await button(page, "Pause").count(), 0, `${key} on a button does not play`);
    assert.equal(await cursor(page), 491);
    await copied.getByRole("button", { name: "Close note" }).click();
    await copied.waitFor({ state: "detached" });
  }
  await link.focus();

  // With Shift an arrow is a step in the same stream wherever it is pressed.
  const tab = page.getByRole("tab", { name: /^State/ });
  for (const place of [tab, page.getByRole("radio", { name: "Event", exact: true }), page.locator("[role=treeitem][tabindex='0']").first()]) {
    await goTo(page, 490);
    await place.focus();
    await page.keyboard.press("Shift+ArrowLeft");
    await cursorAt(page, 485);
  }
  assert.equal(await tab.getAttribute("aria-selected"), "true");
  await tab.focus();
  await page.keyboard.press("ArrowRight");
  await page.getByRole("tab", { name: /^Diff/, selected: true }).waitFor();
  assert.equal(await cursor(page), 485, "an arrow that chooses a tab does not step");
});

test("what scrolls without a control inside is reached by the keyboard", async (t) => {
  const { page } = await openSample(t, { viewport: { width: 1280, height: 560 } });
  await goTo(page, 490);
  await page.getByRole("tab", { name: /^Diff/ }).click();
  await button(page, "Compare with the first event").click();
  const body = page.getByRole("group", { name: "Differences" });
  await body.focus();
  await focusIsOn(body);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("?");
  const keys = page.getByRole("group", { name: "Keys and what they do" });
  await keys.focus();
  await page.keyboard.press("End");
  await page.waitForFunction(() => document.querySelector("dialog .lf-scroll").scrollTop > 0);
});

test("counts are announced once the filter or the search has settled", async (t) => {
  const { page, events } = await openSample(t);
  const log = page.getByRole("region", { name: "Event log" });
  const head = events.toLocaleString("en");
  await press(button(page, "Show only StockReleased"), "Space");
  await log.getByRole("status").filter({ hasText: new RegExp(`^[\\d,]+ of ${head} events are shown$`) }).waitFor({ state: "attached" });
  await page.getByLabel("Find in events").fill("rope-30");
  await log.getByRole("status").filter({ hasText: /^[\d,]+ match(es)?\. / }).waitFor({ state: "attached" });
});

test("the playhead speaks at its ease while the timeline plays", async (t) => {
  const { page } = await openSample(t);
  await goTo(page, 1);
  const counts = await page.evaluate(async () => {
    const slider = document.querySelector("#playhead");
    const seen = { "aria-valuenow": 0, "aria-valuetext": 0 };
    new MutationObserver((records) => records.forEach((record) => (seen[record.attributeName] += 1)))
      .observe(slider, { attributes: true, attributeFilter: Object.keys(seen) });
    document.querySelector("[aria-keyshortcuts=Space]").click();
    await new Promise((resolve) => {
      const look = () => (seen["aria-valuenow"] >= 20 ? resolve() : requestAnimationFrame(look));
      look();
    });
    return seen;
  });
  assert.ok(counts["aria-valuetext"] * 2 < counts["aria-valuenow"], JSON.stringify(counts));
  await button(page, "Pause").click();
  const at = await cursor(page);
  await page.waitForFunction((at) => document.querySelector("#playhead").getAttribute("aria-valuetext").startsWith(`event ${at} of`), at);
});

test("with reduced motion what is shown late still waits, and nothing moves", async (t) => {
  const { page } = await openSample(t, { reducedMotion: "reduce" });
  const seen = await page.evaluate(() => {
    const late = document.createElement("div");
    late.className = "lf-log__pill--late";
    document.body.append(late);
    const [animation] = late.getAnimations();
    const before = getComputedStyle(late).visibility;
    const delay = animation?.effect.getTiming().delay;
    animation?.finish();
    const after = getComputedStyle(late).visibility;
    late.remove();
    const moving = document.getAnimations().filter((animation) => animation.effect.getComputedTiming().activeDuration > 0);
    return { before, delay, after, moving: moving.length };
  });
  assert.deepEqual(seen, { before: "hidden", delay: 300, after: "visible", moving: 0 });
});

test("widths of columns are set by keyboard in their menu, and no grip is a tab stop", async (t) => {
  const { page } = await openSample(t);
  assert.equal(await page.locator("[role=separator][tabindex='0']").count(), 0);
  await press(button(page, "Columns"));
  const menu = page.getByRole("menu", { name: "Columns" });
  await focusIsOn(menu.getByRole("menuitemcheckbox").first());
  await menu.getByRole("menuitemcheckbox", { name: "Type" }).focus();
  const grip = page.getByRole("separator", { name: "Width of column Type" });
  const before = Number(await grip.getAttribute("aria-valuenow"));
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("ArrowLeft");
  assert.equal(Number(await grip.getAttribute("aria-valuenow")), before + 32);
  await page.getByRole("status").getByText(`${before + 32} pixels`).waitFor({ state: "attached" });
  await page.keyboard.press("Backspace");
  assert.equal(Number(await grip.getAttribute("aria-valuenow")), before);
  await page.keyboard.press("Escape");
  await focusIsOn(button(page, "Columns"));
});

test("the palette's key is named as this machine has it", async (t) => {
  const { page, context } = await openSample(t);
  assert.match(await button(page, /^Command palette/).innerText(), /Ctrl K/);
  await context.addInitScript(() => Object.defineProperty(navigator, "platform", { get: () => "MacIntel" }));
  await page.reload();
  const palette = button(page, /^Command palette/);
  assert.match(await palette.innerText(), /⌘ K/);
  assert.equal(await palette.getAttribute("aria-keyshortcuts"), "Meta+K");
  await page.getByRole("grid", { name: "Events" }).waitFor();
  await page.keyboard.press("?");
  await page.getByRole("row", { name: /^Search or run ⌘/ }).waitFor();
});

test("the inspector is closed and shown again, and the focus goes along", async (t) => {
  const { page } = await openSample(t);
  await press(button(page, "Close inspector"));
  await page.getByRole("region", { name: "Inspector" }).waitFor({ state: "hidden" });
  const show = button(page, "Show inspector");
  await focusIsOn(show);
  await page.keyboard.press("Enter");
  await focusIsOn(page.getByRole("tab", { name: /^State/ }));
});
