// Read models at the cursor: what a step changed, rebuilding, a projection that fails at an event, and stores of other events.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { openPage, realData } from "./harness.mjs";
import { cursorAt, flipPayloads, goTo, importReceipt, loadSample } from "./steps.mjs";

const showProjections = (page) => page.getByRole("link", { name: "Projections" }).click();
const card = (page, name) => page.getByRole("article", { name });
const stat = (of, name) => of.locator("dl", { hasText: name }).locator("dd");

/** Waits until the foot of a card says a checkpoint. */
const checkpoint = (page, name, text) => stat(card(page, name), "Checkpoint").getByText(text, { exact: true }).waitFor();

test("the six projections of the sample catch up, and show the state at the cursor with what the step changed", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  await showProjections(page);
  await page.getByRole("heading", { name: "Projections at #6,400" }).waitFor();
  await page.getByText("6 caught up").waitFor();
  // They are drawn one after the other, this one last.
  const customers = card(page, "customer-value").locator(".lf-card__view");
  await customers.getByRole("row").nth(1).waitFor();
  const atHead = await customers.innerText();
  assert.equal(await page.getByRole("article").count(), 6);
  await checkpoint(page, "revenue", "#6,400");
  assert.equal(await stat(card(page, "revenue"), "Lag").innerText(), "0");

  // The sample's fault: at #490 three units are released for the second time.
  await goTo(page, 490);
  await page.getByRole("heading", { name: "Projections at #490" }).waitFor();
  const rope = card(page, "warehouse-board").getByRole("row", { name: /ROPE-30/ });
  await rope.getByText("changed from 17 to 20").waitFor({ state: "attached" });
  await page.waitForFunction(([view, before]) => view.innerText !== before, [await customers.elementHandle(), atHead]);
  assert.equal(await customers.locator(".is-changed").count(), 0, "nothing else is marked");
  await checkpoint(page, "warehouse-board", "#6,400");

  await goTo(page, 489);
  // At #490 the row says 17, too: as the value of before.
  await rope.getByText(/changed from/).waitFor({ state: "detached" });
  await rope.getByText("17", { exact: true }).waitFor();
});

