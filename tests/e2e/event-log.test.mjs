// The event log: search, columns, what belongs together, following, and what happens when a payload cannot be read.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";

import { openPage, realData } from "./harness.mjs";
import { countIs, currentRow, cursor, cursorAt, eventCount, fileOf, flipPayloads, goTo, importFile, loadSample, rowCount, rowsDrawn, rowsStand } from "./steps.mjs";

async function openSample(t, options) {
  const opened = await openPage(t, options);
  await loadSample(opened.page);
  return { ...opened, events: await eventCount(opened.page) };
}

const field = (page) => page.getByLabel("Find in events");
const grid = (page) => page.getByRole("grid", { name: "Events" });
const found = (page) => page.locator("#find-n");

/** Searches, and gives how many matches there are in the end. */
async function search(page, text) {
  await field(page).fill(text);
  await page.waitForFunction(() => {
    const count = document.querySelector("#find-n");
    return count && count.innerText !== "…" && document.querySelector(".lf-log__scan").hidden;
  });
  const shown = await found(page).innerText();
  return shown === "No match" ? 0 : Number(shown.split("/")[1].replaceAll(",", ""));
}

test("a search counts and marks its matches, and goes from one to the next and round", async (t) => {
  const { page } = await openSample(t);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("/");
  await page.waitForFunction(() => document.activeElement.id === "log-search");
  const matches = await search(page, "rope-30");
  assert.ok(matches > 1);
  await goTo(page, 1);
  await field(page).press("Enter");
  await found(page).getByText(`1 / ${matches.toLocaleString("en")}`).waitFor();
  await currentRow(page).locator("mark").first().waitFor();
  const marks = await currentRow(page).locator("mark").allInnerTexts();
  assert.ok(marks.length > 0 && marks.every((mark) => mark.toLowerCase() === "rope-30" || mark === "in payload"), marks.join());
  const first = await cursor(page);
  await page.getByRole("button", { name: "Next match" }).click();
  await found(page).getByText(`2 / ${matches.toLocaleString("en")}`).waitFor();
  const second = await cursor(page);
  assert.ok(second > first);
  await field(page).press("Shift+Enter");
  await cursorAt(page, first);
  await page.getByRole("button", { name: "Previous match" }).click();
  await found(page).getByText(`${matches.toLocaleString("en")} / ${matches.toLocaleString("en")}`).waitFor();
  await field(page).press("Enter");
  await cursorAt(page, first);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("]");
  await cursorAt(page, second);
  await page.keyboard.press("[");
  await cursorAt(page, first);
  assert.ok((await page.locator(".lf-log__map > .is-hit").count()) > 0, "the map shows where matches are");
});

test("the matches alone are shown, within the filter, and the address keeps the search", async (t) => {
  const { page, events } = await openSample(t);
  const matches = await search(page, "ROPE-30");
  await page.getByRole("button", { name: "Show only matches" }).click();
  await countIs(page, matches);
  await page.getByRole("button", { name: "Show only StockReleased" }).click({ force: true });
  await page.waitForFunction((matches) => Number(document.querySelector("[role=grid]").getAttribute("aria-rowcount")) <= matches, matches);
  const released = await rowCount(page);
  assert.ok(released > 0 && released < matches);
  await found(page).getByText(`/ ${released}`).waitFor();
  await page.waitForFunction(() => ["q=ROPE-30", "matches=only", "StockReleased"].every((part) => location.search.includes(part)));
  await page.reload();
  await grid(page).waitFor();
  await countIs(page, released);
  assert.equal(await field(page).inputValue(), "ROPE-30");

  await search(page, "no such text anywhere");
  await grid(page).getByText("No event that passes the filter has “no such text anywhere”.").waitFor();
  await grid(page).getByRole("button", { name: "Clear filters" }).click();
  await countIs(page, events);
  await field(page).press("Escape");
  assert.equal(await field(page).inputValue(), "");
});

