// The rail of filters: types, categories, streams and tags, on the sample, on a real log and on very many streams.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage, realData } from "./harness.mjs";
import { countIs, eventCount, fileOf, importFile, loadSample } from "./steps.mjs";

async function openSample(t, options) {
  const opened = await openPage(t, options);
  await loadSample(opened.page);
  return { ...opened, events: await eventCount(opened.page) };
}

const rail = (page) => page.getByRole("complementary", { name: "Filters" });
const facet = (page, name) => rail(page).getByRole("listitem").filter({ has: page.getByText(name, { exact: true }) });
const countOf = async (page, name) => Number((await facet(page, name).locator(".lf-facet__count").textContent()).replaceAll(",", ""));

test("a type is shown alone with as many rows as its count, and what was cleared can be brought back", async (t) => {
  const { page, events } = await openSample(t);
  const placed = await countOf(page, "OrderPlaced");
  await facet(page, "OrderPlaced").hover();
  await page.getByRole("button", { name: "Show only OrderPlaced" }).click();
  await countIs(page, placed);
  await page.getByText(`${placed.toLocaleString("en")} of ${events.toLocaleString("en")}`).waitFor();
  await page.getByRole("button", { name: "Hide OrderPacked" }).click({ force: true });
  await rail(page).getByText("1 shown only, 1 hidden").waitFor();
  const chips = page.getByRole("list", { name: "Filters" });
  assert.deepEqual((await chips.getByRole("listitem").allInnerTexts()).map((text) => text.trim()), ["Hide: OrderPacked", "Only: OrderPlaced"]);

  await rail(page).getByRole("button", { name: "Clear filters" }).click();
  await countIs(page, events);
  await page.getByRole("button", { name: "Undo" }).click();
  await countIs(page, placed);
  await page.getByRole("button", { name: "Remove filter: only OrderPlaced" }).click();
  await countIs(page, events - (await countOf(page, "OrderPacked")));
});

test("a category opens, its streams are shown alone, hidden and found by name", async (t) => {
  const { page } = await openSample(t);
  const orders = await countOf(page, "order");
  await page.getByRole("button", { name: "Streams of order" }).click();
  const streams = rail(page).getByRole("list", { name: "Categories and streams" });
  const first = await streams.locator(".lf-facet__row--child .lf-facet__name").first().innerText();
  assert.match(first, /^order-/);
  const own = await countOf(page, first);
  await page.getByRole("button", { name: `Show only ${first}` }).click({ force: true });
  await countIs(page, own);
  await page.getByRole("button", { name: "Streams of order" }).click();
  assert.equal(await facet(page, first).count(), 1, "what the filter names stays listed");
  await page.getByRole("button", { name: `Show only ${first}` }).click({ force: true });
  await page.getByRole("button", { name: "Show only order", exact: true }).click({ force: true });
  await page.getByRole("button", { name: `Show only ${first}` }).waitFor({ state: "detached" });
  await countIs(page, orders);

  await page.getByLabel("Filter types, streams and tags").fill("ROPE-30");
  await page.getByRole("button", { name: "Hide inventory-ROPE-30" }).waitFor();
  assert.equal(await page.getByRole("button", { name: /^Show only Order/ }).count(), 0, "types are searched too");
  await page.waitForFunction(() => /category=order/.test(location.search));
});

test("a tag is shown alone and hidden, and the address keeps it", async (t) => {
  const { page, events } = await openSample(t);
  const tagged = await countOf(page, "b2b");
  assert.ok(tagged > 0 && tagged < events);
  await page.getByRole("button", { name: "Show only b2b" }).click({ force: true });
  await countIs(page, tagged);
  await page.getByRole("button", { name: "Hide b2b", exact: true }).click({ force: true });
  await countIs(page, events - tagged);
  await page.waitForFunction(() => location.search.includes("hide-tag=b2b"));
  await page.reload();
  await page.getByRole("grid", { name: "Events" }).waitFor();
  await countIs(page, events - tagged);
  assert.equal(await page.getByRole("button", { name: "Hide b2b", exact: true }).getAttribute("aria-pressed"), "true");
});

test("the rail stands still wherever it was scrolled to", async (t) => {
  const { page } = await openSample(t);
  await page.getByRole("button", { name: "Show only OrderPlaced" }).click({ force: true });
  await rail(page).getByRole("button", { name: "Clear filters" }).waitFor();
  const moved = await page.locator(".lf-rail__body").evaluate(async (body) => {
    const frames = async (count) => {
      for (let i = 0; i < count; i++) await new Promise((done) => requestAnimationFrame(done));
    };
    const moved = [];
    const end = body.scrollHeight - body.clientHeight;
    for (let to = 10; to < end; to += 25) {
      body.scrollTo(0, to);
      for (let i = 0; i < 6; i++) {
        await frames(1);
        if (Math.abs(body.scrollTop - to) > 1) moved.push(`${to} to ${body.scrollTop}`);
      }
    }
    return { moved, end };
  });
  assert.ok(moved.end > 100, "there is something to scroll");
  assert.deepEqual(moved.moved, []);
});

