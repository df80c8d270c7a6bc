// History breakpoints: an expression over state and event, every hit over the whole log.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage } from "./harness.mjs";
import { countIs, currentRowSays, cursor, cursorAt, eventCount, fileOf, goTo, importFile, loadSample } from "./steps.mjs";

/** Units by order, as each stock keeps them: in the sample one reservation is released twice. */
const RESERVED = `fromCategory('inventory').foreachStream().when({
  $init: () => ({ orders: {} }),
  StockReserved(state, event) { state.orders[event.data.order] = (state.orders[event.data.order] ?? 0) + event.data.units },
  StockReleased(state, event) { state.orders[event.data.order] = (state.orders[event.data.order] ?? 0) - event.data.units },
})`;

const strip = (page) => page.getByRole("group", { name: "Breakpoint" });
const said = (page) => strip(page).getByRole("status");

async function setBreakpoint(page, expression, over) {
  await page.getByRole("button", { name: "History breakpoint" }).click();
  const dialog = page.getByRole("dialog", { name: "History breakpoint" });
  if (over) await dialog.getByLabel("State of", { exact: true }).selectOption({ label: over });
  await dialog.getByLabel("Expression").fill(expression);
  await dialog.getByRole("button", { name: "Find hits" }).click();
  await dialog.waitFor({ state: "detached" });
}

/** Changes the breakpoint that is set. */
async function setAnother(page, expression, over) {
  await strip(page).getByRole("button", { name: "Edit" }).click();
  const dialog = page.getByRole("dialog", { name: "History breakpoint" });
  if (over) await dialog.getByLabel("State of", { exact: true }).selectOption({ label: over });
  await dialog.getByLabel("Expression").fill(expression);
  await dialog.getByRole("button", { name: "Find hits" }).click();
  await dialog.waitFor({ state: "detached" });
}

const isSaid = (page, text) =>
  page.waitForFunction((text) => document.querySelector("#breakpoint-strip [role=status]")?.textContent === text, text);

test("all events after which an expression holds are marked, gone to and stopped at, and a link has them too", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  const facet = page.getByRole("complementary", { name: "Filters" }).getByRole("listitem");
  const count = await facet.filter({ hasText: "StockReleased" }).locator(".lf-facet__count").textContent();
  await setBreakpoint(page, "event.eventType === 'StockReleased'", "Nothing: the event alone");
  await isSaid(page, `${count} hits`);
  await page.keyboard.press("Home");
  await strip(page).getByRole("button", { name: "Next hit" }).click();
  await isSaid(page, `hit 1 of ${count}`);
  const first = await cursor(page);
  await currentRowSays(page, new RegExp(`breakpoint hit, ${first.toLocaleString("en")}`));
  await strip(page).getByRole("button", { name: "Next hit" }).click();
  await isSaid(page, `hit 2 of ${count}`);
  const second = await cursor(page);
  await strip(page).getByRole("button", { name: "Previous hit" }).click();
  await cursorAt(page, first);

  // Playing comes by the next hit, and stops there.
  await goTo(page, second - 2);
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await page.getByRole("button", { name: "Play", exact: true }).waitFor();
  await cursorAt(page, second);

  await strip(page).getByRole("button", { name: "Only hits" }).click();
  await countIs(page, Number(count));
  await page.waitForFunction((at) => new URLSearchParams(location.search).get("at") === String(at), second);
  await page.reload();
  await isSaid(page, `hit 2 of ${count}`);

  await strip(page).getByRole("button", { name: "Remove the breakpoint" }).click();
  await strip(page).waitFor({ state: "detached" });
});

test("a wrong stock level leads to the event that caused it", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  await page.keyboard.press("b");
  await page.waitForFunction(() => Object.keys(localStorage).some((key) => key.startsWith("leftfold.bookmarks.")));
  await page.evaluate((source) => {
    const key = Object.keys(localStorage).find((key) => key.startsWith("leftfold.bookmarks."));
    const text = JSON.stringify({ store: "order-fulfilment", projections: [{ name: "reservations", source }] });
    localStorage.setItem(key.replace("bookmarks", "projections"), text);
  }, RESERVED);
  await page.reload();
  await setBreakpoint(page, "Object.values(state.orders).some((units) => units < 0)", "reservations");
  await said(page).getByText(/hits? up to|\d+ hits?/).waitFor();
  await page.keyboard.press("Home");
  await strip(page).getByRole("button", { name: "Next hit" }).click();
  await cursorAt(page, 490);
});

