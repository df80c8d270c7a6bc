// Projections that are written in the page: the editor, what a run says, cards, steps, and two versions compared.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { openPage } from "./harness.mjs";
import { fileOf, goTo, loadSample } from "./steps.mjs";

const button = (page, name) => page.getByRole("button", { name });
const panel = (page, name) => page.getByRole("complementary", { name });
const source = (page) => page.getByRole("textbox", { name: "Projection source, JavaScript" });
const card = (page, name) => page.getByRole("article", { name });

/** Opens the editor for a new projection. */
async function write(page, text) {
  await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Projections" }).click();
  await button(page, "New projection").click();
  await source(page).waitFor();
  if (text) await replace(page, text);
}

/** Puts a text into the editor, as from the clipboard: what one types is completed on the way. */
async function replace(page, text) {
  await source(page).click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text);
}

const SUM = (sign) => `fromCategory('inventory').foreachStream().when({
  $init: () => ({ sellable: 0 }),
  StockReplenished(state, event) { state.sellable += event.data.units },
  StockReserved(state, event) { state.sellable -= event.data.units },
  StockReleased(state, event) { state.sellable ${sign}= event.data.units; log('released', event.data.units) },
})
`;

test("a projection is written, run, saved, seen at every moment on its card and in the debugger", async (t) => {
  const { page, context } = await openPage(t);
  await loadSample(page);
  await goTo(page, 490);
  await write(page, SUM("+"));
  await page.getByLabel("Name").fill("sellable");
  await source(page).click();
  await page.keyboard.press("Control+Enter");
  const written = panel(page, "New projection");
  await written.getByText("Dry run to #490").waitFor();
  await written.getByRole("tree", { name: "State at event 490" }).getByText("sellable").waitFor();
  // The step says what the event did: the state before and after, what was logged.
  const rows = written.getByRole("table", { name: "What the event changed in the state" });
  await rows.getByRole("row", { name: /sellable changed 17 20/ }).waitFor();
  await written.getByText("released 3", { exact: true }).waitFor();
  // How many partitions there are was counted where the run ended.
  await written.getByText(/^of \d+ partitions$/).waitFor();
  await goTo(page, 400);
  await written.getByText(/^of \d+ partitions at #490$/).waitFor();
  await goTo(page, 490);
  await written.getByText(/^of \d+ partitions$/).waitFor();
  await written.getByText(/^Partition inventory-ROPE-30/).waitFor();
  // A state that begins with an event has that one's clock.
  await goTo(page, 1);
  await replace(page, "fromAll().when({ $init: () => ({ later: Date.now() > 0 }), $any() {} })");
  await button(page, "Run").click();
  await rows.getByRole("row", { name: /later changed false true/ }).waitFor();
  await goTo(page, 490);
  await replace(page, SUM("+"));
  await page.keyboard.press("Control+s");
  await panel(page, "Edit sellable").getByText("Saved", { exact: true }).waitFor();
  await button(page, "Close editor").press("Enter");
  await page.waitForFunction(() => document.activeElement?.id === "new-projection");

  const own = card(page, "sellable");
  await own.getByLabel("Partition of sellable").fill("inventory-ROPE-30");
  await own.getByLabel("Partition of sellable").press("Enter");
  await own.getByText("changed from 17 to 20").waitFor({ state: "attached" });
  await goTo(page, 489);
  await own.getByRole("cell", { name: "17", exact: true }).waitFor();

  await button(page, "Open sellable in the debugger").click();
  await page.getByRole("tree", { name: "State of sellable of inventory-ROPE-30 at event 489" }).waitFor();
  await page.waitForFunction(() => location.search.includes("of=projection%3Asellable"));
  // The address leads another tab there.
  const other = await context.newPage();
  await other.goto(page.url());
  await other.getByRole("tree", { name: "State of sellable of inventory-ROPE-30 at event 489" }).getByText("17").waitFor();
  await other.close();
});

test("a store is left while a projection of one's own is shown at every moment", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  await write(page, SUM("+"));
  await page.getByLabel("Name").fill("sellable");
  await page.keyboard.press("Control+s");
  await panel(page, "Edit sellable").getByText("Saved", { exact: true }).waitFor();
  await card(page, "sellable").getByText(/^#6,400$/).waitFor();
  const path = await fileOf(t, "other.ndjson", '{"stream":"order-1","type":"OrderPlaced","data":{}}\n');
  const chooser = page.waitForEvent("filechooser");
  await button(page, "Import").click();
  await (await chooser).setFiles(path);
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Store", { exact: true }).fill("other");
  await dialog.getByRole("button", { name: "Import 1 event" }).click();
  await dialog.getByRole("button", { name: "Show the log" }).click();
  await page.getByRole("slider", { name: "Playhead" }).and(page.locator('[aria-valuemax="1"]')).waitFor();
});

test("a run with a large state draws the rows that are in view", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  await goTo(page, 490);
  await write(page, "fromAll().when({ $init: () => Object.fromEntries(Array.from({ length: 3000 }, (_, i) => ['key' + i, i])), $any(state) {} })");
  await source(page).click();
  await page.keyboard.press("Control+Enter");
  const tree = panel(page, "New projection").getByRole("tree", { name: "State at event 490" });
  await tree.getByText("key12", { exact: true }).waitFor();
  const drawn = await tree.getByRole("treeitem").count();
  assert.ok(drawn < 60, `${drawn} rows are drawn for 3,000`);
  await tree.getByRole("treeitem").first().focus();
  await page.keyboard.press("End");
  await page.waitForFunction(() => document.activeElement.ariaPosInSet === "3000");
});

