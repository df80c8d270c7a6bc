// The first visit: nothing is there, and each way to begin leads into the log.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage } from "./harness.mjs";
import { eventCount, loadSample } from "./steps.mjs";

test("an empty page offers three ways to begin", async (t) => {
  const { page } = await openPage(t);
  await page.getByRole("heading", { name: "Load some events to begin" }).waitFor();
  for (const name of ["Load sample", "Choose file…", "Start simulator"]) {
    assert.ok(await page.getByRole("button", { name }).isEnabled(), name);
  }
  assert.equal(await page.getByRole("grid").count(), 0);
});

test("the sample is stored once, and is there after a reload", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  const events = await eventCount(page);
  assert.ok(events > 1_000, `${events} events`);
  await page.reload();
  await page.getByRole("grid", { name: "Events" }).waitFor();
  assert.equal(await eventCount(page), events);
  assert.match(page.url(), /store=order-fulfilment/);
});

test("the simulator writes until it is stopped", async (t) => {
  const { page } = await openPage(t);
  await page.getByRole("button", { name: "Start simulator" }).click();
  await page.getByRole("grid", { name: "Events" }).waitFor();
  const early = await eventCount(page);
  await page.waitForFunction(
    (early) => Number(document.querySelector("#playhead").getAttribute("aria-valuemax")) > early + 3,
    early,
  );
  await page.getByRole("button", { name: "Stop simulator" }).click();
  await page.getByRole("button", { name: "Stop simulator" }).waitFor({ state: "detached" });
});

test("a store is made by name, and deleted after a question", async (t) => {
  const { page } = await openPage(t);
  await page.getByRole("button", { name: /Choose store/ }).click();
  await page.getByRole("menuitem", { name: "New store…" }).click();
  await page.getByRole("dialog", { name: "New store" }).getByLabel("Name").fill("mine");
  await page.getByRole("button", { name: "Make store" }).click();
  await page.getByRole("button", { name: /^Store: mine/ }).click();
  await page.getByRole("menuitem", { name: "Delete store mine" }).click();
  await page.getByRole("dialog", { name: "Delete mine?" }).getByRole("button", { name: "Delete store" }).click();
  await page.getByRole("button", { name: /No store open/ }).waitFor();
});

test("the theme is remembered", async (t) => {
  const { page } = await openPage(t, { colorScheme: "light" });
  const theme = () => page.evaluate(() => getComputedStyle(document.body).colorScheme);
  await page.getByRole("button", { name: "Theme: system. Switch theme" }).click();
  await page.getByRole("button", { name: "Theme: light. Switch theme" }).click();
  await page.getByRole("button", { name: "Theme: dark. Switch theme" }).waitFor();
  assert.equal(await theme(), "dark");
  await page.reload();
  await page.getByRole("button", { name: "Theme: dark. Switch theme" }).waitFor();
  assert.equal(await theme(), "dark");
});
