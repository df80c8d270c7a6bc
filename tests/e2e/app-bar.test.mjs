// The bar at the top and what it opens: pages, stores, storage, palette, theme.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage } from "./harness.mjs";
import { cursorAt, eventCount, flipPayloads, loadSample } from "./steps.mjs";

async function openSample(t, options) {
  const opened = await openPage(t, options);
  await loadSample(opened.page);
  return opened;
}

const views = (page) => page.getByRole("navigation", { name: "Views" });

async function openStorage(page) {
  await page.getByRole("button", { name: /^Store:/ }).click();
  await page.getByRole("menuitem", { name: /^Storage/ }).click();
  return page.getByRole("dialog", { name: /^Storage of/ });
}

async function runFromPalette(page, query) {
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog", { name: "Command palette" });
  await palette.getByRole("combobox", { name: "Search or run" }).fill(query);
  return palette;
}

test("pages are links that keep the moment, and the address brings one back", async (t) => {
  const { page, url } = await openSample(t);
  await page.goto(`${url}/?store=order-fulfilment&at=490`);
  await cursorAt(page, 490);
  const link = views(page).getByRole("link", { name: "Projections" });
  assert.match(await link.getAttribute("href"), /page=projections.*at=490/);
  await link.click();
  assert.equal(await link.getAttribute("aria-current"), "page");
  await page.waitForFunction(() => location.search.includes("page=projections"));
  await page.reload();
  await cursorAt(page, 490);
  assert.equal(await link.getAttribute("aria-current"), "page");
  await views(page).getByRole("link", { name: "Debugger" }).click();
  await page.getByRole("grid", { name: "Events" }).waitFor();
});

test("the palette runs commands, goes to positions, and shows a type or stream alone", async (t) => {
  const { page } = await openSample(t);
  let palette = await runFromPalette(page, "#490");
  assert.match(await palette.getByRole("option").first().innerText(), /StockReleased in inventory-ROPE-30/);
  await page.keyboard.press("Enter");
  await cursorAt(page, 490);

  palette = await runFromPalette(page, "go live");
  await page.keyboard.press("Enter");
  await cursorAt(page, await eventCount(page));

  palette = await runFromPalette(page, "rope");
  await palette.getByRole("option", { name: /inventory-ROPE-30/ }).click();
  await page.getByRole("button", { name: "Remove filter: only inventory-ROPE-30" }).waitFor();

  palette = await runFromPalette(page, "nothing is called this");
  await palette.getByText(/Nothing of this name/).waitFor();
  await page.keyboard.press("Escape");
  await palette.waitFor({ state: "detached" });
});

test("arrows choose in the palette, and the focus goes back where it was", async (t) => {
  const { page } = await openSample(t);
  const opener = page.getByRole("button", { name: /^Command palette/ });
  await opener.click();
  const palette = page.getByRole("dialog", { name: "Command palette" });
  const selected = () => palette.getByRole("option", { selected: true });
  const first = await selected().innerText();
  await page.keyboard.press("ArrowDown");
  assert.notEqual(await selected().innerText(), first);
  await page.keyboard.press("ArrowUp");
  assert.equal(await selected().innerText(), first);
  await page.keyboard.press("Escape");
  const handle = await opener.elementHandle();
  await page.waitForFunction((button) => button === document.activeElement, handle);
});

test("the storage panel has figures, and verifies every byte", async (t) => {
  const { page } = await openSample(t);
  const panel = await openStorage(page);
  await panel.getByText("Persistence").waitFor();
  const events = await eventCount(page);
  assert.equal(await panel.locator("dt:has-text('Events') + dd").first().innerText(), events.toLocaleString("en-US"));
  assert.match(await panel.locator("dt:has-text('Log as stored') + dd").innerText(), /^[\d.]+ [kM]B$/);
  await panel.getByRole("button", { name: "Verify" }).click();
  await panel.getByText(new RegExp(`Sound: ${events.toLocaleString("en-US")} events`)).waitFor();
});

