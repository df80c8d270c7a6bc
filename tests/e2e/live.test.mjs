// Two tabs on one store: what one writes arrives in the other.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage } from "./harness.mjs";
import { cursor, eventCount, goTo, loadSample, rowsDrawn, rowsStand } from "./steps.mjs";

test("a pinned page counts what another tab writes, and goes live on demand", async (t) => {
  const { page, newTab } = await openPage(t);
  await loadSample(page);
  await goTo(page, 1204);
  await rowsStand(page);
  const rows = await rowsDrawn(page);

  const other = await newTab("/?store=order-fulfilment");
  await other.getByRole("button", { name: /^Store: order-fulfilment/ }).click();
  await other.getByRole("menuitem", { name: /Run simulator/ }).click();

  await page.getByRole("button", { name: /Go live, \d+ events? since pinned/ }).waitFor();
  assert.equal(await cursor(page), 1204, "the playhead stays");
  assert.deepEqual(await rowsDrawn(page), rows, "the log stays");

  await page.getByRole("button", { name: /Go live/ }).click();
  await page.waitForFunction(() => {
    const slider = document.querySelector("#playhead");
    return slider.getAttribute("aria-valuenow") === slider.getAttribute("aria-valuemax");
  });
  const seen = await eventCount(page);
  await page.waitForFunction((seen) => Number(document.querySelector("#playhead").getAttribute("aria-valuenow")) > seen, seen);

  await other.getByRole("button", { name: "Stop simulator" }).click();
});
