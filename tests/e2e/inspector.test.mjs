// The inspector: the event, state at the cursor, two moments compared, and who wrote what.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage, realData } from "./harness.mjs";
import { cursorAt, fileOf, flipPayloads, goTo, importFile, importReceipt, loadSample } from "./steps.mjs";

const BOARD = "projection:warehouse-board";
const inspector = (page) => page.getByRole("region", { name: "Inspector" });

async function openSample(t, options) {
  const opened = await openPage(t, options);
  await loadSample(opened.page);
  return opened;
}

/** Opens the page anew at a place, as a link does. */
async function visit(page, url, params) {
  await page.goto(`${url}/?${new URLSearchParams({ store: "order-fulfilment", ...params })}`);
  await page.getByRole("slider", { name: "Playhead" }).waitFor();
}

const settled = (page) => page.getByText(/Looking back/).waitFor({ state: "hidden" });

/** The row of a field in the table of the Blame tab. */
const field = (page, name) => page.getByRole("row").filter({ has: page.getByRole("cell", { name, exact: true }) });

test("the wrong value leads to the event that released its stock twice", async (t) => {
  const { page } = await openSample(t);
  await goTo(page, 495);
  await page.getByRole("combobox", { name: "State of" }).selectOption({ label: "warehouse-board" });
  await page.getByRole("tab", { name: "Blame" }).click();
  await page.getByLabel("Filter paths").fill("rope-30.sellable");
  await page.getByRole("table", { name: /warehouse-board, at event 495$/ }).waitFor();
  const row = field(page, "sellable");
  assert.match(await row.innerText(), /20/, "three more than are there to sell");
  await row.getByRole("button", { name: /#490 StockReleased/ }).click();
  await cursorAt(page, 490);
  await field(page, "sellable").getByRole("cell", { name: "now" }).waitFor();

  await page.getByRole("tab", { name: /State/ }).click();
  const tree = page.getByRole("tree", { name: "State of warehouse-board at event 490" });
  await tree.getByText("changed from 17 to 20").waitFor({ state: "attached" });
  await tree.getByText("+3").first().waitFor();

  await page.getByRole("tab", { name: "Event" }).click();
  const story = page.getByRole("list", { name: "Causes and effects" });
  const releases = story.getByRole("button", { name: /StockReleased/ });
  await releases.first().waitFor();
  assert.equal(await releases.count(), 2, "the same order's stock was released twice");
  await story.getByRole("button", { name: /#485/ }).click();
  await cursorAt(page, 485);
});

test("an event of an earlier schema is shown as it is folded and as it is stored", async (t) => {
  const { page } = await openSample(t);
  await goTo(page, 490);
  await page.getByRole("tab", { name: "Event" }).click();
  const payload = page.getByRole("tree", { name: "Payload of event 490" });
  await payload.getByText("order", { exact: true }).waitFor();
  const steps = page.getByRole("list", { name: "Upcast steps" });
  assert.match(await steps.innerText(), /StockReleased v1, as stored[^]*StockReleased v2[^]*\+ order/);
  await page.getByRole("radio", { name: "Stored v1" }).click();
  await payload.getByText("order", { exact: true }).waitFor({ state: "hidden" });
  assert.ok(await payload.getByText("sku", { exact: true }).isVisible());
});

test("a path and a value are copied by keyboard", async (t) => {
  const { page } = await openSample(t, { permissions: ["clipboard-read", "clipboard-write"] });
  await goTo(page, 490);
  await page.getByRole("tab", { name: "Event" }).click();
  const payload = page.getByRole("tree", { name: "Payload of event 490" });
  await payload.getByRole("treeitem").first().focus();
  const before = await page.evaluate(() => document.activeElement.innerText);
  await page.keyboard.press("ArrowDown");
  await page.waitForFunction((before) => document.activeElement.matches("[role=treeitem]") && document.activeElement.innerText !== before, before);
  const key = await page.evaluate(() => document.activeElement.querySelector(".lf-tree__key").innerText);
  const value = await page.evaluate(() => document.activeElement.querySelector(".lf-tree__val").innerText);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByText("Path copied").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `/${key}`);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByText("Value copied").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), value);
});

test("keys in a tree are obeyed by the row that has the focus", async (t) => {
  const { page } = await openSample(t);
  await goTo(page, 490);
  await page.getByRole("tab", { name: "Event" }).click();
  const row = page.getByRole("tree", { name: "Payload of event 490" }).getByRole("treeitem").nth(1);
  // Chosen, and no longer chosen.
  await row.click();
  await row.click();
  await row.and(page.locator("[aria-selected=false]")).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.waitForFunction(() => document.activeElement.ariaPosInSet === "3");
});

test("the focus goes with a row of a state that gets another place", async (t) => {
  const { page } = await openPage(t);
  const line = (data) => JSON.stringify({ type: "Stocked", stream: "stock-1", data });
  const text = `${line({ a: { x: 1 }, b: 2 })}\n${line({ a: { x: 1, y: 1, z: 1 }, b: 2 })}\n`;
  await importFile(page, await fileOf(t, "stock.ndjson", text), { button: "Import 2 events" });
  await goTo(page, 1);
  await page.getByRole("tab", { name: /State/ }).click();
  const tree = (at) => page.getByRole("tree", { name: `State of stock-1 at event ${at}` });
  await tree(1).getByRole("treeitem").last().click();
  const key = () => page.evaluate(() => document.activeElement.querySelector(".lf-tree__key")?.innerText);
  assert.equal(await key(), "b");
  await page.keyboard.press("l");
  await tree(2).getByText("z", { exact: true }).waitFor();
  await page.waitForFunction(() => document.activeElement.tabIndex === 0 && document.activeElement.matches("[role=treeitem]"));
  assert.equal(await key(), "b");
});

test("the state of the event before is told apart while the next one is folded", async (t) => {
  const { page } = await openSample(t);
  for (const tab of [/State/, "Blame"]) {
    await goTo(page, 485);
    await page.getByRole("tab", { name: tab }).click();
    const body = page.locator(".lf-insp__body").filter({ has: page.locator(tab === "Blame" ? "table" : "[role=tree]") });
    await body.waitFor();
    await page.getByRole(tab === "Blame" ? "table" : "tree", { name: /at event 485$/ }).waitFor();
    await body.evaluate((body) => {
      window.seen = [];
      new MutationObserver(() => window.seen.push(body.hasAttribute("data-late"))).observe(body, { attributeFilter: ["data-late"] });
    });
    await page.getByLabel("Go to position").fill("490");
    await page.getByLabel("Go to position").press("Enter");
    await page.waitForFunction(() => window.seen.length > 1);
    assert.deepEqual(await page.evaluate(() => [window.seen[0], window.seen.at(-1)]), [true, false]);
  }
});

test("texts of any length are drawn as far as they are seen, and copied whole", async (t) => {
  const { page } = await openPage(t, { permissions: ["clipboard-read", "clipboard-write"] });
  const [key, text] = ["k".repeat(50_000), "v".repeat(100_000)];
  const line = JSON.stringify({ type: "Noted", stream: "note-1", data: { text, [key]: 7 } });
  await importFile(page, await fileOf(t, "long.ndjson", `${line}\n`), { button: "Import 1 event" });
  await page.getByRole("tab", { name: "Event" }).click();
  const rows = page.getByRole("tree", { name: "Payload of event 1" }).getByRole("treeitem");
  await rows.nth(1).waitFor();
  for (const row of await rows.all()) assert.ok((await row.innerText()).length < 1_000);
  const value = rows.filter({ hasText: "kkk" }).getByText("7", { exact: true });
  const [inner, outer] = [await value.boundingBox(), await page.getByRole("tabpanel").boundingBox()];
  assert.ok(inner.x + inner.width <= outer.x + outer.width, "a key of any length leaves its value in view");
  await rows.filter({ hasText: "vvv" }).click();
  await page.getByRole("button", { name: "Copy value" }).first().click();
  await page.getByText("Value copied").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), JSON.stringify(text));
});