test("the keyboard alone filters", async (t) => {
  const { page, events } = await openSample(t);
  await page.getByLabel("Filter types, streams and tags").focus();
  for (const name of ["Event types", "Show only"]) {
    await page.keyboard.press("Tab");
    const label = await page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.innerText);
    assert.match(label, new RegExp(name));
  }
  await page.keyboard.press("ArrowDown");
  const label = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  await page.keyboard.press("Enter");
  await countIs(page, await countOf(page, label.replace("Show only ", "")));
  await page.keyboard.press("Enter");
  await countIs(page, events);
  await page.getByRole("button", { name: /^Event types/ }).focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.getByRole("button", { name: /^Event types/ }).getAttribute("aria-expanded"), "false");
  assert.equal(await rail(page).getByRole("list", { name: "Event types" }).count(), 0);
});

test("nothing passes: the log says so and offers the next step", async (t) => {
  const { page, events } = await openSample(t);
  await page.getByRole("button", { name: "Show only OrderPlaced" }).click({ force: true });
  await page.getByRole("button", { name: "Show only payment", exact: true }).click({ force: true });
  const grid = page.getByRole("grid", { name: "Events" });
  await grid.getByText("No event passes the filter.").waitFor();
  await grid.getByRole("button", { name: "Clear filters" }).click();
  await countIs(page, events);
});

test("a real log: its types, its cases, one of them alone", async (t) => {
  const path = realData(t, "process-logs/receipt.csv.gz");
  if (!path) return;
  const { page } = await openPage(t);
  await importFile(page, path, { category: "receipt", button: "Import 8,577 events" });
  const types = rail(page).getByRole("list", { name: "Event types" });
  const counts = await types.locator(".lf-facet__count").allInnerTexts();
  assert.ok(counts.length > 10);
  await page.getByRole("button", { name: "Streams of receipt" }).click();
  const items = rail(page).getByRole("list", { name: "Categories and streams" }).getByRole("listitem");
  await items.nth(2).waitFor();
  assert.equal(await items.nth(1).getAttribute("aria-setsize"), "1435", "1,434 streams and their category");
  assert.ok((await items.count()) < 80, "only rows in view exist");
  await page.getByLabel("Filter types, streams and tags").fill("10011");
  const found = rail(page).getByRole("button", { name: /^Show only receipt-.*10011/ }).first();
  await found.waitFor();
  const name = (await found.getAttribute("aria-label")).replace("Show only ", "");
  const own = await countOf(page, name);
  await found.click({ force: true });
  await countIs(page, own);
});

test("twenty thousand streams are listed, scrolled through and searched", async (t) => {
  const lines = ["order_ref,event_name,occurred_at"];
  for (let number = 0; number < 20_000; number++) lines.push(`n${number},Placed,2026-01-01T00:00:${String(number % 60).padStart(2, "0")}Z`);
  const { page } = await openPage(t);
  await importFile(page, await fileOf(t, "many.csv", lines.join("\n")), { category: "many", button: "Import 20,000 events" });
  await page.getByRole("button", { name: "Streams of many" }).click();
  const items = rail(page).getByRole("list", { name: "Categories and streams" }).getByRole("listitem");
  await page.waitForFunction(() => document.querySelector(".lf-facet__item[aria-setsize='20001']"));
  await page.locator(".lf-rail__body").evaluate((body) => body.scrollTo(0, body.scrollHeight));
  await rail(page).locator("[aria-posinset='20001']").waitFor();
  assert.ok((await items.count()) < 80, "only rows in view exist");
  await page.getByLabel("Filter types, streams and tags").fill("many-n19999");
  await page.getByRole("button", { name: "Show only many-n19999" }).click({ force: true });
  await countIs(page, 1);
});

test("a narrow page filters by touch", async (t) => {
  const { page } = await openSample(t, { viewport: { width: 390, height: 844 }, hasTouch: true });
  await page.getByRole("radio", { name: "Filters" }).tap();
  const placed = await countOf(page, "OrderPlaced");
  const button = page.getByRole("button", { name: "Show only OrderPlaced" });
  const box = await button.boundingBox();
  assert.ok(box.height >= 36 && box.width >= 36, "large enough for a finger");
  await button.tap();
  await page.getByRole("radio", { name: "Filters · 1" }).waitFor();
  await page.getByRole("radio", { name: "Log" }).tap();
  await countIs(page, placed);
});