test("escapes, tags and metadata are searched, and a row says where its match is", async (t) => {
  const lines = [
    { stream: "note-1", type: "Written", time: "2026-01-01T00:00:00Z", data: { a: 1, b: 2, c: 3, d: 4, e: 5, deep: { text: "caf\u00e9" } } },
    { stream: "note-2", type: "Written", time: "2026-01-01T00:00:01Z", data: { a: 1 }, tags: ["colour:blue"] },
    { stream: "note-3", type: "Written", time: "2026-01-01T00:00:02Z", data: { a: 1 }, metadata: { correlationId: "trip-9" } },
  ];
  const text = lines.map((line) => JSON.stringify(line).replaceAll("é", "\\u00e9")).join("\n");
  const { page } = await openPage(t);
  await importFile(page, await fileOf(t, "notes.ndjson", text), { button: "Import 3 events" });
  const row = (number) => page.locator(".lf-log__row").nth(number);
  for (const [text, number, place] of [["CAFÉ", 0, "in payload"], ["Blue", 1, "in tags"], ["trip-9", 2, "in metadata"]]) {
    assert.equal(await search(page, text), 1, text);
    await row(number).getByText(place).waitFor();
    await page.waitForFunction(() => document.querySelectorAll(".lf-log__note").length === 1);
  }
});

test("a search in a real log finds what is there, can be cancelled and goes on", async (t) => {
  const path = realData(t, "process-logs/receipt.csv.gz");
  if (!path) return;
  const lines = gunzipSync(await readFile(path)).toString("utf8").split("\n").slice(1);
  const { page, context } = await openPage(t);
  await importFile(page, path, { category: "receipt", button: "Import 8,577 events" });
  const wanted = lines.filter((line) => line.includes("Resource10")).length;
  assert.equal(await search(page, "resource10"), wanted);
  assert.equal(await search(page, "T02 check"), lines.filter((line) => line.includes("T02 Check")).length);

  // A slow machine shows the search at work, and whoever waits for that presses at once: by way of this test it would be over.
  const devtools = await context.newCDPSession(page);
  await field(page).fill("");
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: 60 });
  await page.evaluate(() => {
    const press = () => {
      const cancel = [...document.querySelectorAll("button")].find((button) => button.textContent === "Cancel search");
      if (!cancel || !document.querySelector("[role=progressbar][aria-label=Search]")) return;
      observer.disconnect();
      cancel.click();
    };
    const observer = new MutationObserver(press);
    observer.observe(document, { childList: true, subtree: true, attributes: true });
  });
  await field(page).fill("resource10");
  await page.getByText(/Search stopped: [\d,]+ of 8,577 events \(\d+ %\)/).waitFor();
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: 1 });
  await page.getByRole("button", { name: "Go on" }).click();
  await found(page).getByText(`/ ${wanted.toLocaleString("en")}`).waitFor();
});

test("a search goes on into what another tab writes", async (t) => {
  const { page, newTab } = await openSample(t);
  const before = await search(page, "order");
  const other = await newTab("/?store=order-fulfilment");
  await other.getByRole("button", { name: /^Store: order-fulfilment/ }).click();
  await other.getByRole("menuitem", { name: /Run simulator/ }).click();
  await page.waitForFunction((before) => Number(document.querySelector("#find-n").innerText.split("/")[1].replaceAll(",", "")) > before, before);
});

test("columns are chosen, sized by keyboard and pointer, and kept", async (t) => {
  const { page } = await openSample(t, { viewport: { width: 1440, height: 900 } });
  const titles = async () => (await grid(page).getByRole("columnheader").allInnerTexts()).map((title) => title.trim());
  assert.deepEqual(await titles(), ["#", "Time", "Stream @ version", "Type", "Summary"]);
  await page.getByRole("button", { name: "Columns" }).click();
  const menu = page.getByRole("menu", { name: "Columns" });
  await menu.getByRole("menuitemcheckbox", { name: "Correlation id" }).click();
  await menu.getByRole("menuitemcheckbox", { name: "Time", exact: true }).click();
  await menu.getByRole("menuitemcheckbox", { name: "Size" }).click();
  await page.keyboard.press("Escape");
  assert.deepEqual(await titles(), ["#", "Stream @ version", "Type", "Size", "Correlation", "Summary"]);
  assert.equal(await grid(page).getAttribute("aria-colcount"), "6");
  const cells = currentRow(page).getByRole("gridcell");
  assert.deepEqual(await cells.evaluateAll((cells) => cells.map((cell) => cell.getAttribute("aria-colindex"))), ["1", "2", "3", "4", "5", "6"]);
  await cells.nth(3).filter({ hasText: /^\d+ B$/ }).waitFor();
  await cells.nth(4).filter({ hasText: /-/ }).waitFor();

  const grip = page.getByRole("separator", { name: "Width of column Type" });
  const at = await cursor(page);
  await grip.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  assert.equal(await grip.getAttribute("aria-valuenow"), String(165 + 8 + 32));
  assert.equal(await cursor(page), at, "the keys of the grip do not move the playhead");
  const box = await grip.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 - 50, box.y + box.height / 2, { steps: 4 });
  await page.mouse.up();
  assert.equal(await grip.getAttribute("aria-valuenow"), String(165 + 8 + 32 - 50));

  await page.reload();
  await grid(page).waitFor();
  assert.deepEqual(await titles(), ["#", "Stream @ version", "Type", "Size", "Correlation", "Summary"]);
  assert.equal(await grip.getAttribute("aria-valuenow"), "155");
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("menuitem", { name: "Usual columns and widths" }).click();
  assert.deepEqual(await titles(), ["#", "Time", "Stream @ version", "Type", "Summary"]);
});

