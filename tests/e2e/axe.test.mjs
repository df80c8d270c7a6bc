// No page, panel or dialog breaks a rule of axe-core, in either theme, wide or narrow.

import { test } from "node:test";

import { assertClean } from "./axe.mjs";
import { openPage } from "./harness.mjs";
import { goTo, loadSample } from "./steps.mjs";

const button = (page, name) => page.getByRole("button", { name });
const view = (page, name) => page.getByRole("navigation", { name: "Views" }).getByRole("link", { name });

async function closeDialog(page) {
  await page.keyboard.press("Escape");
  await page.locator("dialog[open]").waitFor({ state: "detached" });
}

for (const colorScheme of ["light", "dark"]) {
  test(`the first visit and its dialogs, ${colorScheme}`, async (t) => {
    const { page } = await openPage(t, { colorScheme });
    await button(page, "Load sample").waitFor();
    await assertClean(page, "the first visit");
    await button(page, /^No store open/).click();
    await page.getByRole("menu", { name: "Stores" }).waitFor();
    await assertClean(page, "the menu of stores");
    await page.getByRole("menuitem", { name: /New store/ }).click();
    await page.getByRole("dialog", { name: "New store" }).waitFor();
    await assertClean(page, "the dialog for a new store");
    await closeDialog(page);
    const chooser = page.waitForEvent("filechooser");
    await button(page, "Choose file…").click();
    const lines = Array.from({ length: 50 }, (_, i) => `order-${i % 7},OrderPlaced,2026-03-14T09:${10 + (i % 40)}:00Z,${i}`);
    const csv = `stream,type,time,units\n${lines.join("\n")}\n`;
    await (await chooser).setFiles({ name: "orders.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
    await page.getByRole("dialog").getByRole("button", { name: /^Import/ }).waitFor();
    await assertClean(page, "the mapping of an import");
  });

  test(`the debugger, ${colorScheme}`, async (t) => {
    const { page } = await openPage(t, { colorScheme });
    await loadSample(page);
    await assertClean(page, "the debugger, live");
    await goTo(page, 490);
    for (const tab of ["Event", "State", "Diff", "Blame"]) {
      await page.getByRole("tab", { name: new RegExp(`^${tab}`) }).click();
      await page.getByRole("tabpanel", { name: new RegExp(`^${tab}`) }).waitFor();
      await assertClean(page, `the tab ${tab}`);
    }
    await button(page, "Hide OrderPlaced").click({ force: true });
    await button(page, "Remove filter: hide OrderPlaced").waitFor();
    await assertClean(page, "a filtered log");
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog", { name: "Command palette" }).waitFor();
    await assertClean(page, "the palette");
    await closeDialog(page);
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
    await assertClean(page, "the help");
    await closeDialog(page);
    await button(page, /^Store:/).click();
    await page.getByRole("menuitem", { name: /^Storage/ }).click();
    await page.getByRole("dialog").getByText("Persistence").waitFor();
    await assertClean(page, "the storage panel");
  });

  test(`projections and commands, ${colorScheme}`, async (t) => {
    const { page } = await openPage(t, { colorScheme });
    await loadSample(page);
    await view(page, "Projections").click();
    await page.getByRole("heading", { name: /^Projections/ }).waitFor();
    await page.getByText("Caught up").first().waitFor();
    await assertClean(page, "the projections");
    await button(page, "New projection").click();
    const source = page.getByRole("textbox", { name: /^Projection source/ });
    await source.click();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText("fromAll().when({\n  $init: () => ({ n: 0 }),\n  OrderCancelled(state, event) { state.n += event.data.no.where },\n})");
    await page.getByLabel("Name").fill("cancelled orders");
    await button(page, "Save").click();
    await page.getByRole("article", { name: "cancelled orders" }).getByText(/^Stopped at #/).waitFor();
    await assertClean(page, "the editor, with an error at its line");
    await page.getByLabel("Begin with").selectOption({ label: "Count by type" });
    await page.getByLabel("Begin with").focus();
    await page.keyboard.press("Control+Enter");
    await page.getByRole("tree", { name: /^State at event/ }).waitFor();
    await page.getByText("Compare over the whole log").click();
    await button(page, "Compare").click();
    await page.getByText(/fails, so nothing after that is compared/).waitFor();
    await assertClean(page, "the editor, with a run and a comparison");
    await view(page, "Commands").click();
    await page.getByRole("heading", { name: /^Commands/ }).waitFor();
    await assertClean(page, "the commands");
  });

  test(`what-if, ${colorScheme}`, async (t) => {
    const { page } = await openPage(t, { colorScheme });
    await loadSample(page);
    await goTo(page, 490);
    await view(page, "What-if").click();
    await page.getByRole("heading", { name: /^What if/ }).waitFor();
    await assertClean(page, "what-if without a branch");
    await button(page, /^Fork at/).click();
    await button(page, "Make branch").click();
    await button(page, "Skip event 490").click({ force: true });
    await page.getByText(/2 rejected/).waitFor();
    await page.getByText("No difference here").waitFor();
    await assertClean(page, "a branch without a difference");
    await page.getByRole("switch", { name: "Changes only" }).click();
    await page.getByRole("table", { name: /on main and on/ }).waitFor();
    await assertClean(page, "a branch");
    await button(page, "Edit event 491").click({ force: true });
    await page.getByLabel("Data on this branch").waitFor();
    await assertClean(page, "the form of an edit");
    await closeDialog(page);
    await button(page, "Issue command").click();
    await page.getByRole("dialog", { name: /^Issue a command/ }).waitFor();
    await assertClean(page, "the form of a command");
  });

  test(`the inspector filled, ${colorScheme}`, async (t) => {
    const { page } = await openPage(t, { colorScheme, viewport: { width: 1920, height: 1080 } });
    await loadSample(page);
    await goTo(page, 490);
    await page.getByRole("tab", { name: /^Diff/ }).click();
    await button(page, "Compare with the first event").click();
    await page.getByRole("table", { name: /at A, event 1, and at B, event 490/ }).waitFor();
    await assertClean(page, "a filled Diff");
    await page.getByRole("radio", { name: "JSON Patch" }).click();
    await page.getByRole("region", { name: "JSON Patch from A to B" }).waitFor();
    await assertClean(page, "the JSON Patch");
    await page.getByRole("tab", { name: "Blame" }).click();
    await page.getByRole("table", { name: /^Last event that wrote/ }).getByRole("button").first().click();
    await page.getByRole("table", { name: /^Every event that wrote/ }).getByRole("button").first().waitFor();
    await assertClean(page, "the history of a field");
    await button(page, "Close inspector").click();
    await button(page, "Columns").click();
    await page.getByRole("menu", { name: "Columns" }).waitFor();
    await assertClean(page, "the menu of columns");
  });

  test(`bookmarks and notes, ${colorScheme}`, async (t) => {
    const { page, context } = await openPage(t, { colorScheme });
    await loadSample(page);
    await goTo(page, 490);
    await page.keyboard.press("b");
    await page.keyboard.press("b");
    const dialog = page.getByRole("dialog", { name: "Bookmarks" });
    await dialog.getByRole("textbox").waitFor();
    await assertClean(page, "the bookmarks");
    await dialog.getByRole("button", { name: /^Delete the bookmark/ }).click();
    await dialog.getByRole("button", { name: "Undo" }).waitFor();
    await assertClean(page, "a note over a dialog");
    await closeDialog(page);
    await context.clearPermissions();
    await page.evaluate(() => (navigator.clipboard.writeText = () => Promise.reject(new Error("closed"))));
    await button(page, "Copy link to this moment").click();
    await page.getByRole("alert").getByText("Link not copied").waitFor();
    await assertClean(page, "a note and an error");
  });

  test(`a breakpoint, ${colorScheme}`, async (t) => {
    const { page } = await openPage(t, { colorScheme });
    await loadSample(page);
    await button(page, "History breakpoint").click();
    const dialog = page.getByRole("dialog", { name: "History breakpoint" });
    await assertClean(page, "the dialog of the breakpoint");
    await dialog.getByLabel("Expression").fill("event.eventType === 'StockReleased'");
    await dialog.getByRole("button", { name: "Find hits" }).click();
    await button(page, "Only hits").click();
    await assertClean(page, "the hits of a breakpoint");
    await button(page, "Edit").click();
    await dialog.getByLabel("Expression").fill("event.");
    await dialog.getByRole("button", { name: "Find hits" }).click();
    await page.getByRole("alert").getByText(/SyntaxError/).waitFor();
    await assertClean(page, "a breakpoint that is wrong");
  });

  test(`a search under way and one that was stopped, ${colorScheme}`, async (t) => {
    const { page } = await openPage(t, { colorScheme });
    await loadSample(page);
    // The search waits for the end of the typing: it waits on until the page was looked at.
    await page.evaluate(() => {
      const later = window.setTimeout;
      window.setTimeout = (run, delay, ...args) => (delay === 120 ? 0 : later(run, delay, ...args));
    });
    await page.getByLabel("Find in events").fill("rope-30");
    const stop = button(page, "Cancel search");
    await stop.waitFor();
    await assertClean(page, "a search under way");
    await stop.click();
    await button(page, "Go on").waitFor();
    await assertClean(page, "a search that was stopped");
  });

  test(`an import under way and its report, ${colorScheme}`, async (t) => {
    const { page } = await openPage(t, { colorScheme });
    const lines = Array.from({ length: 200 }, (_, i) => `order-${i % 7},OrderPlaced,${i === 9 ? "one day" : "2026-03-14T09:10:00Z"},${i}`);
    const chooser = page.waitForEvent("filechooser");
    await button(page, "Choose file…").click();
    await (await chooser).setFiles({ name: "orders.csv", mimeType: "text/csv", buffer: Buffer.from(`stream,type,time,units\n${lines.join("\n")}\n`) });
    const run = page.getByRole("dialog").getByRole("button", { name: "Import 199 events" });
    await run.waitFor();
    await assertClean(page, "the mapping with errors");
    // A disk that takes its time: the file is read on when the page was looked at.
    await page.evaluate(() => {
      const read = ReadableStreamDefaultReader.prototype.read;
      const released = new Promise((resolve) => (window.release = resolve));
      ReadableStreamDefaultReader.prototype.read = async function (...args) {
        await released;
        return read.apply(this, args);
      };
    });
    await run.click();
    await page.getByRole("progressbar", { name: "Import" }).waitFor();
    await assertClean(page, "an import under way");
    await page.evaluate(() => window.release());
    await page.getByRole("heading", { name: "Imported" }).waitFor();
    await assertClean(page, "the report of an import");
  });

  test(`a read model that has stopped, ${colorScheme}`, async (t) => {
    const { page } = await openPage(t, { colorScheme });
    await loadSample(page);
    const line = { stream: "inventory-ROPE-30", type: "StockReplenished", time: "2026-03-15T00:00:00Z", data: { sku: "SKU-ROPE-30", units: "many", purchaseOrder: "PO-9" } };
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await (await chooser).setFiles({ name: "bad.ndjson", mimeType: "application/x-ndjson", buffer: Buffer.from(`${JSON.stringify(line)}\n`) });
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Store", { exact: true }).fill("order-fulfilment");
    await dialog.getByRole("button", { name: "Import 1 event" }).click();
    await dialog.getByRole("button", { name: "Show the log" }).click();
    await view(page, "Projections").click();
    await page.getByText("Stopped at #6,401").waitFor();
    await page.getByText("5 caught up").waitFor();
    await assertClean(page, "a card that has stopped");
    await page.getByRole("button", { name: "Skip event" }).click();
    await page.getByRole("dialog", { name: /^Skip/ }).waitFor();
    await assertClean(page, "the question why an event is left out");
  });

  test(`a narrow page, ${colorScheme}`, async (t) => {
    const { page } = await openPage(t, { colorScheme, viewport: { width: 390, height: 844 }, hasTouch: true });
    await loadSample(page);
    for (const name of ["Log", "Inspector", /^Filters/]) {
      await page.getByRole("radio", { name }).click();
      await assertClean(page, `the narrow view ${name}`);
    }
    for (const name of ["Projections", "Commands"]) {
      await view(page, name).click();
      await page.getByRole("heading", { name: new RegExp(`^${name}`) }).waitFor();
      await assertClean(page, `${name}, narrow`);
    }
    await view(page, "Debugger").click();
    await button(page, /^More playback controls/).click();
    await page.getByRole("dialog", { name: "Playback" }).waitFor();
    await assertClean(page, "the sheet of playback, narrow");
  });
}
