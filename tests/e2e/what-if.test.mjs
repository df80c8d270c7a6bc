// What-if branches: an event is skipped, and the outcome is another one; main stays as it is, and the branch is kept.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

import { assertClean } from "./axe.mjs";
import { openPage } from "./harness.mjs";
import { cursor, cursorAt, eventCount, fileOf, goTo, loadSample } from "./steps.mjs";

const page_ = (page, name) => page.getByRole("navigation", { name: "Views" }).getByRole("link", { name });
const button = (page, name) => page.getByRole("button", { name });
const row = (page, position) => page.getByRole("listitem").filter({ has: page.getByRole("button", { name: `Move event ${position}.` }) });
const board = (page, position) => page.getByRole("table", { name: `warehouse-board at event ${position}, on main and on ` });

/** The values of a path below a group, on main and on the branch. */
async function values(table, group, path) {
  const cells = await table.locator("tbody tr").evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.innerText.trim())));
  const from = cells.findIndex(([name]) => name === group);
  const found = cells.slice(from + 1).find(([name]) => name === path);
  return found && [found[1], found[3]];
}

/** What is painted of the branch in the dock, once there is something that was not there before. */
async function lane(page, before) {
  const painted = await page.waitForFunction((before) => {
    const canvas = document.querySelector(".lf-dock .lf-lanes canvas[role=img]");
    const style = getComputedStyle(canvas.parentElement);
    const [ruler, main, branch] = ["ruler", "density", "branch"].map((name) => Number.parseFloat(style.getPropertyValue(`--h-${name}`)));
    const scale = canvas.height / canvas.clientHeight;
    if (!(branch > 1 && scale > 0)) return undefined;
    const { data } = canvas.getContext("2d").getImageData(0, (ruler + main + 1) * scale, canvas.width, (branch - 1) * scale);
    const text = data.join();
    return data.some((value) => value > 0) && text !== before ? text : undefined;
  }, before);
  return painted.jsonValue();
}

async function fork(page, name) {
  await button(page, /^Fork at/).first().click();
  await page.getByLabel("Name of the branch").fill(name);
  await button(page, "Make branch").click();
  await page.getByRole("heading", { name: `What-if branch ${name}` }).waitFor({ state: "attached" });
}

test("a branch is made from the event that is inspected, and one that is not made leaves the page as it was", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  await goTo(page, 490);
  const asks = button(page, "What if: branch from this event");
  await asks.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Fork at #490" });
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("grid", { name: "Events" }).waitFor();
  await asks.and(page.locator(":focus")).waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search or run" }).fill("branch from");
  await page.keyboard.press("Enter");
  await dialog.getByLabel("Name of the branch").fill("from here");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "What-if branch from here" }).waitFor({ state: "attached" });
  await button(page, "Fork at #490").waitFor();
});