test("what belongs to the current event is marked: its cause, its effects, its correlation", async (t) => {
  const { page } = await openSample(t);
  await goTo(page, 490);
  const cell = (position) => page.locator(".lf-log__pos").filter({ hasText: new RegExp(`${position}$`) });
  await cell(485).filter({ hasText: /same correlation|cause/ }).waitFor();
  await page.locator('.lf-log__corr--node[title^="same correlation: order-"]').first().waitFor({ state: "attached" });
  const cause = page.locator(".lf-log__corr--cause").first();
  await page.getByLabel("Go to position").fill("485");
  await page.getByLabel("Go to position").press("Enter");
  await cursorAt(page, 485);
  await cause.waitFor({ state: "attached" });
  assert.equal(await cause.getAttribute("title"), "cause of the current event");
});

test("who scrolls away from the live end is left alone, and told of what is new", async (t) => {
  const { page, newTab } = await openSample(t);
  const body = page.locator(".lf-log__body");
  const box = await body.boundingBox();
  await page.mouse.move(box.x + 100, box.y + 100);
  await page.mouse.wheel(0, -2_000);
  await page.waitForFunction(() => !document.querySelector("[role=switch]").checked);
  // The wheel is heard before the browser has scrolled.
  const last = await eventCount(page);
  await page.waitForFunction((last) => !document.querySelector(`.lf-log__row[data-row="${last - 1}"]`), last);
  await rowsStand(page);
  const rows = await rowsDrawn(page);
  const other = await newTab("/?store=order-fulfilment");
  await other.getByRole("button", { name: /^Store: order-fulfilment/ }).click();
  await other.getByRole("menuitem", { name: /Run simulator/ }).click();
  const news = page.getByRole("button", { name: /^\d+ new$/ });
  await news.waitFor();
  assert.deepEqual(await rowsDrawn(page), rows, "the log stays where it was");
  await news.click();
  await page.waitForFunction(() => document.querySelector("[aria-current=true]"));
  assert.ok(await page.getByRole("switch", { name: "Follow" }).isChecked());
  await news.waitFor({ state: "detached" });
  await other.getByRole("button", { name: "Stop simulator" }).click();
});

/** Waits until frames have been shown for some time: what comes by itself has come. */
const rests = (page) => page.evaluate(() => new Promise((done) => setTimeout(() => requestAnimationFrame(done), 400)));

const lastRowInView = () => {
  const [body, rows] = [document.querySelector(".lf-log__body").getBoundingClientRect(), [...document.querySelectorAll(".lf-log__row")]];
  const last = Number(document.querySelector("[role=grid]").ariaRowCount) - 2;
  const row = rows.find((row) => Number(row.dataset.row) === last)?.getBoundingClientRect();
  return row && row.top >= body.top - 1 && row.bottom <= body.bottom + 1;
};

test("a filter that makes the log short leaves it at its end", async (t) => {
  const { page, events } = await openSample(t);
  await page.waitForFunction(lastRowInView);
  const type = page.getByRole("listitem").filter({ has: page.getByText("OrderPlaced", { exact: true }) });
  await type.hover();
  await page.getByRole("button", { name: "Show only OrderPlaced" }).click();
  await page.getByText(new RegExp(`^[\\d,]+ of ${events.toLocaleString("en")}$`)).waitFor();
  await rests(page);
  assert.ok((await rowCount(page)) > 100, "more rows than are in view");
  await page.waitForFunction(lastRowInView);
});