test("what is wrong is shown at its line, with the way to the event; what was typed outlives a reload", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  await write(page, "fromAll().when({\n  OrderPlaced(state, event) { state.n = }\n})\n");
  await button(page, "Run").click();
  const written = panel(page, "New projection");
  await written.getByText("The text cannot be run").waitFor();
  await source(page).getByText(/^SyntaxError: Unexpected token/).waitFor();
  await written.getByText(/^line 2, column/).waitFor();

  await replace(page, "fromAll().when({\n  $init: () => ({ n: 0 }),\n  OrderCancelled(state, event) {\n    state.n += event.data.nothing.there\n  },\n})\n");
  await page.getByLabel("Name").fill("half done");
  await page.getByLabel("Name").press("Control+Enter");
  await written.getByText(/^Stopped at #/).waitFor();
  await source(page).getByText(/^TypeError: .* at #\d+, OrderCancelled$/).waitFor();
  await button(page, "Go to line 4").click();
  await page.waitForFunction(() => document.activeElement?.closest(".cm-content"));
  // Escape, then Tab leaves the code.
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await page.waitForFunction(() => !document.activeElement?.closest(".cm-content"));
  await button(page, /^Go to event #/).click();
  await written.getByText("The text fails at this event, as said above.").waitFor();

  await page.reload();
  await page.getByRole("heading", { name: /^Projections at/ }).waitFor();
  await button(page, "New projection").click();
  await source(page).getByText("state.n += event.data.nothing.there").waitFor();
  assert.equal(await page.getByLabel("Name").inputValue(), "half done");

  // Saved as it is, its card says where it stops, and what it was before.
  await button(page, "Save").click();
  const own = card(page, "half done");
  await own.getByText(/^Stopped at #/).waitFor();
  await own.getByText(/^half done, line 4 · OrderCancelled$/).waitFor();
  await own.getByRole("row", { name: "n 0" }).waitFor();
  await button(page, "Delete half done").click();
  await own.waitFor({ state: "detached" });
  await button(page, "Undo").click();
  await own.waitFor();
});

test("a number that is none is not shown as null: the card, the run and the debugger say which event made it so", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  await goTo(page, 12);
  await write(page, "fromAll().when({\n  $init: () => ({ total: 0 }),\n  $any(state, event) { if (event.position > 4) state.total += event.data.nothing },\n})\n");
  await page.getByLabel("Name").fill("no number");
  await button(page, "Save").click();
  const own = card(page, "no number");
  await own.getByText("Stopped at #5", { exact: true }).waitFor();
  await own.getByText("the state cannot be kept: NaN is not JSON").waitFor();
  await own.getByRole("row", { name: "total 0" }).waitFor();
  await source(page).click();
  await page.keyboard.press("Control+Enter");
  await panel(page, "Edit no number").getByText(/at position 5, .*NaN is not JSON/).first().waitFor();
  await own.getByRole("button", { name: "Go to event #5" }).click();
  await page.getByRole("tab", { name: "State" }).click();
});

test("two versions are compared over the whole log, and files go out and come in", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  await write(page, SUM("+"));
  await page.getByLabel("Name").fill("sellable");
  await button(page, "Save").click();
  const edited = panel(page, "Edit sellable");
  await edited.getByText("Saved", { exact: true }).waitFor();
  const download = page.waitForEvent("download");
  await button(page, "Export as a file").click();
  const file = await download;
  assert.equal(file.suggestedFilename(), "sellable.js");
  assert.equal(await readFile(await file.path(), "utf8"), SUM("+"));

  const compared = edited.locator("details", { hasText: "Compare over the whole log" });
  await compared.getByText("Compare over the whole log").click();
  await compared.getByRole("button", { name: "Compare" }).click();
  await compared.getByText(/^No difference: 1,\d+ events compared\.$/).waitFor();

  const path = await fileOf(t, "other.js", SUM("-"));
  const chooser = page.waitForEvent("filechooser");
  await button(page, "Take the text of a file").click();
  await (await chooser).setFiles(path);
  await source(page).getByText("state.sellable -= event.data.units; log").waitFor();
  await compared.getByRole("button", { name: "Compare" }).click();
  // The first release of all is where they part.
  await compared.getByText(/; first at #64\.$/).waitFor();
  await compared.getByRole("button", { name: "Go to event #64" }).click();
  await compared.getByText(/^What they give at #64 of inventory-/).waitFor();
  await compared.getByRole("table", { name: "Both states" }).getByRole("row", { name: /sellable changed/ }).waitFor();
});

test("a text that does not end stops itself, and the page works on", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  await write(page, "fromAll().when({\n  OrderPlaced() { while (true); },\n})\n");
  await button(page, "Run").click();
  await panel(page, "New projection").getByText(/did not come to an end/).first().waitFor();
  await goTo(page, 12);

  // Of two texts that are compared, too, it is said at which event.
  await replace(page, SUM("+"));
  await page.getByLabel("Name").fill("sellable");
  await button(page, "Save").click();
  const edited = panel(page, "Edit sellable");
  await edited.getByText("Saved", { exact: true }).waitFor();
  await replace(page, SUM("+").replace("{ state.sellable += event.data.units; log", "{ while (event.position === 490) {} log"));
  const compared = edited.locator("details", { hasText: "Compare over the whole log" });
  await compared.getByText("Compare over the whole log").click();
  await compared.getByRole("button", { name: "Compare" }).click();
  await compared.getByText(/^What you typed fails/).waitFor();
  await compared.getByRole("button", { name: "Go to event #490" }).waitFor();
});
