// The debugger on the sample: scrub, filter, inspect.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage } from "./harness.mjs";
import { currentRow, currentRowSays, cursor, cursorAt, eventCount, goTo, loadSample, playhead } from "./steps.mjs";

async function openSample(t, options) {
  const opened = await openPage(t, options);
  await loadSample(opened.page);
  return { ...opened, events: await eventCount(opened.page) };
}

test("the keyboard scrubs", async (t) => {
  const { page, events } = await openSample(t);
  await page.evaluate(() => document.activeElement.blur());
  assert.equal(await cursor(page), events, "a log that was just opened is live");
  await page.keyboard.press("ArrowLeft");
  await cursorAt(page, events - 1);
  await page.getByText(/Pinned at/).first().waitFor();
  await page.keyboard.press("Home");
  await cursorAt(page, 1);
  await page.keyboard.press("ArrowRight");
  await cursorAt(page, 2);
  await page.keyboard.press("End");
  await cursorAt(page, events);
  await playhead(page).focus();
  await page.keyboard.press("PageDown");
  assert.equal(await cursor(page), events - Math.max(1, Math.floor(events / 10)));
});

test("an exact position is gone to, one that is not there is refused", async (t) => {
  const { page, events } = await openSample(t);
  await goTo(page, 1204);
  await currentRowSays(page, "1,204");
  const field = page.getByLabel("Go to position");
  await field.fill(String(events + 1));
  await field.press("Enter");
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  assert.equal(await cursor(page), 1204);
});

test("a drag on the ruler scrubs, and the log follows", async (t) => {
  const { page, events } = await openSample(t);
  const lanes = await page.getByRole("img", { name: /stacked by event type/ }).boundingBox();
  const y = lanes.y + 10;
  await page.mouse.move(lanes.x + lanes.width * 0.9, y);
  await page.mouse.down();
  for (const share of [0.8, 0.6, 0.4, 0.25]) await page.mouse.move(lanes.x + lanes.width * share, y);
  await page.mouse.up();
  const at = await cursor(page);
  assert.ok(Math.abs(at - events * 0.25) < events * 0.01, `cursor at ${at}`);
  // Rows follow the playhead. Those behind it are marked as future.
  await page.locator("[role=row][data-when=future]").first().waitFor();
});

test("steps stay in the stream where they are told to", async (t) => {
  const { page } = await openSample(t);
  await goTo(page, 1204);
  const stream = async () => (await currentRow(page).getByRole("gridcell").nth(2).innerText()).split("@")[0];
  const before = await stream();
  await page.keyboard.press("Shift+ArrowRight");
  await page.waitForFunction(() => document.querySelector("#playhead").getAttribute("aria-valuenow") !== "1204");
  await currentRowSays(page, new RegExp(`^${(await cursor(page)).toLocaleString("en")}`));
  assert.equal(await stream(), before);
});

test("playback moves by itself until it is paused", async (t) => {
  const { page } = await openSample(t);
  await goTo(page, 100);
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await page.waitForFunction(() => Number(document.querySelector("#playhead").getAttribute("aria-valuenow")) > 103);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Play", exact: true }).waitFor();
});

test("a type is shown alone, hidden and shown again", async (t) => {
  const { page, events } = await openSample(t);
  const rowCount = async () => Number(await page.getByRole("grid").getAttribute("aria-rowcount")) - 1;
  await page.getByRole("button", { name: "Show only OrderPlaced" }).click({ force: true });
  await page.waitForFunction((all) => Number(document.querySelector("[role=grid]").getAttribute("aria-rowcount")) < all, events);
  const placed = await rowCount();
  // Rows are written some at a time.
  await page.waitForFunction(() => {
    const types = [...document.querySelectorAll(".lf-log__row .lf-log__type")].map((cell) => cell.innerText.trim());
    return types.length > 0 && types.every((type) => type === "OrderPlaced");
  });
  await page.getByRole("button", { name: "Hide OrderPlaced" }).click({ force: true });
  await page.waitForFunction((rows) => Number(document.querySelector("[role=grid]").getAttribute("aria-rowcount")) === rows + 1, events - placed);
  await page.waitForFunction(() => location.search.includes("hide-type=OrderPlaced"));
  await page.reload();
  await page.getByRole("grid", { name: "Events" }).waitFor();
  // The address keeps the filter.
  await page.waitForFunction((rows) => Number(document.querySelector("[role=grid]").getAttribute("aria-rowcount")) === rows + 1, events - placed);
  await page.getByRole("button", { name: "Clear filters" }).first().click();
  await page.waitForFunction((rows) => Number(document.querySelector("[role=grid]").getAttribute("aria-rowcount")) === rows + 1, events);
});

test("the inspector shows the event and folds its stream", async (t) => {
  const { page } = await openSample(t);
  await page.getByRole("button", { name: "Show only ShipmentDispatched" }).click({ force: true });
  await page.getByRole("radio", { name: "Match" }).click();
  await page.getByRole("button", { name: "Step back" }).click();
  await page.getByRole("tab", { name: "Event" }).click();
  const payload = page.getByRole("tree", { name: /Payload of event/ });
  await payload.getByText("carrier").waitFor();
  await page.getByRole("tab", { name: /State/ }).click();
  const state = page.getByRole("tree", { name: /State of shipment-.* at event/ });
  await state.getByText("tracking").waitFor();
  await page.getByRole("combobox", { name: "State of" }).selectOption("log");
  await page.getByRole("tree", { name: /State of Whole log/ }).getByText("ShipmentDispatched").waitFor();
});

test("the state at the cursor is the fold of what was there, and says what changed", async (t) => {
  const { page } = await openSample(t);
  await page.getByRole("button", { name: "Show only StockReserved" }).click({ force: true });
  await page.getByRole("radio", { name: "Match" }).click();
  await page.getByRole("button", { name: "Step back" }).click();
  const state = page.getByRole("tree", { name: /State of inventory-.* at event/ });
  await state.getByText(/changed from "order-[0-9a-f]+" to "order-[0-9a-f]+"/).waitFor({ state: "attached" });
  assert.ok(await state.getByText("purchaseOrder").isVisible(), "what the first event wrote is still there");
});

test("an address brings the cursor back", async (t) => {
  const { page, url } = await openSample(t);
  await page.goto(`${url}/?store=order-fulfilment&at=77`);
  await page.getByRole("grid", { name: "Events" }).waitFor();
  await cursorAt(page, 77);
});

test("a narrow page shows one pane at a time", async (t) => {
  const { page } = await openSample(t, { viewport: { width: 390, height: 844 } });
  assert.ok(await page.getByRole("grid").isVisible());
  await page.getByRole("radio", { name: "Inspector" }).click();
  assert.ok(!(await page.getByRole("grid").isVisible()));
  assert.ok(await page.getByRole("tab", { name: /State/ }).isVisible());
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `the page is ${overflow} px too wide`);
});

test("the help lists the keys", async (t) => {
  const { page } = await openSample(t);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keyboard" });
  await help.getByText("Play or pause").waitFor();
  await page.keyboard.press("Escape");
  await help.waitFor({ state: "detached" });
});