test("lines over the log are drawn once; the cursor moves a mark on them", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  await showProjections(page);
  const times = page.getByRole("img", { name: /^fulfilment-time from #1 to #6,400: 0 min at the start/ });
  await times.waitFor();
  await page.getByRole("img", { name: /^revenue from #1 to #6,400: €0.00 at the start, €/ }).waitFor();
  await goTo(page, 3200);
  const before = await times.locator("path").first().getAttribute("d");
  const mark = () => times.locator(".lf-chart__now").getAttribute("style");
  const there = await mark();
  assert.match(there, /--x: ?(49|50)\./);
  await page.keyboard.press("ArrowRight");
  await cursorAt(page, 3201);
  await page.waitForFunction(
    ([there]) => [...document.querySelectorAll(".lf-chart__now")].every((mark) => mark.getAttribute("style") !== there),
    [there],
  );
  assert.equal(await times.locator("path").first().getAttribute("d"), before, "the line is the same");
});

test("read models are built anew, one or all, and end where they were", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  await showProjections(page);
  await page.getByText("6 caught up").waitFor();
  const revenue = await card(page, "revenue").locator(".lf-big").innerText();
  // A rebuild of some thousand events is over before one can look: what the cards said meanwhile is noted.
  await page.evaluate(() => {
    globalThis.rebuilt = new Set();
    const note = () => {
      for (const card of document.querySelectorAll(".lf-card")) {
        if (card.innerText.includes("Rebuilding")) globalThis.rebuilt.add(card.querySelector("h2, h3").innerText);
      }
    };
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  const rebuilt = (count) => page.waitForFunction((count) => globalThis.rebuilt.size === count, count);
  await page.getByRole("button", { name: "Rebuild revenue" }).click();
  await rebuilt(1);
  await page.getByRole("button", { name: "Rebuild revenue" }).waitFor();
  await checkpoint(page, "revenue", "#6,400");
  await page.getByRole("button", { name: "Rebuild all" }).click();
  await rebuilt(6);
  await page.getByText("6 caught up").waitFor();
  for (const name of ["orders-by-status", "warehouse-board", "customer-value"]) await checkpoint(page, name, "#6,400");
  assert.equal(await card(page, "revenue").locator(".lf-big").innerText(), revenue);

  await page.reload();
  await page.getByText("6 caught up").waitFor();
  await checkpoint(page, "fulfilment-time", "#6,400");
});

test("a rebuild is cancelled, while it runs and while it waits for its turn", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  await showProjections(page);
  await page.getByText("6 caught up").waitFor();
  await page.getByRole("article").nth(5).waitFor();
  const names = await page.getByRole("article").getByRole("heading").allInnerTexts();
  const [first, last] = [names[0], names.at(-1)];
  const content = () => card(page, last).locator(".lf-card__view").innerText();
  await card(page, last).getByRole("row").nth(1).waitFor();
  const before = await content();
  // A rebuild is over before a person finds its button: it is pressed as soon as it is there.
  await page.evaluate(() => {
    globalThis.cancel = [];
    globalThis.shown = [];
    new MutationObserver(() => {
      for (const button of document.querySelectorAll("[aria-label^='Cancel rebuilding']")) {
        const name = button.getAttribute("aria-label").replace("Cancel rebuilding ", "");
        if (globalThis.shown.at(-1) !== name) globalThis.shown.push(name);
        if (!globalThis.cancel.includes(name)) continue;
        globalThis.cancel = globalThis.cancel.filter((other) => other !== name);
        button.click();
      }
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
  const cancelNext = (name) => page.evaluate((name) => globalThis.cancel.push(name), name);
  const cancelled = (name) => page.getByText(`${name} keeps the read model from before.`);

  await cancelNext(first);
  await page.getByRole("button", { name: `Rebuild ${first}` }).click();
  await cancelled(first).waitFor();
  await checkpoint(page, first, "#6,400");
  await page.getByRole("button", { name: "Close note" }).click();

  await cancelNext(last);
  await page.getByRole("button", { name: "Rebuild all" }).click();
  await cancelled(last).waitFor();
  await page.getByRole("button", { name: "Rebuild all", disabled: false }).waitFor();
  await page.getByText("6 caught up").waitFor();
  const shown = await page.evaluate(() => globalThis.shown);
  assert.ok(names.slice(0, -1).every((name) => shown.includes(name)), "the others were built");
  assert.equal(await cancelled(first).count(), 0);
  assert.equal(await content(), before);

  // What was cancelled can be asked for again.
  await page.getByRole("button", { name: `Rebuild ${last}` }).click();
  await page.getByRole("button", { name: `Rebuild ${last}`, disabled: false }).waitFor();
  await checkpoint(page, last, "#6,400");
});

test("a card whose state cannot be read says so, shows no other, and is tried again", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  await showProjections(page);
  await page.getByText("6 caught up").waitFor();
  await page.waitForFunction(() => location.search.includes("page=projections"));
  assert.ok((await flipPayloads(page)) > 0, "there are sealed payloads");
  await page.reload();
  const board = card(page, "warehouse-board");
  await board.getByRole("alert").getByText("corrupt", { exact: true }).waitFor();
  assert.equal(await board.getByRole("row").count(), 0);
  for (const article of await page.getByRole("article").all()) await article.getByRole("button", { name: "Try again" }).waitFor();
  await flipPayloads(page);
  await board.getByRole("button", { name: "Try again" }).click();
  await board.getByRole("row", { name: /ROPE-30/ }).waitFor();
  await page.getByRole("img", { name: /^revenue from #1 to #6,400: €0.00 at the start, €/ }).waitFor();
  // The other cards follow in their turn.
  await page.getByRole("main").getByRole("alert").first().waitFor({ state: "detached" });
});

test("an imported event that a projection cannot read stops that one alone; it is tried again, opened, and skipped", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "leftfold-projections-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "wrong.ndjson");
  const line = (type, data) => JSON.stringify({ stream: "inventory-ROPE-30", type, time: "2026-03-20T08:00:00Z", data });
  const good = { sku: "SKU-ROPE-30", units: 5, purchaseOrder: "PO-9" };
  await writeFile(path, `${line("StockReplenished", { ...good, units: "many" })}\n${line("StockReplenished", good)}\n`);

  const { page } = await openPage(t);
  await loadSample(page);
  await showProjections(page);
  await page.getByText("6 caught up").waitFor();
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await (await chooser).setFiles(path);
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Store", { exact: true }).fill("order-fulfilment");
  await dialog.getByRole("button", { name: "Import 2 events" }).click();
  await dialog.getByRole("heading", { name: "Imported" }).waitFor();
  await dialog.getByRole("button", { name: "Show the log" }).click();
  await showProjections(page);

  const board = card(page, "warehouse-board");
  await board.getByText("Stopped at #6,401").waitFor();
  await board.getByText(/invalid type: string "many"/).waitFor();
  await page.getByText("5 caught up").waitFor();
  await page.getByText("1 stopped").waitFor();
  await checkpoint(page, "warehouse-board", "#6,400");
  await checkpoint(page, "revenue", "#6,402");
  await stat(board, "Lag").getByText("2", { exact: true }).waitFor();
  const rope = board.getByRole("row", { name: /ROPE-30/ });
  await rope.waitFor();
  const lastGood = await rope.innerText();

  await board.getByRole("button", { name: "Retry" }).click();
  await page.getByText("It failed again").waitFor();
  await page.getByRole("button", { name: "Close note" }).first().click();
  await board.getByText("Stopped at #6,401").waitFor();

  await board.getByRole("button", { name: "Open in debugger" }).click();
  await cursorAt(page, 6401);
  await page.getByRole("grid", { name: "Events" }).waitFor();
  await showProjections(page);

  await board.getByRole("button", { name: "Skip event" }).click();
  const ask = page.getByRole("dialog");
  await ask.getByRole("button", { name: "Skip event" }).click();
  await ask.getByText("Say why").waitFor();
  await ask.getByLabel("Reason").fill("the scanner sent a word");
  await ask.getByRole("button", { name: "Skip event" }).click();
  await board.getByText(/the scanner sent a word/).waitFor();
  await checkpoint(page, "warehouse-board", "#6,402");
  await page.getByText("6 caught up").waitFor();

  await goTo(page, 6402);
  await rope.getByText(/changed from \d+ to \d+/).first().waitFor({ state: "attached" });
  assert.notEqual(await rope.innerText(), lastGood, "the event behind the skipped one is in the state");
});

test("any other store has cards from its index", async (t) => {
  const path = realData(t, "process-logs/receipt.csv.gz");
  if (!path) return;
  const { page } = await openPage(t);
  await importReceipt(page, path);
  await showProjections(page);
  const total = card(page, "events-total");
  await total.getByText("8,577", { exact: true }).first().waitFor();
  await page.getByRole("img", { name: /^events-over-time from 20\d\d-\d\d-\d\d/ }).waitFor();
  const bars = card(page, "events-by-type").getByRole("listitem");
  await bars.first().waitFor();
  const most = await bars.first().innerText();
  assert.match(most, /Confirmation of receipt/i);
  assert.equal(await page.getByRole("button", { name: /Rebuild/ }).count(), 0, "there is nothing to rebuild");
  await goTo(page, 1000);
  await total.getByText("1,000", { exact: true }).waitFor();
  await total.getByText("was 999").waitFor();
  await page.getByText("3 caught up").waitFor();
});

test("at the width of a phone cards stand in one column and keep their names", async (t) => {
  const { page } = await openPage(t, { viewport: { width: 390, height: 844 } });
  await loadSample(page);
  await showProjections(page);
  await page.getByText("6 caught up").waitFor();
  const boxes = await page.getByRole("article").evaluateAll((cards) => cards.map((card) => card.getBoundingClientRect().toJSON()));
  assert.equal(new Set(boxes.map((box) => box.x)).size, 1);
  assert.ok(boxes.every((box) => box.width <= 390 && box.width > 340), JSON.stringify(boxes));
});