test("without the second release there is less to sell; the branch is kept, and main is not changed", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  await goTo(page, 490);
  await page_(page, "What-if").click();
  await page.getByText("main is not changed").waitFor();
  await fork(page, "no second release");
  await page.getByText("main is not changed").waitFor();
  await page.getByRole("img", { name: /^Main and branch no second release .* leaves main at #490: nothing is changed$/ }).waitFor();
  const line = await lane(page);
  await row(page, "490").hover();
  await button(page, "Skip event 490").click();
  await row(page, "490").getByText("Skipped").waitFor();
  await page.getByRole("img", { name: /leaves main at #490: 1 skipped/ }).waitFor();
  await lane(page, line);

  // What was released twice says the same twice: the payloads of the stream are merged to one state, by a test that passes. The
  // stream is another one where somebody is refused that was not.
  await page.getByText("First difference at #3,488 StockReserved").waitFor();
  await button(page, "Export branch").click();
  await page.getByRole("radio", { name: "Test in JavaScript" }).click();
  const exported = page.getByRole("region", { name: "Text of the file" });
  await exported.getByText("node:test").waitFor();
  const path = await fileOf(t, "branch.test.mjs", await exported.textContent());
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  const { stdout } = await promisify(execFile)(process.execPath, ["--test", "--test-reporter=tap", path], { env });
  assert.match(stdout, /# pass 2\n# fail 0/);
  await page.keyboard.press("Escape");

  await page.getByLabel("State of").selectOption("warehouse-board");
  await page.getByText("First difference at #490 StockReleased").waitFor();
  await board(page, "490").waitFor();
  assert.deepEqual(await values(board(page, "490"), "skus.SKU-ROPE-30", "sellable"), ["20", "17"]);

  // Somebody who reserved what was never there is refused now, and what follows does not happen.
  await page.getByRole("status").getByText(/2 rejected · 4 not reached/).waitFor();
  await button(page, "List them").click();
  const listed = page.getByRole("dialog", { name: "Commands on this branch" });
  const rejected = listed.getByRole("list", { name: "Would now be rejected" }).getByRole("listitem");
  assert.match(await rejected.first().innerText(), /StockReserved\s+Reserve: \d+ units of SKU-ROPE-30 are wanted, \d+ can be sold/);
  assert.equal(await listed.getByRole("list", { name: "Not reached" }).getByRole("listitem").count(), 4);
  await rejected.first().getByRole("button").click();
  await page.locator("li:focus").getByText("Would now be rejected").waitFor();
  await page.getByRole("radio", { name: "At the end" }).click();
  await board(page, "6,400").waitFor();
  assert.deepEqual(await values(board(page, "6,400"), "skus.SKU-AERO-12", "sellable"), ["32", "33"]);
  assert.deepEqual(await values(board(page, "6,400"), "skus.SKU-ROPE-30", "reserved"), ["-3", "0"]);
  await page.getByRole("switch", { name: "Re-run affected commands" }).click();
  await board(page, "6,400").getByText("skus.SKU-AERO-12").waitFor({ state: "detached" });
  const [main, branch] = await values(board(page, "6,400"), "skus.SKU-ROPE-30", "sellable");
  assert.equal(Number(main) - Number(branch), 3, "three units that were never there");

  await page.waitForFunction(() => new URL(location).searchParams.get("branch") === "no second release");
  const address = new URL(page.url());
  assert.equal(address.searchParams.get("page"), "what-if");
  await goTo(page, 490);
  await page.waitForFunction(() => new URL(location).searchParams.get("at") === "490");
  await page.reload();
  await row(page, "490").getByText("Skipped").waitFor();
  await board(page, "490").waitFor();
  assert.equal(await eventCount(page), 6400);

  await row(page, "490").hover();
  await button(page, "Undo what was done to event 490").click();
  await page.getByText("warehouse-board never differs").waitFor();
  await button(page, "Undo change").click();
  await row(page, "490").getByText("Skipped").waitFor();
  await page_(page, "Debugger").click();
  await page.getByRole("tree", { name: "State of warehouse-board at event 490" }).waitFor();
  await page_(page, "What-if").click();
  await button(page, "Delete branch").click();
  await page.getByRole("heading", { name: "What if it had gone otherwise?" }).waitFor();
  await button(page, "Undo").click();
  await row(page, "490").getByText("Skipped").waitFor();
});

test("by keyboard alone events are skipped, edited, moved and inserted, and commands are decided on the branch", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  await goTo(page, 490);
  await page_(page, "What-if").click();
  await fork(page, "keys");
  await row(page, "490").focus();
  await page.keyboard.press("ArrowDown");
  await cursorAt(page, 491);
  // Keys that come before the moved row is drawn are heard, too.
  const moves = (...keys) =>
    page.evaluate((keys) => {
      const active = () => document.activeElement;
      for (const [key, options] of keys) {
        active().dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, composed: true, ...options }));
      }
    }, keys);
  const alt = { altKey: true };
  await moves(["ArrowDown", alt], ["ArrowDown", alt], ["ArrowDown", alt], ["ArrowUp", alt]);
  await row(page, "491").getByText("Moved").waitFor();
  assert.equal(await row(page, "491").getAttribute("aria-posinset"), "4");
  await moves(["z", { ctrlKey: true }]);
  await row(page, "491").getByText("Moved").waitFor({ state: "detached" });
  await page.waitForFunction(() => document.activeElement?.id === "whatif-491");

  await row(page, "491").focus();
  await page.keyboard.press("Enter");
  const data = page.getByLabel("Data on this branch");
  const text = await data.inputValue();
  await data.fill(text.replace('"units": 2', '"units": two'));
  await button(page, "Change on branch").click();
  await page.getByText(/Not JSON yet, line \d+, column \d+: expected/).waitFor();
  await data.fill(text.replace('"units": 2', '"units": 3'));
  await button(page, "Change on branch").click();
  await row(page, "491").getByText("was 2, now 3").waitFor({ state: "attached" });

  await row(page, "491").focus();
  await page.keyboard.press("Insert");
  const form = page.getByRole("dialog", { name: "Insert an event after #491" });
  await form.getByLabel("Type").fill("OrderPacked");
  await form.getByLabel("Data").fill('{"bench": 1, "parcels": 1}');
  await button(page, "Insert on branch").click();
  await page.locator("li:focus").getByText("Inserted").waitFor();

  await button(page, "Issue command").click();
  const issue = page.getByRole("dialog", { name: /^Issue a command/ });
  await issue.getByRole("radio", { name: "inventory" }).click();
  await issue.getByLabel("Stream").fill("ROPE-30");
  await issue.getByRole("radio", { name: "Reserve stock" }).click();
  await issue.getByLabel("Order").fill("order-x");
  await issue.getByLabel("Units").fill("1000");
  await issue.getByRole("button", { name: "Reserve stock" }).click();
  await issue.getByText(/Rejected on this branch: 1000 units of SKU-ROPE-30 are wanted/).waitFor();
  await issue.getByLabel("Units").fill("1");
  await issue.getByRole("button", { name: "Reserve stock" }).click();
  await issue.waitFor({ state: "detached" });
  await page.locator("li:focus").getByText("Inserted").waitFor();
  await page.getByText(/3 changes · \d+ commands? re-run/).waitFor();
  assert.equal(await eventCount(page), 6400, "main has no event more");

  await button(page, "Export branch").click();
  const file = page.getByRole("region", { name: "Text of the file" });
  assert.equal(JSON.parse(await file.innerText()).name, "keys");
  await page.getByRole("radio", { name: "Test in Rust" }).click();
  await file.getByText("ProjectionScenario").waitFor();
  await page.getByRole("radio", { name: "Test in JavaScript" }).click();
  await file.getByText("node:test").waitFor();

  await page.keyboard.press("Escape");
  await file.waitFor({ state: "detached" });
  const at = await cursor(page);
  await page.getByRole("listitem").filter({ has: button(page, "Move event new 2.") }).hover();
  await button(page, "Undo what was done to event new 2").click();
  await page.getByText(/2 changes · \d+ commands? re-run/).waitFor();
  await page.locator("li:focus").waitFor();
  assert.equal(await cursor(page), at, "the cursor stays");
});

