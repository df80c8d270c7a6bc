// The walk of the README: from the first visit to the event that made a value wrong, as somebody who has never seen the page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage } from "./harness.mjs";
import { currentRowSays, cursorAt, loadSample } from "./steps.mjs";

test("which event made this value wrong?", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);

  // 1. Fewer units than none are reserved.
  await page.getByRole("combobox", { name: "State of" }).selectOption({ label: "warehouse-board" });
  const state = page.getByRole("tree", { name: /State of warehouse-board at event/ });
  await state.getByRole("treeitem", { name: /SKU-ROPE-30/ }).click();
  await state.getByRole("treeitem", { name: /reserved.*-3/ }).waitFor();

  // 2. Every event that wrote the number.
  await page.getByRole("tab", { name: "Blame" }).click();
  await page.getByLabel("Filter paths").fill("rope");
  await page.getByRole("button", { name: "reserved", exact: true }).click();
  const writes = page.getByRole("table", { name: /Every event that wrote skus\.SKU-ROPE-30\.reserved of warehouse-board/ });
  const row = (at) => writes.getByRole("row", { name: new RegExp(`#${at} `) });
  const earlier = page.getByRole("button", { name: "Earlier writes" });
  while ((await row(485).count()) === 0) {
    await row(485).or(earlier).first().waitFor();
    if (await earlier.isVisible()) await earlier.click();
  }

  // 3. Where it went below zero: two releases of the same units.
  assert.match((await row(490).innerText()).replaceAll(/\s+/g, " "), /StockReleased.*2 → -1 −3/);
  assert.match((await row(485).innerText()).replaceAll(/\s+/g, " "), /StockReleased.*5 → 2 −3/);

  // 4. There, and what led to it.
  await row(490).getByRole("button").click();
  await cursorAt(page, 490);
  await currentRowSays(page, "inventory-ROPE-30");
  await page.getByRole("tab", { name: "Event" }).click();
  const causes = page.getByRole("list", { name: "Causes and effects" });
  await causes.getByText("OrderCancelled").waitFor();
  assert.equal(await causes.getByText("StockReleased").count(), 2);
});
