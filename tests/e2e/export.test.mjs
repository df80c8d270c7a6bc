// Export through the page: what is written is read back as the same log.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { openPage } from "./harness.mjs";
import { currentRow, eventCount, goTo, loadSample } from "./steps.mjs";

test("the log goes out as NDJSON and comes back the same", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "leftfold-export-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { page } = await openPage(t);
  await loadSample(page);
  const events = await eventCount(page);

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export", exact: true }).click();
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
  assert.match(await currentRow(page).innerText(), /inventory-ROPE-30@10\s+StockReleased/);
});
