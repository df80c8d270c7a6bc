// Undoing: filters, a cleared search and bookmarks, with the keyboard and from notes.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage } from "./harness.mjs";
import { countIs, eventCount, goTo, loadSample } from "./steps.mjs";

async function openSample(t, options) {
  const opened = await openPage(t, options);
  await loadSample(opened.page);
  return { ...opened, events: await eventCount(opened.page) };
}

const showOnly = (page, name) => page.getByRole("button", { name: `Show only ${name}`, exact: true }).click({ force: true });
const chip = (page, text) => page.getByRole("list", { name: "Filters" }).getByText(text, { exact: true });
const undo = (page) => page.keyboard.press("Control+z");
const undone = (page, text) => page.getByRole("status").filter({ hasText: "Undone" }).getByText(text).waitFor();
const bookmark = (page, name) => page.getByRole("button", { name: `Bookmark ${name}` });

test("changes of the filter are undone one after the other", async (t) => {
  const { page, events } = await openSample(t);
  await showOnly(page, "OrderPlaced");
  await chip(page, "Only: OrderPlaced").waitFor();
  await page.getByRole("button", { name: "Hide b2b", exact: true }).click({ force: true });
  await chip(page, "Hide: b2b").waitFor();
  await undo(page);
  await undone(page, "Hide: b2b");
  await chip(page, "Hide: b2b").waitFor({ state: "detached" });
  await chip(page, "Only: OrderPlaced").waitFor();
  await undo(page);
  await undone(page, "Only: OrderPlaced");
  await countIs(page, events);
  assert.equal(await page.getByText("Undone").count(), 1, "one note, not one for each");
  await undo(page);
  await countIs(page, events);
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search or run" }).fill("undo");
  await page.keyboard.press("Enter");
  await page.getByText("Nothing to undo").waitFor();
});

test("a removed filter is had back from its note or with the keyboard, and later changes stay", async (t) => {
  const { page } = await openSample(t);
  await showOnly(page, "OrderPlaced");
  await showOnly(page, "OrderPacked");
  await page.getByRole("button", { name: "Remove filter: only OrderPlaced" }).click();
  await chip(page, "Only: OrderPlaced").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await chip(page, "Only: OrderPlaced").waitFor();
  await chip(page, "Only: OrderPacked").waitFor();

  await page.getByRole("button", { name: "Remove filter: only OrderPlaced" }).click();
  await undo(page);
  await chip(page, "Only: OrderPlaced").waitFor();
  await page.getByRole("button", { name: "Undo" }).waitFor({ state: "detached" });

  await page.getByRole("complementary", { name: "Filters" }).getByRole("button", { name: "Clear filters" }).click();
  await chip(page, "Only: OrderPlaced").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Hide b2b", exact: true }).click({ force: true });
  await page.getByRole("button", { name: "Undo" }).click();
  for (const text of ["Only: OrderPlaced", "Only: OrderPacked", "Hide: b2b"]) await chip(page, text).waitFor();
});

test("a cleared search comes back, and text fields keep their own undoing", async (t) => {
  const { page } = await openSample(t);
  await showOnly(page, "StockReleased");
  const search = page.getByLabel("Find in events");
  await search.fill("rope");
  await page.getByText(/\/ \d+$/).first().waitFor();
  await search.press("Escape");
  assert.equal(await search.inputValue(), "");
  await undo(page);
  await page.waitForFunction((field) => field.value === "rope", await search.elementHandle());
  await undo(page);
  await chip(page, "Only: StockReleased").waitFor();

  await search.fill("");
  await page.evaluate(() => document.activeElement.blur());
  await undo(page);
  await undone(page, "search for “rope”");
  assert.equal(await search.inputValue(), "rope");
});

test("a bookmark that was set, renamed and deleted is as it was, step by step", async (t) => {
  const { page } = await openSample(t);
  await goTo(page, 490);
  await page.keyboard.press("b");
  await bookmark(page, "StockReleased, event 490").waitFor();
  await page.keyboard.press("b");
  const list = page.getByRole("dialog", { name: "Bookmarks" });
  await list.getByLabel("Name of the bookmark at #490").fill("Released twice");
  await list.getByLabel("Name of the bookmark at #490").press("Enter");
  await bookmark(page, "Released twice, event 490").click();
  await page.keyboard.press("b");
  await list.getByRole("button", { name: "Delete the bookmark at #490" }).click();
  await list.getByText("No event is bookmarked yet.").waitFor();
  await page.keyboard.press("Escape");
  await list.waitFor({ state: "detached" });
  await undo(page);
  await bookmark(page, "Released twice, event 490").waitFor();
  await undo(page);
  await bookmark(page, "StockReleased, event 490").waitFor();
  await undo(page);
  await undone(page, "bookmark at #490 set");
  await page.getByRole("button", { name: "Bookmark StockReleased, event 490" }).waitFor({ state: "detached" });
});

test("what another tab does to bookmarks is neither lost nor undone", async (t) => {
  const { page } = await openSample(t);
  await goTo(page, 490);
  await page.keyboard.press("b");
  await bookmark(page, "StockReleased, event 490").waitFor();
  // As another tab writes, of which this one has not heard yet.
  const write = (bookmarks) =>
    page.evaluate((bookmarks) => {
      const key = Object.keys(localStorage).find((key) => key.startsWith("leftfold.bookmarks."));
      localStorage.setItem(key, JSON.stringify({ store: "order-fulfilment", bookmarks }));
    }, bookmarks);
  await write([{ at: 490, name: "StockReleased" }, { at: 12, name: "Of another tab" }]);
  await goTo(page, 900);
  await page.keyboard.press("b");
  await bookmark(page, "Of another tab, event 12").waitFor();
  await page.getByRole("button", { name: /^Bookmarks\s?, 3$/ }).click();
  const list = page.getByRole("dialog", { name: "Bookmarks" });
  await list.getByRole("button", { name: "Delete the bookmark at #490" }).click();
  await list.getByRole("button", { name: "Close", exact: true }).click();
  await write([{ at: 490, name: "Put back by another tab" }]);
  await page.getByRole("button", { name: "Undo" }).click();
  await bookmark(page, "Put back by another tab, event 490").waitFor();
  await page.getByRole("button", { name: /^Bookmarks\s?, 1$/ }).waitFor();
});

test("another store has nothing to undo", async (t) => {
  const { page } = await openSample(t);
  await showOnly(page, "OrderPlaced");
  await page.getByRole("button", { name: "Remove filter: only OrderPlaced" }).click();
  await page.getByRole("button", { name: "Undo" }).waitFor();
  await page.getByRole("button", { name: /^Store: order-fulfilment/ }).click();
  await page.getByRole("menuitem", { name: "New store…" }).click();
  await page.getByLabel("Name", { exact: true }).fill("empty");
  await page.getByRole("button", { name: "Make store" }).click();
  await page.getByRole("button", { name: /^Store: empty/ }).waitFor();
  await page.getByRole("button", { name: "Undo" }).waitFor({ state: "detached" });
  await undo(page);
  await page.waitForFunction(() => location.search.includes("store=empty"));
  assert.ok(!(await page.evaluate(() => location.search)).includes("type="));
});