test("the writes of a field are listed from the first one on", async (t) => {
  const { page } = await openSample(t);
  await goTo(page, 495);
  await page.getByRole("combobox", { name: "State of" }).selectOption({ label: "warehouse-board" });
  await page.getByRole("tab", { name: "Blame" }).click();
  await page.getByLabel("Filter paths").fill("rope-30.sellable");
  await page.getByRole("button", { name: "sellable", exact: true }).click();
  const table = (order) => page.getByRole("table", { name: new RegExp(`^Every event that wrote .*sellable.*, ${order} first$`) });
  await page.getByText(/^That is all/).waitFor();
  const newest = await table("newest").locator("tbody tr").allInnerTexts();
  assert.ok(newest.length > 2);
  await page.getByRole("button", { name: "Oldest first" }).click();
  await table("oldest").waitFor();
  assert.deepEqual(await table("oldest").locator("tbody tr").allInnerTexts(), newest.reverse());
});

test("two moments are compared as a table and as a JSON Patch", async (t) => {
  const { page } = await openSample(t);
  await goTo(page, 490);
  await page.getByRole("combobox", { name: "State of" }).selectOption({ label: "warehouse-board" });
  await page.getByRole("tab", { name: "Diff A–B" }).click();
  await page.getByText("Two moments to compare").waitFor();
  await page.getByRole("button", { name: "Compare with the step before" }).click();
  const table = page.getByRole("table", { name: "warehouse-board at A, event 489, and at B, event 490" });
  const sellable = table.getByRole("row").filter({ hasText: "SKU-ROPE-30.sellable" });
  assert.match(await sellable.innerText(), /changed\s+17\s+20/);
  await inspector(page).getByText(/1 event ·/).waitFor();
  await page.getByRole("button", { name: "Swap A and B" }).click();
  const swapped = page.getByRole("table", { name: "warehouse-board at A, event 490, and at B, event 489" });
  assert.match(await swapped.getByRole("row").filter({ hasText: "SKU-ROPE-30.sellable" }).innerText(), /changed\s+20\s+17/);
  await page.getByRole("radio", { name: "JSON Patch" }).click();
  const patch = JSON.parse(await page.getByRole("region", { name: "JSON Patch from A to B" }).innerText());
  assert.deepEqual(patch.find((step) => step.path === "/skus/SKU-ROPE-30/sellable"), { op: "replace", path: "/skus/SKU-ROPE-30/sellable", value: 17 });
  await page.getByTitle("Go to A").click();
  await cursorAt(page, 490);
});

