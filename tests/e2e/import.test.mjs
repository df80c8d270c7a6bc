// Import through the page: a real log, a small one with errors, and one that is no log.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { openPage, realData } from "./harness.mjs";
import { eventCount } from "./steps.mjs";

async function choose(page, button, path) {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: button }).click();
  await (await chooser).setFiles(path);
  return page.getByRole("dialog");
}

async function fileOf(t, name, text) {
  const folder = await mkdtemp(join(tmpdir(), "leftfold-import-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const SMALL = `order_ref,event_name,occurred_at,sku,qty
7f3a,OrderPlaced,2026-03-14T09:41:07Z,AERO-14,25
88d0,OrderPlaced,2026-03-14T09:40:00Z,BOLT-02,3
7f3a,OrderPacked,yesterday,,
7f3a,OrderShipped,2026-03-14T10:00:00Z,,
`;

test("the receipt log is imported once and survives a reload", async (t) => {
  const path = realData(t, "process-logs/receipt.csv.gz");
  if (!path) return;
  const { page } = await openPage(t);
  const dialog = await choose(page, "Choose file…", path);
  await dialog.getByLabel("Category").fill("receipt");
  await dialog.getByText("8,577 of 8,577 rows into 1,434 streams").waitFor();
  await dialog.getByRole("button", { name: "Import 8,577 events" }).click();
  await dialog.getByRole("heading", { name: "Imported" }).waitFor();
  await dialog.getByRole("button", { name: "Show the log" }).click();
  const seen = async () => {
    await page.getByRole("grid", { name: "Events" }).waitFor();
    return [await eventCount(page), await page.getByRole("heading", { name: /^Streams/ }).innerText()];
  };
  const [events, streams] = await seen();
  assert.equal(events, 8_577);
  assert.match(streams, /1,434/);
  await page.reload();
  assert.deepEqual(await seen(), [events, streams]);

  const again = await choose(page, "Import", path);
  await again.getByLabel("Category").fill("receipt");
  await again.getByText("Goes behind its 8,577 events").waitFor();
  await again.getByRole("button", { name: "Import 8,577 events" }).click();
  await again.getByRole("heading", { name: "Nothing new in this file" }).waitFor();
});

test("rows with errors are told by their lines and left out", async (t) => {
  const { page } = await openPage(t);
  const dialog = await choose(page, "Choose file…", await fileOf(t, "orders.csv", SMALL));
  await dialog.getByText("1 row has errors").waitFor();
  assert.equal(await dialog.getByLabel("Store", { exact: true }).inputValue(), "orders");
  await dialog.getByText("Line 4").waitFor();
  await dialog.getByRole("button", { name: "Import 3 events" }).click();
  await dialog.getByRole("button", { name: "Show the log" }).click();
  await page.getByRole("grid", { name: "Events" }).waitFor();
  assert.equal(await eventCount(page), 3);
  const first = await page.locator(".lf-log__row").first().innerText();
  assert.match(first, /88d0/, "the events stand in the order of their times");
});

test("a file is read in the format that a person says, or in that of its content", async (t) => {
  const { page } = await openPage(t);
  const cloud = { specversion: "1.0", id: "1", source: "/shop", type: "OrderPlaced", subject: "7f3a", data: { qty: 25 } };
  const dialog = await choose(page, "Choose file…", await fileOf(t, "orders.json", JSON.stringify([cloud])));
  const format = dialog.getByLabel("Format");
  const found = format.getByRole("option", { name: "As its content says: CloudEvents" });
  await found.waitFor({ state: "attached" });
  await format.selectOption("JSON array");
  // Rows as any: the source is a column among others, and may be the stream.
  await dialog.getByLabel("Stream").selectOption("source");
  await dialog.getByRole("cell", { name: "/shop", exact: true }).waitFor();
  await format.selectOption("XES");
  await dialog.getByRole("alert").waitFor();
  assert.ok(await dialog.getByRole("button", { name: "Import", exact: true }).isDisabled());
  await format.selectOption("");
  await found.waitFor({ state: "attached" });
  await dialog.getByRole("button", { name: "Import 1 event" }).click();
  await dialog.getByRole("heading", { name: "Imported" }).waitFor();
});

test("told to stop at an error, an import stores nothing", async (t) => {
  const { page } = await openPage(t);
  const dialog = await choose(page, "Choose file…", await fileOf(t, "orders.csv", SMALL));
  await dialog.getByLabel("Stop at the first one").check();
  await dialog.getByRole("button", { name: "Import 3 events" }).click();
  await dialog.getByRole("alert").waitFor();
  await dialog.getByRole("button", { name: "Close", exact: true }).click();
  await page.getByRole("heading", { name: "Load some events to begin" }).waitFor();
});

test("another column is chosen, and a file that is no log is refused with its reason", async (t) => {
  const { page } = await openPage(t);
  const dialog = await choose(page, "Choose file…", await fileOf(t, "orders.csv", SMALL));
  await dialog.getByLabel(/^Stream/).selectOption("sku");
  await dialog.getByRole("cell", { name: "AERO-14", exact: true }).waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  const refused = await choose(page, "Choose file…", await fileOf(t, "picture.png", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"));
  await refused.getByRole("alert").getByText("unsupported-format").waitFor();
  assert.ok(await refused.getByRole("button", { name: "Import" }).isDisabled());
});

/** Many rows of orders, one a second. */
function manyRows(count) {
  const rows = ["order_ref,event_name,occurred_at,sku,qty"];
  const start = Date.UTC(2026, 2, 14);
  for (let row = 0; row < count; row++) {
    rows.push(`${(row % 5_000) + 1},OrderPlaced,${new Date(start + row * 1000).toISOString()},AERO-14,${(row % 40) + 1}`);
  }
  return `${rows.join("\n")}\n`;
}

test("an import that is cancelled half-way stores nothing and leaves no store behind", async (t) => {
  const { page } = await openPage(t);
  const dialog = await choose(page, "Choose file…", await fileOf(t, "many.csv", manyRows(50_000)));
  await dialog.getByText("50,000 of 50,000 rows into 5,000 streams").waitFor();
  // Cancelled from inside of the page: an import may be over before a message from here arrives.
  await page.evaluate(() => {
    const look = () => {
      const done = Number(document.querySelector("[role=progressbar][aria-label=Import]")?.getAttribute("aria-valuenow"));
      if (!(done > 0)) return;
      window.cancelledAt = done;
      changes.disconnect();
      [...document.querySelectorAll("dialog button")].find((button) => button.innerText === "Cancel import").click();
    };
    const changes = new MutationObserver(look);
    changes.observe(document, { attributes: true, childList: true, subtree: true });
  });
  await dialog.getByRole("button", { name: "Import 50,000 events" }).click();
  await page.waitForFunction(() => window.cancelledAt);
  assert.ok((await page.evaluate(() => window.cancelledAt)) < 100, "the import was under way");
  await page.getByRole("heading", { name: "Load some events to begin" }).waitFor();
  const stored = await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
  assert.ok(!stored.some((name) => name.endsWith("many")), `left behind: ${stored}`);
});

test("a file that is dropped on the page is imported", async (t) => {
  const { page } = await openPage(t);
  await page.getByRole("heading", { name: "Load some events to begin" }).waitFor();
  const drop = (type) =>
    page.evaluate(
      ([type, text]) => {
        const data = new DataTransfer();
        data.items.add(new File([text], "orders.csv", { type: "text/csv" }));
        document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
      },
      [type, SMALL],
    );
  await drop("dragenter");
  await drop("dragover");
  await page.getByText("Drop to import").waitFor();
  await drop("drop");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("1 row has errors").waitFor();
  await page.getByText("Drop to import").waitFor({ state: "hidden" });
  await dialog.getByRole("button", { name: "Import 3 events" }).click();
  await dialog.getByRole("button", { name: "Show the log" }).click();
  await page.getByRole("grid", { name: "Events" }).waitFor();
  assert.equal(await eventCount(page), 3);
});