test("up and down go to the next row that is shown where the filter hides the event of the cursor", async (t) => {
  const { page } = await openSample(t);
  await page.getByRole("button", { name: "Hide StockReleased" }).click({ force: true });
  await page.getByRole("button", { name: "Remove filter: hide StockReleased" }).waitFor();
  // With no current row, what Tab comes to is what holds the rows.
  for (const [key, position, from] of [["ArrowUp", 489, ".lf-log__body"], ["ArrowDown", 491, ".lf-log__row"]]) {
    await goTo(page, 490);
    await page.locator(from).first().focus();
    await page.keyboard.press(key);
    await page.waitForFunction(() => document.querySelector("#playhead").ariaValueNow !== "490");
    assert.equal(await cursor(page), position, key);
    // The focus goes along some frames later.
    await page.locator("[role=row][aria-current=true]:focus").waitFor();
  }
});

test("a row that was clicked may be scrolled out of view, and the arrow keys still work", async (t) => {
  const { page } = await openSample(t);
  await goTo(page, 490);
  await page.getByRole("switch", { name: "Follow" }).uncheck();
  await currentRow(page).click();
  const box = await page.locator(".lf-log__body").boundingBox();
  await page.mouse.move(box.x + 100, box.y + 100);
  // To the top, where fewer rows are drawn: the element of the row may be taken away.
  for (let turn = 0; turn < 40; turn += 1) await page.mouse.wheel(0, -400);
  await page.locator(".lf-log__row[data-row='0']").waitFor();
  await rests(page);
  await page.keyboard.press("ArrowDown");
  await cursorAt(page, 491);
  await page.waitForFunction(() => document.activeElement.ariaCurrent === "true");
});

test("a wheel that sizes the page or scrolls to the side leaves Follow on", async (t) => {
  const { page } = await openSample(t);
  const box = await page.locator(".lf-log__body").boundingBox();
  await page.mouse.move(box.x + 100, box.y + 100);
  await page.mouse.wheel(60, 4);
  await page.keyboard.down("Shift");
  await page.mouse.wheel(0, 60);
  await page.keyboard.up("Shift");
  await rests(page);
  assert.ok(await page.getByRole("switch", { name: "Follow" }).isChecked());
  await page.mouse.wheel(4, -60);
  await page.waitForFunction(() => !document.querySelector("[role=switch]").checked);
});

test("a click on a row that is still to be written goes to the event that it shows", async (t) => {
  const { page } = await openSample(t);
  await goTo(page, 490);
  // A clock that runs so fast that a frame has time for a single row.
  await page.evaluate(() => {
    const now = performance.now.bind(performance);
    let ahead = 0;
    performance.now = () => now() + (ahead += 2);
  });
  const type = page.getByRole("listitem").filter({ has: page.getByText("OrderPlaced", { exact: true }) });
  await type.hover();
  const shown = await page.evaluate(async () => {
    document.querySelector("[aria-label='Show only OrderPlaced']").click();
    const grid = document.querySelector("[role=grid]");
    const rows = grid.ariaRowCount;
    while (grid.ariaRowCount === rows) await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    const row = [...grid.querySelectorAll(".lf-log__row")].findLast((row) => row.querySelector(".lf-log__type")?.innerText.includes("OrderPlaced") === false);
    row.click();
    return row.querySelector(".lf-log__pos").lastChild.data;
  });
  await cursorAt(page, Number(shown.replaceAll(",", "")));
});

test("rows stand in their places at once, in the order of the document once they rest, and the row of the cursor keeps the focus", async (t) => {
  const { page } = await openSample(t);
  await goTo(page, 490);
  await currentRow(page).click();
  const rows = () =>
    page.evaluate(() =>
      [...document.querySelectorAll(".lf-log__row")].map((row) => ({ row: Number(row.dataset.row), top: row.getBoundingClientRect().top })),
    );
  const isRising = (list) => list.every((one, index) => index === 0 || one > list[index - 1]);
  const check = (all) => {
    const byRow = all.toSorted((a, b) => a.row - b.row);
    assert.ok(byRow.every((one, index) => one.row === byRow[0].row + index), "no row twice, none left out");
    const height = byRow[1].top - byRow[0].top;
    assert.ok(height > 20 && byRow.every((one, index) => Math.abs(one.top - byRow[0].top - index * height) < 1), "one below the other");
  };
  for (let step = 0; step < 7; step++) await page.keyboard.press("ArrowDown");
  await cursorAt(page, 497);
  await page.locator("[aria-current=true][data-row='496']:focus").waitFor();
  await rowsStand(page);
  check(await rows());
  await page.evaluate(() => {
    globalThis.lost = 0;
    document.querySelector(".lf-log__body").addEventListener("focusout", () => (globalThis.lost += 1));
  });
  await page.waitForFunction(() => {
    const shown = [...document.querySelectorAll(".lf-log__row")].map((row) => Number(row.dataset.row));
    return shown.every((row, index) => index === 0 || row === shown[index - 1] + 1);
  });
  const rested = await rows();
  check(rested);
  assert.ok(isRising(rested.map((one) => one.top)));
  assert.equal(await page.evaluate(() => [document.activeElement.getAttribute("aria-current"), globalThis.lost].join()), "true,0");
});

