// Logs of other formats through the page: told by their content, mapped where they have columns, and counted.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fileURLToPath } from "node:url";

import { openPage, realData } from "./harness.mjs";
import { eventCount, fileOf, importFile } from "./steps.mjs";

test("XES is read, and gives what the CSV of the same log gives", async (t) => {
  const path = realData(t, "process-logs/running-example.xes");
  if (!path) return;
  const { page } = await openPage(t);
  await importFile(page, path, { category: "case", button: "Import 42 events" });
  assert.equal(await eventCount(page), 42);
  await page.getByText(/6 (cases|streams)|1 category · 6/).first().waitFor();
});

test("OCEL 2.0 is read: objects are tags and events of their own", async (t) => {
  const path = realData(t, "ocel2/order-management.json.gz");
  if (!path) return;
  const { page } = await openPage(t);
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await (await chooser).setFiles(path);
  const dialog = page.getByRole("dialog");
  await dialog.getByText(/· OCEL 2\.0/).waitFor();
  await dialog.getByRole("button", { name: /^Import/ }).click();
  await dialog.getByRole("heading", { name: "Imported" }).waitFor();
  await dialog.getByRole("button", { name: "Show the log" }).click();
  assert.ok((await eventCount(page)) >= 18_211);
});

test("a table of another event store is known by its columns", async (t) => {
  const { page } = await openPage(t);
  // Made by hand from the columns of message-db's table.
  const path = await fileOf(
    t,
    "messages.csv",
    'global_position,position,id,time,stream_name,type,data,metadata\n' +
      '1,0,6f1c2a3e-0d3b-4c54-9c8b-6c2b7a1f0001,2026-03-14 09:41:07.331,account-7,Deposited,"{""amount"":25}",{}\n' +
      '2,1,6f1c2a3e-0d3b-4c54-9c8b-6c2b7a1f0002,2026-03-14 09:42:00,account-7,Withdrawn,"{""amount"":5}",{}\n',
  );
  await importFile(page, path, { button: "Import 2 events" });
  assert.equal(await eventCount(page), 2);
  await page.getByRole("button", { name: "Hide Withdrawn" }).waitFor();
});

/** Small logs made by hand from the field lists of each format: what the dialog calls them, their events and one type. */
const SEEDS = [
  ["ndjson/sample.ndjson", "NDJSON", 3, "OrderShipped"],
  ["json/sample.json", "JSON array", 3, "OrderShipped"],
  ["csv/sample.csv", "CSV", 3, "OrderShipped"],
  ["leftfold/sample.ndjson", "Leftfold", 3, "OrderShipped"],
  ["xes/sample.xes", "XES", 3, "OrderShipped+start"],
  ["ocel2/sample.json", "OCEL 2.0", 6, "OrderShipped"],
  ["cloudevents/sample.json", "CloudEvents", 3, "OrderShipped"],
  ["kurrentdb/sample.json", "KurrentDB", 2, "OrderShipped"],
  ["marten/sample.ndjson", "Marten", 3, "order_shipped"],
  ["axon/sample.csv", "Axon", 3, "shop.OrderShipped"],
  ["axon/five.json", "Axon", 1, "shop.OrderPlaced"],
  ["message-db/sample.csv", "message-db", 3, "OrderShipped"],
  ["emmett/sample.json", "emmett", 3, "OrderShipped"],
  ["cqrs-es/sample.ndjson", "cqrs-es", 3, "OrderShipped"],
  ["eventsourcing/sample.ndjson", "eventsourcing", 3, "shop:Order.Shipped"],
  ["redux-devtools/sample.json", "Redux DevTools", 3, "cart/added"],
];

test("every format is told by its content, imported, and not stored twice", async (t) => {
  const { page } = await openPage(t);
  for (const [index, [file, format, events, type]] of SEEDS.entries()) {
    const path = fileURLToPath(new URL(`../../fuzz/seeds/${file}`, import.meta.url));
    for (const isAgain of [false, true]) {
      const chooser = page.waitForEvent("filechooser");
      await page.getByRole("button", { name: "Import", exact: true }).click();
      await (await chooser).setFiles(path);
      const dialog = page.getByRole("dialog");
      await dialog.getByText(new RegExp(`rows? · .*${format.replace(".", "\\.")}`)).waitFor();
      await dialog.getByLabel("Store", { exact: true }).fill(`store-${index}`);
      await dialog.getByRole("button", { name: /^Import/ }).click();
      await dialog.getByRole("heading", { name: isAgain ? "Nothing new in this file" : "Imported" }).waitFor();
      await dialog.getByRole("button", { name: "Show the log" }).click();
      await page.getByRole("button", { name: new RegExp(`^Store: store-${index}`) }).waitFor();
      assert.equal(await eventCount(page), events, file);
    }
    await page.getByRole("button", { name: `Hide ${type}`, exact: true }).waitFor();
  }
});

test("a batch for one stream does not name it: its file does", async (t) => {
  const path = realData(t, "kurrentdb/shoppingCart-b989fe21-9469-4017-8d71-9820b8dd1164.json");
  if (!path) return;
  const { page } = await openPage(t);
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await (await chooser).setFiles(path);
  const dialog = page.getByRole("dialog");
  await dialog.getByText("no column is mapped to the stream").first().waitFor();
  await dialog.getByLabel("Stream").selectOption({ label: "The same for every row: shoppingCart-b989fe21-9469-4017-8d71-9820b8dd1164" });
  await dialog.getByRole("button", { name: "Import 2 events" }).click();
  await dialog.getByRole("heading", { name: "Imported" }).waitFor();
  await dialog.getByRole("button", { name: "Show the log" }).click();
  assert.equal(await eventCount(page), 2);
  await page.getByText(/shoppingCart-b989fe21-9469-4017-8d71-9820b8dd1164@2/).first().waitFor();
});