test("a moved event is marked where it stands, the cursor goes by places, and what is back was not moved", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  await goTo(page, 490);
  await page_(page, "What-if").click();
  await fork(page, "moves");
  const here = page.locator("li[aria-current=true]");
  const isHere = (position) => here.filter({ has: button(page, `Move event ${position}.`) }).waitFor();
  await isHere(490);
  await row(page, "491").focus();
  await page.keyboard.press("Alt+ArrowDown");
  await row(page, "491").getByText("Moved").waitFor();
  // It stands at the place of the event before it now; at its own, the branch is at what comes before.
  await row(page, "491").locator(".lf-change__pos").click();
  await cursorAt(page, 492);
  await isHere(491);
  await goTo(page, 491);
  await isHere(490);
  await goTo(page, 493);
  await isHere(493);

  await row(page, "491").focus();
  await page.keyboard.press("Enter");
  const data = page.getByLabel("Data on this branch");
  await data.fill((await data.inputValue()).replace('"units": 2', '"units": 3'));
  await button(page, "Change on branch").click();
  await row(page, "491").getByText("Edited").waitFor();
  assert.match(await row(page, "491").locator(".lf-badge").textContent(), /Edited\s*, moved/);
  await button(page, "Undo change").click();
  await row(page, "491").getByText("Moved").waitFor();

  await page.getByLabel("State of").selectOption("warehouse-board");
  await row(page, "491").focus();
  await page.keyboard.press("Alt+ArrowUp");
  await row(page, "491").getByText("Moved").waitFor({ state: "detached" });
  await page.getByText("warehouse-board never differs").waitFor();
  await page.getByText(/^0 changes/).waitFor();
});

test("a first change moves no row, and a narrow page shows the events or the state, wherever there is room", async (t) => {
  const { page } = await openPage(t);
  await loadSample(page);
  await goTo(page, 490);
  await page_(page, "What-if").click();
  await fork(page, "no second release");
  const top = async () => (await row(page, "491").boundingBox()).y;
  const before = await top();
  await row(page, "490").focus();
  await page.keyboard.press("Delete");
  await button(page, "List them").waitFor();
  assert.equal(await top(), before);

  await page.setViewportSize({ width: 390, height: 844 });
  const state = page.getByRole("region", { name: "State at #490" });
  await state.waitFor({ state: "hidden" });
  await assertClean(page, "the events of a branch on a phone");
  await page.getByRole("radio", { name: "State", exact: true }).click();
  await state.waitFor();
  await row(page, "490").waitFor({ state: "hidden" });
  await page.getByLabel("State of").selectOption("warehouse-board");
  await board(page, "490").waitFor();
  await assertClean(page, "the states of a branch on a phone");
  await page.getByRole("radio", { name: "Events", exact: true }).click();
  await row(page, "490").getByText("Skipped").waitFor();
  await button(page, "Delete branch").waitFor();
});