test("a verification that is cancelled says what it has found", async (t) => {
  const { page } = await openSample(t);
  assert.ok((await flipPayloads(page)) > 1, "there are sealed payloads");
  const panel = await openStorage(page);
  // It is over before a person finds the button: that is pressed as soon as there is progress.
  await page.evaluate(() => {
    const cancel = () => {
      const progress = document.querySelector("[role=progressbar][aria-label=Verifying]");
      if (Number(progress?.getAttribute("aria-valuenow")) > 0) {
        [...document.querySelectorAll(".lf-storage__verify button")].find((button) => button.innerText.includes("Cancel")).click();
      }
    };
    new MutationObserver(cancel).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
  await panel.getByRole("button", { name: "Verify" }).click();
  await panel.getByText(/^Cancelled after [\d,]+ events\.$/).waitFor();
  await panel.getByRole("alert").filter({ hasText: /problems? found/ }).waitFor();
});

test("a label is shown in place of the name, in every tab, and can be undone", async (t) => {
  const { page, newTab } = await openSample(t);
  const panel = await openStorage(page);
  await panel.getByLabel("Label", { exact: true }).fill("Warehouse, spring");
  await panel.getByRole("button", { name: "Save label" }).click();
  await panel.getByRole("button", { name: "Close", exact: true }).first().click();
  await page.getByRole("button", { name: /^Store: Warehouse, spring/ }).waitFor();
  // A note stays while somebody is at it: the other tab may take its time.
  await page.getByRole("button", { name: "Undo" }).focus();
  const other = await newTab();
  await other.getByRole("button", { name: /^Store: Warehouse, spring/ }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: /^Store: order-fulfilment/ }).waitFor();
  await other.getByRole("button", { name: /^Store: order-fulfilment/ }).waitFor();
});

test("a store is deleted only after it was confirmed", async (t) => {
  const { page } = await openSample(t);
  const panel = await openStorage(page);
  await panel.getByRole("button", { name: "Delete store…" }).click();
  const question = page.getByRole("dialog", { name: "Delete order-fulfilment?" });
  await question.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("grid", { name: "Events" }).waitFor();
  await (await openStorage(page)).getByRole("button", { name: "Delete store…" }).click();
  await question.getByRole("button", { name: "Delete store" }).click();
  await page.getByRole("heading", { name: "Load some events to begin" }).waitFor();
});

test("of two stores that are chosen in a hurry the second is open in the end", async (t) => {
  const { page } = await openSample(t);
  const switcher = page.getByRole("button", { name: /^Store: / });
  for (const name of ["one", "two"]) {
    await switcher.click();
    await page.getByRole("menuitem", { name: "New store…" }).click();
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByRole("button", { name: "Make store" }).click();
    await page.getByRole("button", { name: new RegExp(`^Store: ${name}`) }).waitFor();
  }
  await switcher.click();
  await page.getByRole("menuitemradio", { name: /^one/ }).waitFor();
  // The menu closes with the first choice: both are made before the page is drawn again, while the open store is being closed.
  // The first is empty and opens faster than the second.
  await page.evaluate(() => {
    const items = [...document.querySelectorAll("[role=menuitemradio]")];
    for (const name of ["one", "order-fulfilment"]) items.find((item) => item.innerText.startsWith(name)).click();
  });
  await page.getByRole("grid", { name: "Events" }).waitFor();
  await page.waitForFunction(() => location.search.includes("store=order-fulfilment"));
  await page.getByRole("button", { name: /^Store: order-fulfilment/ }).waitFor();
});

test("on a narrow page export and help are in the menu of stores, and every page has its tab", async (t) => {
  const { page } = await openSample(t, { viewport: { width: 390, height: 844 } });
  const bar = await views(page).boundingBox();
  const last = await views(page).getByRole("link").last().boundingBox();
  assert.ok(last.x + last.width <= bar.x + bar.width + 1, "the last tab is not cut");
  const switcher = page.getByRole("button", { name: /^Store:/ });
  for (const [item, dialog] of [["Export…", /^Export/], ["Help", "Keyboard"]]) {
    await switcher.click();
    await page.getByRole("menuitem", { name: item }).click();
    await page.getByRole("dialog", { name: dialog }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  }
  await page.setViewportSize({ width: 1200, height: 844 });
  await switcher.click();
  await page.getByRole("menuitem", { name: /^Storage/ }).waitFor();
  assert.equal(await page.getByRole("menuitem", { name: "Help" }).count(), 0);
});