test("an address brings back the tab and whose state it is", async (t) => {
  const { page, url } = await openSample(t);
  await visit(page, url, { at: "490", tab: "blame", of: BOARD });
  await page.getByRole("table", { name: /warehouse-board, at event 490/ }).waitFor();
  assert.equal(await page.getByRole("tab", { name: "Blame" }).getAttribute("aria-selected"), "true");
  await page.getByRole("tab", { name: "Blame" }).press("ArrowLeft");
  await page.getByText("Two moments to compare").waitFor();
  await page.getByRole("tab", { name: "Diff A–B" }).press("ArrowLeft");
  await page.getByRole("tree", { name: "State of warehouse-board at event 490" }).waitFor();
  await page.waitForFunction(() => !location.search.includes("tab="));
  await page.getByRole("combobox", { name: "State of" }).selectOption({ label: "revenue" });
  await page.waitForFunction(() => decodeURIComponent(location.search).includes("of=projection:revenue"));
  await page.reload();
  await page.getByRole("tree", { name: "State of revenue at event 490" }).waitFor();
  await visit(page, url, { at: "490", of: "projection:nothing" });
  await page.getByRole("alert").getByText("projection-unknown").waitFor();
});

test("a large state is drawn as far as it is in view, and every row is reached by keyboard", async (t) => {
  const { page, url } = await openSample(t);
  await visit(page, url, { at: "6400", of: "projection:orders-by-status" });
  const tree = page.getByRole("tree", { name: "State of orders-by-status at event 6,400" });
  const first = tree.getByRole("treeitem").first();
  await first.focus();
  await page.keyboard.press("End");
  await page.waitForFunction(() => document.activeElement.getAttribute("aria-posinset") === document.activeElement.getAttribute("aria-setsize"));
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("End");
  await page.waitForFunction(() => document.activeElement.getAttribute("aria-level") === "3" || document.activeElement.getAttribute("aria-level") === "2");
  const drawn = await tree.getByRole("treeitem").count();
  const size = Number(await tree.locator("[aria-level='2']").last().getAttribute("aria-setsize"));
  assert.ok(size > 60, `a state of ${size} open orders`);
  assert.ok(drawn < size, `${drawn} rows are drawn for ${size}`);
});

test("only what changed is shown on demand", async (t) => {
  const { page, url } = await openSample(t);
  await visit(page, url, { at: "490", of: BOARD });
  const tree = page.getByRole("tree", { name: "State of warehouse-board at event 490" });
  await tree.getByText("orders", { exact: true }).waitFor();
  await page.getByLabel("Changes only").check();
  await tree.getByText("orders", { exact: true }).waitFor({ state: "hidden" });
  assert.match(await inspector(page).innerText(), /~ 2 changed/);
  assert.deepEqual(await tree.getByRole("treeitem", { name: /changed from/ }).count(), 2);
});

