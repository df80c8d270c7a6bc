// Export through the page: what is written is read back as the same log.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { openPage } from "./harness.mjs";
import { countIs, currentRowSays, cursor, eventCount, goTo, loadSample } from "./steps.mjs";

/** Exports by the dialog. */
async function exportAs(page, format, button) {
  await page.getByRole("button", { name: "Export", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Export" });
  await dialog.getByRole("radio", { name: format, exact: true }).check();
  await dialog.getByRole("button", { name: button }).click();
}

test("the log goes out as NDJSON and comes back the same", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "leftfold-export-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { page } = await openPage(t);
  await loadSample(page);
  const events = await eventCount(page);

  const download = page.waitForEvent("download");
  await exportAs(page, "NDJSON", "Export 6,400 events");
  const file = await download;
  assert.equal(file.suggestedFilename(), "order-fulfilment.ndjson");
  const path = join(folder, "copy.ndjson");
  await file.saveAs(path);
  await page.getByText(new RegExp(`${events.toLocaleString("en-US")} events in order-fulfilment.ndjson`)).waitFor();
  const lines = (await readFile(path, "utf8")).trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.equal(lines.length, events);
  const { position, stream, version, type } = lines[489];
  assert.deepEqual({ position, stream, version, type }, { position: 490, stream: "inventory-ROPE-30", version: 10, type: "StockReleased" });

  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await (await chooser).setFiles(path);
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Store", { exact: true }).fill("copy");
  await dialog.getByRole("button", { name: /^Import [\d,]+ events/ }).click();
  await dialog.getByRole("heading", { name: "Imported" }).waitFor();
  await dialog.getByRole("button", { name: "Show the log" }).click();
  await page.getByRole("button", { name: /^Store: copy/ }).waitFor();
  assert.equal(await eventCount(page), events);
  await goTo(page, 490);
  await currentRowSays(page, /inventory-ROPE-30@10\s*StockReleased/);
});

test("every format is written, a range too, and a leftfold file says that it is changed", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "leftfold-export-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { page } = await openPage(t);
  await loadSample(page);
  for (const [position, key] of [[460, "a"], [520, "Shift+A"]]) {
    await goTo(page, position);
    await page.keyboard.press(key);
  }
  const written = async (format, button, range) => {
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Export" });
    await dialog.getByRole("radio", { name: format, exact: true }).check();
    if (range) await dialog.getByRole("radio", { name: /^Between A and B/ }).check();
    await dialog.getByRole("button", { name: button }).click();
    const file = await download;
    const path = join(folder, file.suggestedFilename());
    await file.saveAs(path);
    await page.getByText("Exporting").waitFor({ state: "detached" });
    return { path, text: await readFile(path, "utf8") };
  };

  const csv = await written("CSV", "Export 61 events", true);
  assert.match(csv.path, /order-fulfilment-460-520\.csv$/);
  assert.equal(csv.text.trimEnd().split("\n").length, 62);
  const cloud = JSON.parse((await written("CloudEvents", "Export 61 events", true)).text);
  assert.deepEqual([cloud.length, cloud[30].specversion, cloud[30].type], [61, "1.0", "StockReleased"]);

  await page.getByRole("complementary", { name: "Filters" }).getByRole("listitem").filter({ hasText: "StockReleased" }).hover();
  await page.getByRole("button", { name: "Show only StockReleased" }).click();
  await countIs(page, 79);
  const listed = await written("NDJSON", "Export 79 events");
  assert.match(listed.path, /order-fulfilment-filtered\.ndjson$/);
  const types = listed.text.trimEnd().split("\n").map((line) => JSON.parse(line).type);
  assert.deepEqual([types.length, [...new Set(types)]], [79, ["StockReleased"]]);
  await page.getByRole("button", { name: "Remove filter: only StockReleased" }).click();
  const whole = await written("Leftfold", "Export 6,400 events");
  const choose = async (path) => {
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await (await chooser).setFiles(path);
    return page.getByRole("dialog");
  };
  const dialog = await choose(whole.path);
  await dialog.getByText("This file says itself").waitFor();
  await dialog.getByLabel("Store", { exact: true }).fill("copy");
  await dialog.getByRole("button", { name: "Import 6,400 events" }).click();
  await dialog.getByRole("heading", { name: "Imported" }).waitFor();
  await dialog.getByRole("button", { name: "Show the log" }).click();
  await page.getByRole("button", { name: /^Store: copy/ }).waitFor();
  assert.equal(await eventCount(page), 6_400);

  const changed = join(folder, "changed.ndjson");
  await writeFile(changed, whole.text.replace('"units":3}', '"units":4}'));
  const refused = await choose(changed);
  await refused.getByRole("alert").getByText(/hash chain/).waitFor();
  assert.ok(await refused.getByRole("button", { name: "Import", exact: true }).isDisabled());
});

test("a report has the log, what was made of it and the view, and opens as it was left", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "leftfold-report-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { page } = await openPage(t);
  await loadSample(page);
  await goTo(page, 490);
  await page.keyboard.press("b");
  await page.getByRole("tab", { name: "Blame" }).click();
  await page.getByRole("button", { name: "History breakpoint" }).click();
  await page.getByLabel("Expression").fill("event.eventType === 'StockReleased'");
  await page.getByRole("button", { name: "Find hits" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Export" });
  await dialog.getByRole("checkbox", { name: "With what I made of it" }).check();
  await dialog.getByRole("button", { name: "Export 6,400 events" }).click();
  const file = await download;
  assert.match(file.suggestedFilename(), /^order-fulfilment\.report\./);
  const path = join(folder, file.suggestedFilename());
  await file.saveAs(path);

  // In a browser that has never seen the log.
  const other = (await openPage(t)).page;
  const chooser = other.waitForEvent("filechooser");
  await other.getByRole("button", { name: /^Import/ }).first().click();
  await (await chooser).setFiles(path);
  const importing = other.getByRole("dialog");
  await importing.getByText("It is a report: 1 bookmark, the view come with it.").waitFor();
  await importing.getByLabel("Store", { exact: true }).fill("received");
  await importing.getByRole("button", { name: "Import 6,400 events" }).click();
  await importing.getByRole("button", { name: "Show the log" }).click();
  await other.getByRole("group", { name: "Breakpoint" }).getByText("hit 5 of 79").waitFor();
  assert.equal(await cursor(other), 490);
  await other.getByRole("tab", { name: "Blame", selected: true }).waitFor();
  await other.getByRole("button", { name: "Bookmark StockReleased, event 490" }).waitFor();
});
