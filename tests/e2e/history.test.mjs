// Back and forward: another page, another store and an event that was gone to by its name are places to come back to.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage } from "./harness.mjs";
import { cursorAt, eventCount, goTo, loadSample } from "./steps.mjs";

const view = (page, name) => page.getByRole("navigation", { name: "Views" }).getByRole("link", { name });
const grid = (page) => page.getByRole("grid", { name: "Events" });
const addressHas = (page, part) => page.waitForFunction((part) => location.search.includes(part), part);
const titleIs = (page, pattern) => page.waitForFunction((source) => new RegExp(source).test(document.title), pattern.source);

test("back leads from page to page, each as it was left", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  await goTo(page, 490);
  await titleIs(page, /^#490 · Debugger · order-fulfilment · Leftfold$/);
  const entries = await page.evaluate(() => history.length);
  for (let step = 0; step < 5; step += 1) await page.keyboard.press("ArrowLeft");
  await cursorAt(page, 485);
  await addressHas(page, "at=485");
  assert.equal(await page.evaluate(() => history.length), entries, "scrubbing leaves no entries");

  await page.getByRole("tab", { name: "Blame" }).click();
  await view(page, "Projections").click();
  await page.getByRole("heading", { name: "Projections at #485" }).waitFor();
  await titleIs(page, /^#485 · Projections · order-fulfilment/);
  await view(page, "Commands").click();
  await page.getByRole("heading", { name: "Commands" }).waitFor();
  assert.equal(await page.evaluate(() => history.length), entries + 2);

  await page.goBack();
  await page.getByRole("heading", { name: "Projections at #485" }).waitFor();
  await page.goBack();
  await grid(page).waitFor();
  await cursorAt(page, 485);
  await page.getByRole("tab", { name: "Blame", selected: true }).waitFor();
  await titleIs(page, /^#485 · Debugger/);
  await page.goForward();
  await page.getByRole("heading", { name: "Projections at #485" }).waitFor();
});

test("back leads to the event from which another one was gone to by its name", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  const events = await eventCount(page);
  await goTo(page, 490);
  await page.getByRole("button", { name: "Hide OrderPlaced" }).click({ force: true });
  await page.getByRole("tab", { name: "Event" }).click();
  await page.getByRole("list", { name: "Causes and effects" }).getByRole("button", { name: /OrderCancelled/ }).click();
  await page.waitForFunction(() => document.querySelector("#playhead").getAttribute("aria-valuenow") !== "490");
  await page.goBack();
  await cursorAt(page, 490);
  await page.getByRole("button", { name: "Remove filter: hide OrderPlaced" }).waitFor();
  await page.goBack();
  await cursorAt(page, events);
  await page.getByText("Live", { exact: true }).first().waitFor();
});

test("back leads from store to store, and to the start page", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  await goTo(page, 490);
  await page.getByRole("button", { name: /^Store:/ }).click();
  await page.getByRole("menuitem", { name: /New store/ }).click();
  await page.getByLabel("Name", { exact: true }).fill("second");
  await page.getByRole("button", { name: "Make store" }).click();
  await page.getByRole("button", { name: /^Store: second/ }).waitFor();
  await addressHas(page, "store=second");
  await page.goBack();
  await page.getByRole("button", { name: /^Store: order-fulfilment/ }).waitFor();
  await cursorAt(page, 490);
  await page.goForward();
  await page.getByRole("button", { name: /^Store: second/ }).waitFor();
  await page.goBack();
  await cursorAt(page, 490);
  // Before the jump to 490 it was live; before that there was no store.
  await page.goBack();
  await page.getByText("Live", { exact: true }).first().waitFor();
  await page.goBack();
  await page.getByRole("button", { name: /^No store open/ }).waitFor();
  await titleIs(page, /^Leftfold$/);
  await page.goForward();
  await grid(page).waitFor();
});

test("an address of a store that is gone says so", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  await page.getByRole("button", { name: /^Store:/ }).click();
  await page.getByRole("menuitem", { name: /New store/ }).click();
  await page.getByLabel("Name", { exact: true }).fill("second");
  await page.getByRole("button", { name: "Make store" }).click();
  await addressHas(page, "store=second");
  await page.getByRole("button", { name: /^Store:/ }).click();
  await page.getByRole("menuitem", { name: "Delete store order-fulfilment" }).click();
  await page.getByRole("button", { name: "Delete store", exact: true }).click();
  await page.getByText("Store deleted").waitFor();
  await page.goBack();
  await page.getByRole("alert").getByText("Store not found").waitFor();
  await page.getByRole("button", { name: /^No store open/ }).waitFor();
});

test("the address names the pane of a narrow page", async (t) => {
  const { page } = await openPage(t, { viewport: { width: 390, height: 844 }, hasTouch: true });
  await loadSample(page);
  await page.getByRole("radio", { name: "Inspector" }).click();
  await addressHas(page, "view=inspect");
  await page.reload();
  await page.getByRole("region", { name: "Inspector" }).waitFor();
  assert.equal(await page.getByRole("radio", { name: "Inspector" }).getAttribute("aria-checked"), "true");
  await page.getByRole("button", { name: "Close inspector" }).click();
  await grid(page).waitFor();
});
