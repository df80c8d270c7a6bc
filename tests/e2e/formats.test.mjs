// Logs of other formats through the page: told by their content, mapped where they have columns, and counted.

import assert from "node:assert/strict";
import { test } from "node:test";

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
  await dialog.getByText(/OCEL 2\.0/).waitFor();
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
