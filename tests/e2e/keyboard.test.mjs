// A walk through the page with the keyboard alone: everything is reached, and at each stop the focus is seen.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage } from "./harness.mjs";
import { cursor, cursorAt, fileOf } from "./steps.mjs";

const MOST_STOPS = 400;

/** Asserts that something has the focus, is in view and shows it. */
async function assertSeen(page, stop) {
  const look = () =>
    page.evaluate(() => {
      const active = document.activeElement;
      if (active === document.body) return { name: "nothing" };
      const bounds = active.getBoundingClientRect();
      const inView = bounds.right > 0 && bounds.bottom > 0 && bounds.left < innerWidth && bounds.top < innerHeight;
      // A field shows the focus on its frame, the middle of the page on a layer of its own, a thumb on its handle.
      const marks = [active, active.closest(".lf-field, .lf-select, .lf-switch"), ...active.children].filter(Boolean).map((element) => getComputedStyle(element));
      if (active.matches("#main")) marks.push(getComputedStyle(active, "::after"));
      const isMarked = marks.some((style) => (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0));
      return { name: `${active.tagName} ${active.getAttribute("aria-label") ?? active.textContent.trim().slice(0, 40)}`, inView, isMarked };
    });
  // What is replaced gives its focus on some frames later.
  let found = await look();
  for (let turn = 0; turn < 50 && found.name === "nothing"; turn += 1) {
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    found = await look();
  }
  assert.ok(found.inView && found.isMarked, `${stop}: the focus is not seen: ${JSON.stringify(found)}`);
}

/** Goes with Tab to what has this role and name. */
async function tabTo(page, locator, stop) {
  const isThere = () => locator.evaluateAll((elements) => elements.includes(document.activeElement));
  const passed = [];
  for (let stops = 0; stops < MOST_STOPS; stops += 1) {
    if (await isThere()) return assertSeen(page, stop);
    await page.keyboard.press("Tab");
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    passed.push(await page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent.trim().slice(0, 20)));
  }
  assert.fail(`${stop} is not reached with Tab; passed ${passed.slice(0, 80).join(" | ")}`);
}

const button = (page, name) => page.getByRole("button", { name });

async function open(t, options) {
  const { page } = await openPage(t, options);
  await button(page, "Load sample").waitFor();
  await tabTo(page, button(page, "Load sample"), "the way into the sample");
  await page.keyboard.press("Enter");
  await page.getByRole("grid", { name: "Events" }).waitFor();
  await page.getByText("Sample loaded").waitFor();
  await assertSeen(page, "the log after the sample was loaded");
  return page;
}

