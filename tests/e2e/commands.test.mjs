// Commands through their forms: accepted, refused by the domain, refused by the form, and two tabs on one stream.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage, realData } from "./harness.mjs";
import { currentRowSays, cursorAt, importReceipt, loadSample } from "./steps.mjs";

const showCommands = (page) => page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Commands" }).click();
const outcome = (page) => page.getByRole("region", { name: "Outcome" });
const seen = (page, text) => page.getByRole("status").getByText(text).waitFor();

/** Fills in an order that can be placed, for a stream that is not there. */
async function newOrder(page, id) {
  await page.getByRole("radio", { name: "Place order" }).click();
  await page.getByRole("combobox", { name: "Stream" }).fill(id);
  await page.getByRole("textbox", { name: "Customer" }).fill("cus_0001");
  await page.getByLabel("Units of line 1").fill("2");
}

test("an order is placed, packed once, and found in the log", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  await showCommands(page);
  await newOrder(page, "e2e1");
  await seen(page, "order-e2e1 is new: no events yet");
  await page.getByRole("button", { name: "Place order" }).click();
  await outcome(page).getByText("Accepted: 1 event appended").waitFor();
  await seen(page, "order-e2e1 is at version 1");
  assert.equal(await page.getByRole("textbox", { name: "Customer" }).inputValue(), "", "the form is ready for another");

  await page.getByRole("radio", { name: "Pack order" }).click();
  await page.getByRole("button", { name: "Pack order" }).click();
  await seen(page, "order-e2e1 is at version 2");
  await outcome(page).getByText("Accepted: 1 event appended").waitFor();
  await page.getByLabel("Parcels").fill("7");
  await page.getByRole("button", { name: "Pack order" }).click();
  await outcome(page).getByText("Rejected: the order is packed already").waitFor();
  assert.equal(await page.getByLabel("Parcels").inputValue(), "7", "what was typed is kept");

  const issued = page.getByRole("complementary", { name: "Issued in this tab" }).getByRole("listitem");
  assert.deepEqual(await issued.locator(".lf-badge").allInnerTexts(), ["Rejected", "Accepted", "Accepted"]);
  await issued.getByRole("button", { name: "#6,401 OrderPlaced" }).click();
  await cursorAt(page, 6401);
  await currentRowSays(page, "OrderPlaced");
});

test("what cannot be a command is told at its field, lines included", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  await showCommands(page);
  await page.getByRole("button", { name: "Place order" }).click();
  await page.getByText("Choose a stream, or type the id of a new one.").waitFor();
  await page.getByRole("button", { name: "New id" }).click();
  await page.getByRole("button", { name: "Add line" }).click();
  await page.getByLabel("Units of line 2").fill("0");
  await page.getByLabel("Unit price of line 1").fill("cheap");
  await page.getByRole("button", { name: "Place order" }).click();
  await page.getByText("Nothing is typed here yet.").waitFor();
  await page.getByText("At least 1.").waitFor();
  await page.getByText("A whole number from 0 to 10,000,000 goes here.").waitFor();
  const customer = page.getByRole("textbox", { name: "Customer" });
  assert.equal(await customer.getAttribute("aria-invalid"), "true");
  await page.waitForFunction(() => document.activeElement.getAttribute("aria-invalid") === "true");

  await customer.fill("cus_0001");
  await page.getByLabel("Unit price of line 1").fill("100");
  await page.getByRole("button", { name: "Remove line 2" }).click();
  await page.getByRole("button", { name: "Place order" }).click();
  await outcome(page).getByText("Accepted: 1 event appended").waitFor();
});

test("a stream is found by a part of its name, with the keyboard alone", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  await showCommands(page);
  await page.getByRole("radio", { name: "Order" }).first().focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  // The focus goes along in the next frame, not after that of the field.
  await page.getByRole("radio", { name: "Inventory", exact: true }).and(page.locator(":focus")).waitFor();
  await page.getByRole("combobox", { name: "Stream" }).focus();
  await page.keyboard.type("ROPE");
  await page.getByRole("option", { name: /inventory-ROPE-30/ }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await seen(page, /inventory-ROPE-30 is at version \d+/);
  assert.equal(await page.getByLabel("Product").inputValue(), "SKU-ROPE-30", "the product is that of the stream");
  await page.getByLabel("Purchase order").focus();
  await page.keyboard.type("PO-1");
  await page.keyboard.press("Enter");
  await outcome(page).getByText("Accepted: 1 event appended").waitFor();
});

test("a command that was decided on an older version is a conflict, and is retried on the newer one", async (t) => {
  const { page, newTab } = await openPage(t);
  await loadSample(page);
  await showCommands(page);
  await newOrder(page, "e2e2");
  await page.getByRole("button", { name: "Place order" }).click();
  await outcome(page).getByText("Accepted").waitFor();

  const other = await newTab("/?store=order-fulfilment&page=commands");
  await other.getByRole("combobox", { name: "Stream" }).fill("e2e2");
  await seen(other, "order-e2e2 is at version 1");
  await other.getByRole("radio", { name: "Cancel order" }).click();
  await other.getByRole("combobox", { name: "Reason" }).fill("wrong size");

  await page.getByRole("radio", { name: "Pack order" }).click();
  await page.getByRole("button", { name: "Pack order" }).click();
  await outcome(page).getByText("order-e2e2 is at version 2 now").waitFor();

  await other.getByRole("button", { name: "Cancel order" }).click();
  await outcome(other).getByText("Version conflict: the stream is at version 2, you decided at 1").waitFor();
  assert.equal(await other.getByRole("combobox", { name: "Reason" }).inputValue(), "wrong size", "what was typed is kept");
  await other.getByRole("button", { name: "Load again and retry" }).click();
  await outcome(other).getByText("Rejected: the order is packed already").waitFor();
  await seen(other, "order-e2e2 is at version 2");
});

test("a store of other events has no deciders, and says so", async (t) => {
  const path = realData(t, "process-logs/receipt.csv.gz");
  if (!path) return;
  const { page } = await openPage(t);
  await importReceipt(page, path);
  await showCommands(page);
  await page.getByRole("heading", { name: "No deciders for this store" }).waitFor();
  await page.getByRole("button", { name: "Load sample" }).click();
  await page.getByRole("heading", { name: "Commands" }).waitFor();
  await page.getByRole("button", { name: "Place order" }).waitFor();
});