test("the row of the cursor comes to its place however soon the cursor moves on", async (t) => {
  const { page } = await openSample(t);
  const top = async () => {
    const [row, body] = [await currentRow(page).boundingBox(), await page.locator(".lf-log__body").boundingBox()];
    return row.y - body.y;
  };
  await goTo(page, 490);
  await page.locator("[aria-current=true][data-row='489']").waitFor();
  const place = await top();
  // Rows trade places while the page scrolls behind them: what a browser takes for news above the reader must move nothing.
  for (let round = 0; round < 20; round += 1) {
    for (const position of [460, 520, 490]) {
      await goTo(page, position);
      await page.waitForTimeout((round * 37) % 200);
    }
    await page.locator("[aria-current=true][data-row='489']").waitFor();
    await page.waitForTimeout(250);
    assert.equal(await top(), place, `in round ${round}`);
  }
});

test("between A and B alone: rows, matches and steps from match to match stay within", async (t) => {
  const { page } = await openSample(t);
  for (const [position, key] of [[460, "a"], [520, "Shift+A"]]) {
    await goTo(page, position);
    await page.keyboard.press(key);
  }
  const all = await search(page, "ROPE");
  await page.getByRole("button", { name: "Only A–B" }).click();
  await countIs(page, 61);
  await page.waitForFunction((all) => !document.querySelector("#find-n").innerText.endsWith(`/ ${all}`), all);
  const within = Number((await found(page).innerText()).split("/")[1]);
  assert.ok(within > 0 && within < all, `${within} of ${all}`);
  const seen = new Set();
  for (let step = 0; step < within + 2; step += 1) {
    const before = await cursor(page);
    await page.getByRole("button", { name: "Next match" }).click();
    await page.waitForFunction((before) => document.querySelector("#playhead").ariaValueNow !== String(before), before);
    seen.add(await cursor(page));
  }
  assert.equal(seen.size, within, "round and round through the same matches");
  assert.ok([...seen].every((position) => position >= 460 && position <= 520), [...seen].join());
});

test("payloads that cannot be read are named, with their code, and tried again", async (t) => {
  const { page } = await openSample(t);
  assert.ok((await flipPayloads(page)) > 0, "there are sealed payloads");
  await page.reload();
  await grid(page).waitFor();
  await goTo(page, 100);
  const trouble = page.getByRole("alert").filter({ hasText: /Payload of #\d+ could not be read/ });
  await trouble.getByText("corrupt").first().waitFor();
  await currentRow(page).getByText(/Payload not readable: corrupt/).waitFor();
  await flipPayloads(page);
  await trouble.getByRole("button", { name: "Try again" }).click();
  await trouble.waitFor({ state: "detached" });
  await currentRow(page).getByText("Payload not readable").waitFor({ state: "detached" });
});

test("a narrow log has rows of two lines for a finger", async (t) => {
  const { page } = await openSample(t, { viewport: { width: 390, height: 844 }, hasTouch: true });
  const row = await currentRow(page).boundingBox();
  assert.equal(row.height, 44);
  assert.equal(await grid(page).getAttribute("aria-colcount"), "4");
  assert.ok((await search(page, "SKU")) > 0);
  const next = page.getByRole("button", { name: "Previous match" });
  assert.ok((await next.boundingBox()).height >= 34);
  const at = await cursor(page);
  await next.tap();
  await page.waitForFunction((at) => Number(document.querySelector("#playhead").getAttribute("aria-valuenow")) !== at, at);
  await page.locator(".lf-log__row").nth(12).tap();
  await currentRow(page).waitFor();
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `the page is ${overflow} px too wide`);
});