test("an expression that is wrong says where, and one that does not end ends nothing else", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  await setBreakpoint(page, "event.data.units >", "Nothing: the event alone");
  await strip(page).getByRole("alert").getByText(/SyntaxError/).waitFor();
  await setBreakpoint(page, "state.nothing.there", "Nothing: the event alone");
  await strip(page).getByRole("alert").getByText(/TypeError/).waitFor();
  await strip(page).getByRole("button", { name: "Go to #1", exact: true }).click();
  await cursorAt(page, 1);
  await strip(page).getByRole("button", { name: "Edit" }).click();
  const dialog = page.getByRole("dialog", { name: "History breakpoint" });
  assert.equal(await dialog.getByLabel("Expression").inputValue(), "state.nothing.there");
  await dialog.getByLabel("Expression").fill("(() => { for (;;) {} })()");
  await dialog.getByLabel("Expression").press("Enter");
  await strip(page).getByRole("progressbar").waitFor();
  await goTo(page, 490);
  await strip(page).getByRole("alert").waitFor();
  assert.ok((await eventCount(page)) > 490);

  // A slip for a comparison changes nothing.
  await setAnother(page, "state.units = 5");
  await strip(page).getByRole("alert").getByText(/cannot change them \(units\)/).waitFor();
  await setAnother(page, "event.data.units = 5");
  await strip(page).getByRole("alert").getByText(/cannot change them \(units\)/).waitFor();
  await setAnother(page, "state.units = 5", "The event's stream: its payloads, merged");
  await strip(page).getByRole("alert").getByText(/cannot change them \(units\)/).waitFor();

  // It is the event that is named, not one that a sign of life was given at before it.
  await setAnother(page, "(() => { while (event.position === 487) {} })()", "Nothing: the event alone");
  await strip(page).getByRole("button", { name: "Go to #487", exact: true }).click();
  await cursorAt(page, 487);
});

test("the payloads of a stream are merged as the page shows them, and events that are not JSON are looked at alone", async (t) => {
  const { page } = await openPage(t);
  const event = { specversion: "1.0", source: "/shop", type: "Noted", subject: "a-1" };
  const events = [
    { ...event, id: "1", data: { note: { by: "Ana" } } },
    { ...event, id: "2", data_base64: "AAECAw==", datacontenttype: "application/octet-stream", type: "Drawn" },
    { ...event, id: "3", data: { note: { text: "late" } } },
  ];
  await importFile(page, await fileOf(t, "notes.json", JSON.stringify(events)), { button: "Import 3 events" });
  await setBreakpoint(page, "state.note.by === 'Ana' && state.note.text === 'late'", "The event's stream: its payloads, merged");
  // The last event is under the cursor.
  await isSaid(page, "hit 1 of 1");
  await setAnother(page, "event.eventType === 'Drawn' && !event.isJson && event.data === undefined", "Nothing: the event alone");
  await isSaid(page, "1 hit");
});

test("all writes of a field are a filter of the log", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  const events = await eventCount(page);
  await goTo(page, 490);
  await page.getByRole("tab", { name: "Blame" }).click();
  await page.getByRole("combobox", { name: "State of" }).selectOption({ label: "warehouse-board" });
  await page.getByLabel("Filter paths").fill("rope");
  await page.getByRole("button", { name: "reserved", exact: true }).click();
  await page.getByText(/That is all: \d+ writes/).waitFor();
  const writes = await page.getByRole("table", { name: /Every event that wrote/ }).getByRole("row").count() - 1;
  await page.getByRole("button", { name: "Only these in the log" }).click();
  await countIs(page, writes);
  await page.getByRole("button", { name: "← All fields" }).click();
  await countIs(page, events);
});