test("any imported log has state, differences and blame", async (t) => {
  const path = realData(t, "process-logs/receipt.csv.gz");
  if (!path) return;
  const { page } = await openPage(t);
  await importReceipt(page, path);
  await goTo(page, 4_000);
  await page.getByRole("tree", { name: /State of receipt-.* at event 4,000/ }).waitFor();
  await page.getByRole("tab", { name: "Blame" }).click();
  await page.getByRole("table", { name: /receipt-.*, at event 4,000/ }).waitFor();
  await settled(page);
  const written = page.getByTitle(/^Go to #/);
  await written.first().waitFor();
  await page.getByRole("combobox", { name: "State of" }).selectOption("log");
  await page.getByRole("table", { name: /Whole log, at event 4,000/ }).waitFor();
  await settled(page);
  await field(page, "events").getByRole("cell", { name: "now" }).waitFor();
  assert.match(await field(page, "events").innerText(), /4000[^]*#4,000/);
  await page.getByRole("tab", { name: "Diff A–B" }).click();
  await page.getByRole("button", { name: "Compare with the first event" }).click();
  const table = page.getByRole("table", { name: /Whole log at A, event 1, and at B, event 4,000/ });
  assert.match(await table.getByRole("row").filter({ hasText: "events" }).innerText(), /1\s+4000/);
});

test("a stream is found by its name", async (t) => {
  const { page } = await openSample(t);
  await goTo(page, 490);
  await page.getByRole("combobox", { name: "State of" }).selectOption({ label: "Another stream…" });
  const name = page.getByLabel("Name of the stream");
  await name.fill("inventory-nothing");
  await name.press("Enter");
  await page.getByRole("alert").getByText("No such stream").waitFor();
  await name.fill("inventory-BOLT-02");
  await name.press("Enter");
  await page.getByRole("tree", { name: "State of inventory-BOLT-02 at event 490" }).waitFor();
});

test("the inspector fits a narrow page", async (t) => {
  const { page, url } = await openSample(t, { viewport: { width: 390, height: 844 } });
  for (const tab of ["event", "state", "diff", "blame"]) {
    await visit(page, url, { at: "490", a: "400", b: "490", tab, of: BOARD });
    await page.getByRole("radio", { name: "Inspector" }).click();
    await page.getByRole("tab", { selected: true }).waitFor();
    const overflow = await inspector(page).evaluate((pane) => Math.max(pane.scrollWidth - pane.clientWidth, document.documentElement.scrollWidth - innerWidth));
    assert.ok(overflow <= 0, `${tab} is ${overflow} px too wide`);
  }
});

test("what could not be read is tried again in every tab", async (t) => {
  const { page, url } = await openSample(t);
  assert.ok((await flipPayloads(page)) > 0, "there are sealed payloads");
  await visit(page, url, { at: 490, tab: "state", a: 1, b: 490 });
  const alert = inspector(page).getByRole("alert");
  await alert.getByText("corrupt", { exact: true }).waitFor();
  await alert.getByRole("button", { name: "Try again" }).click();
  await alert.getByText("corrupt", { exact: true }).waitFor();
  await page.getByRole("tab", { name: "Diff" }).click();
  await alert.getByText("corrupt", { exact: true }).waitFor();
  await page.getByRole("tab", { name: "Event" }).click();
  // The payload, and causes and effects.
  await alert.nth(1).getByText("corrupt", { exact: true }).waitFor();

  await flipPayloads(page);
  await alert.first().getByRole("button", { name: "Try again" }).click();
  await page.getByRole("tree", { name: "Payload of event 490" }).waitFor();
  await page.getByRole("list", { name: "Causes and effects" }).getByRole("button", { name: /#485/ }).waitFor();
  await page.getByRole("tab", { name: "Diff" }).click();
  await inspector(page).locator("tr[data-diff]").first().waitFor();
  await page.getByRole("tab", { name: /State/ }).click();
  await page.getByRole("tree", { name: "State of inventory-ROPE-30 at event 490" }).waitFor();
  await alert.first().waitFor({ state: "detached" });
});

test("an effect that is appended later joins the causes and effects that are shown", async (t) => {
  const { page, newTab } = await openPage(t);
  const line = (n, causes) =>
    JSON.stringify({
      stream: "order-1",
      id: `00000000-0000-4000-8000-00000000000${n}`,
      type: `Step${n}Taken`,
      time: `2026-01-01T00:00:0${n}Z`,
      data: { n },
      metadata: { correlationId: "c-1", ...causes },
    });
  await importFile(page, await fileOf(t, "first.ndjson", `${line(1)}\n${line(9, { correlationId: "c-9" })}\n`), { button: "Import 2 events" });
  await goTo(page, 1);
  await page.getByRole("tab", { name: "Event" }).click();
  const story = page.getByRole("list", { name: "Causes and effects" }).getByRole("button");
  await story.filter({ hasText: "Step1Taken" }).waitFor();
  assert.equal(await story.count(), 1);

  const other = await newTab();
  const chooser = other.waitForEvent("filechooser");
  await other.getByRole("button", { name: "Import", exact: true }).click();
  const second = line(2, { causationId: "00000000-0000-4000-8000-000000000001" });
  await (await chooser).setFiles(await fileOf(t, "second.ndjson", second));
  const dialog = other.getByRole("dialog");
  await dialog.getByLabel("Store", { exact: true }).fill("first");
  await dialog.getByRole("button", { name: /^Import 1 event/ }).click();
  await dialog.getByRole("heading", { name: "Imported" }).waitFor();

  await story.filter({ hasText: "Step2Taken" }).waitFor();
  assert.match(await story.nth(1).innerText(), /level 2/);
  await cursorAt(page, 1);
});