test("moving, inspecting, comparing, filtering, searching and bookmarking", async (t) => {
  const page = await open(t);

  await tabTo(page, page.getByLabel("Go to position"), "the field that goes to a position");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("490");
  await page.keyboard.press("Enter");
  await cursorAt(page, 490);
  await tabTo(page, page.getByRole("slider", { name: "Playhead" }), "the playhead");
  await page.keyboard.press("Shift+ArrowLeft");
  await cursorAt(page, 485);
  await page.keyboard.press("Shift+ArrowRight");
  await cursorAt(page, 490);

  // The tabs of the inspector.
  await tabTo(page, page.getByRole("tab", { selected: true }), "the tabs");
  for (const [key, tab] of [["Home", "Event"], ["ArrowRight", "State"], ["ArrowRight", "Diff"], ["ArrowRight", "Blame"]]) {
    await page.keyboard.press(key);
    await page.getByRole("tab", { name: new RegExp(`^${tab}`), selected: true }).waitFor();
    await assertSeen(page, `the tab ${tab}`);
  }
  await tabTo(page, page.getByRole("table", { name: /^Last event that wrote/ }).getByRole("button").first(), "a field of the blame");
  await page.keyboard.press("Enter");
  await button(page, "← All fields").waitFor();
  await assertSeen(page, "the history of a field");
  await page.keyboard.press("Enter");
  await page.getByRole("table", { name: /^Last event that wrote/ }).waitFor();
  await assertSeen(page, "the field after its history");

  // A and B, by their keys, and what lies between them.
  await page.keyboard.press("Shift+A");
  await page.keyboard.press("Home");
  await cursorAt(page, 1);
  await page.keyboard.press("a");
  await tabTo(page, page.getByLabel("Go to position"), "the field again");
  await page.keyboard.type("490");
  await page.keyboard.press("Enter");
  await cursorAt(page, 490);
  await tabTo(page, page.getByRole("tab", { selected: true }), "the tabs again");
  await page.keyboard.press("ArrowLeft");
  await page.getByRole("table", { name: /at A, event 1, and at B, event 490/ }).waitFor();
  await tabTo(page, page.getByRole("group", { name: "Differences" }), "the differences");

  // A filter by type, and back.
  const only = button(page, "Show only StockReleased");
  const first = page.getByRole("list", { name: "Event types" }).getByRole("button", { name: /^Show only/ }).first();
  await tabTo(page, first, "the types of the rail");
  for (let row = 0; row < 40 && !(await only.evaluate((it) => it === document.activeElement)); row += 1) await page.keyboard.press("ArrowDown");
  await assertSeen(page, "a type of the rail");
  await page.keyboard.press("Space");
  await tabTo(page, button(page, "Remove filter: only StockReleased"), "the filter that was set");
  await page.keyboard.press("Enter");
  await button(page, "Remove filter: only StockReleased").waitFor({ state: "detached" });
  await assertSeen(page, "what follows the filter");
  await tabTo(page, only, "the type again");
  await page.keyboard.press("Space");
  await tabTo(page, button(page, "Clear filters"), "the way to clear the filter");
  await page.keyboard.press("Enter");
  await assertSeen(page, "what follows the cleared filter");

  // A search, match by match.
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  await page.waitForFunction(() => document.activeElement.id === "log-search");
  await assertSeen(page, "the search");
  await page.keyboard.type("rope-30");
  await page.locator("#find-n").getByText(/ \/ \d/).waitFor();
  await page.keyboard.press("Enter");
  await page.locator("#find-n").getByText(/^\d+ \/ \d/).waitFor();
  await assertSeen(page, "a match");
  await page.keyboard.press("Escape");
  await page.locator("#find-n").waitFor({ state: "detached" });
  await assertSeen(page, "the emptied search");

  // A bookmark, by its key, and its name.
  await tabTo(page, page.locator("[role=row][aria-current=true]"), "the row of the playhead");
  await page.keyboard.press("ArrowUp");
  await assertSeen(page, "the row above");
  await page.keyboard.press("b");
  await page.keyboard.press("b");
  const bookmarks = page.getByRole("dialog", { name: "Bookmarks" });
  await bookmarks.getByRole("textbox").and(page.locator(":focus")).waitFor();
  await assertSeen(page, "the name of the bookmark");
  await page.keyboard.type("wrong");
  await page.keyboard.press("Enter");
  await bookmarks.waitFor({ state: "detached" });
  await button(page, /^Bookmark wrong, event/).waitFor();
  await assertSeen(page, "the row after the dialog");
});

test("a list of filters is one stop, and F6 goes from part to part", async (t) => {
  const page = await open(t);
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.innerText);
  await page.waitForFunction(() => document.querySelectorAll(".lf-facet__list [data-act][tabindex='0']").length === 3);
  await page.getByLabel("Filter types, streams and tags").focus();
  const stops = [];
  for (let stop = 0; stop < 6; stop += 1) {
    await page.keyboard.press("Tab");
    stops.push(await focused());
  }
  const shape = [/^Event types/, /^Show only/, /^Streams/, /^Streams of/, /^Tags/, /^Show only/];
  shape.forEach((name, at) => assert.match(stops[at], name));
  // Left and right go from button to button of a row, and step nowhere in the log.
  const at = await cursor(page);
  await page.keyboard.press("ArrowRight");
  assert.match(await focused(), /^Hide/);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowLeft");
  assert.match(await focused(), /^Show only/);
  assert.equal(await cursor(page), at);
  // The button that last had the focus is the stop.
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Tab");
  assert.match(await focused(), /^Hide/);

  const parts = ["row", "tab", "slider", "searchbox", "row"];
  for (const part of parts) {
    await page.keyboard.press("F6");
    const role = await page.evaluate(() => document.activeElement.getAttribute("role") ?? document.activeElement.type);
    assert.equal(role === "search" ? "searchbox" : role, part);
    await assertSeen(page, `the part with the ${part}`);
  }
  await page.keyboard.press("Shift+F6");
  assert.equal(await page.evaluate(() => document.activeElement.id), "facet-search");
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard" }).getByRole("row", { name: /To the next part of the page.*F6/ }).waitFor();
});

test("what is typed before the first frame of the palette is not typed over", async (t) => {
  const page = await open(t);
  // The dialog gives the field its focus at once; the frame behind it comes when the page has time.
  await page.evaluate(() => {
    const { requestAnimationFrame } = window;
    const held = [];
    window.requestAnimationFrame = (callback) => held.push(callback);
    window.goOn = () => {
      window.requestAnimationFrame = requestAnimationFrame;
      for (const callback of held) requestAnimationFrame(callback);
      return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    };
  });
  await page.keyboard.press("Control+k");
  const field = page.getByRole("combobox", { name: "Search or run" });
  await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "combobox");
  await page.keyboard.type("#4");
  await page.evaluate(() => window.goOn());
  await page.keyboard.type("90");
  assert.equal(await field.inputValue(), "#490");
  await page.getByRole("option", { name: /StockReleased in inventory-ROPE-30/ }).waitFor();
});

test("the palette, the pages, a command, an import, the help", async (t) => {
  const page = await open(t);

  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search or run" }).waitFor();
  await assertSeen(page, "the palette");
  await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "combobox");
  await page.keyboard.type("#490", { delay: 20 });
  await page.getByRole("option", { name: /StockReleased in inventory-ROPE-30/ }).waitFor();
  await page.keyboard.press("Enter");
  await cursorAt(page, 490);
  await assertSeen(page, "what follows the palette");

  const link = (name) => page.getByRole("navigation", { name: "Views" }).getByRole("link", { name });
  await tabTo(page, link("Projections"), "the link to the projections");
  await page.keyboard.press("Enter");
  await page.getByText("6 caught up").waitFor();
  await assertSeen(page, "the projections");
  await tabTo(page, button(page, "Rebuild revenue"), "the button that rebuilds");
  await page.keyboard.press("Enter");
  await assertSeen(page, "a read model that is rebuilt");
  await page.goBack();
  await page.getByRole("grid", { name: "Events" }).waitFor();
  await assertSeen(page, "the debugger after going back");

  await tabTo(page, link("Commands"), "the link to the commands");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Commands" }).waitFor();
  await tabTo(page, button(page, "New id"), "the new id");
  await page.keyboard.press("Enter");
  await assertSeen(page, "the new id was pressed");
  await tabTo(page, page.getByRole("textbox", { name: "Customer" }), "the customer");
  await page.keyboard.type("cus_0001");
  await tabTo(page, page.getByLabel("Units of line 1"), "the units");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("2");
  await tabTo(page, button(page, "Place order"), "the button that issues");
  await page.keyboard.press("Enter");
  await page.getByRole("region", { name: "Outcome" }).getByText("Accepted: 1 event appended").waitFor();
  await assertSeen(page, "the issued command");
  await tabTo(page, page.getByRole("region", { name: "Outcome" }).getByRole("button"), "the link to the event");
  await page.keyboard.press("Enter");
  await cursorAt(page, 6401);
  await page.getByRole("grid", { name: "Events" }).waitFor();
  await assertSeen(page, "the event of the command");

  await tabTo(page, page.getByRole("button", { name: "Import", exact: true }), "the way to an import");
  const chooser = page.waitForEvent("filechooser");
  // The browser is told first that somebody waits for it.
  await assertSeen(page, "the way to an import");
  await page.keyboard.press("Enter");
  await (await chooser).setFiles(await fileOf(t, "orders.csv", "stream,type,time\norder-1,OrderPlaced,2026-03-14T09:10:00Z\n"));
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Import 1 event" }).waitFor();
  await assertSeen(page, "the import");
  await tabTo(page, dialog.getByLabel("Category"), "a field of the import");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await assertSeen(page, "what follows the import");

  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keyboard" });
  await help.waitFor();
  await assertSeen(page, "the help");
  await tabTo(page, help.getByRole("group", { name: "Keys and what they do" }), "the list of keys");
  await page.keyboard.press("Escape");
  await help.waitFor({ state: "detached" });
  await assertSeen(page, "what follows the help");
});
