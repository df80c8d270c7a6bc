// No page, panel or dialog breaks a rule of axe-core, in either theme, wide or narrow.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";

import { openPage } from "./harness.mjs";
import { goTo, loadSample } from "./steps.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Asserts that what the page shows now breaks no rule. */
async function assertClean(page, what) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return violations.map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.slice(0, 5).map((node) => `    ${node.html.slice(0, 200)}\n      ${node.failureSummary.replaceAll("\n", " ")}`).join("\n")}`);
  });
  assert.deepEqual(found, [], `${what} breaks rules of axe-core`);
}

const button = (page, name) => page.getByRole("button", { name });
const view = (page, name) => page.getByRole("navigation", { name: "Views" }).getByRole("link", { name });

async function closeDialog(page) {
  await page.keyboard.press("Escape");
  await page.locator("dialog[open]").waitFor({ state: "detached" });
}

for (const colorScheme of ["light", "dark"]) {
  test(`the first visit and its dialogs, ${colorScheme}`, async (t) => {
    const { page } = await openPage(t, { colorScheme });
    await button(page, "Load sample").waitFor();
    await assertClean(page, "the first visit");
    await button(page, /^No store open/).click();
    await page.getByRole("menu", { name: "Stores" }).waitFor();
    await assertClean(page, "the menu of stores");
    await page.getByRole("menuitem", { name: /New store/ }).click();
    await page.getByRole("dialog", { name: "New store" }).waitFor();
    await assertClean(page, "the dialog for a new store");
    await closeDialog(page);
    const chooser = page.waitForEvent("filechooser");
    await button(page, "Choose file…").click();
    const lines = Array.from({ length: 50 }, (_, i) => `order-${i % 7},OrderPlaced,2026-03-14T09:${10 + (i % 40)}:00Z,${i}`);
    const csv = `stream,type,time,units\n${lines.join("\n")}\n`;
    await (await chooser).setFiles({ name: "orders.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
    await page.getByRole("dialog").getByRole("button", { name: /^Import/ }).waitFor();
    await assertClean(page, "the mapping of an import");
  });

  test(`the debugger, ${colorScheme}`, async (t) => {
    const { page } = await openPage(t, { colorScheme });
    await loadSample(page);
    await assertClean(page, "the debugger, live");
    await goTo(page, 490);
    for (const tab of ["Event", "State", "Diff", "Blame"]) {
      await page.getByRole("tab", { name: new RegExp(`^${tab}`) }).click();
      await page.getByRole("tabpanel", { name: new RegExp(`^${tab}`) }).waitFor();
      await assertClean(page, `the tab ${tab}`);
    }
    await button(page, "Hide OrderPlaced").click({ force: true });
    await button(page, "Remove filter: hide OrderPlaced").waitFor();
    await assertClean(page, "a filtered log");
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog", { name: "Command palette" }).waitFor();
    await assertClean(page, "the palette");
    await closeDialog(page);
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
    await assertClean(page, "the help");
    await closeDialog(page);
    await button(page, /^Store:/).click();
    await page.getByRole("menuitem", { name: /^Storage/ }).click();
    await page.getByRole("dialog").getByText("Persistence").waitFor();
    await assertClean(page, "the storage panel");
  });

  test(`projections and commands, ${colorScheme}`, async (t) => {
    const { page } = await openPage(t, { colorScheme });
    await loadSample(page);
    await view(page, "Projections").click();
    await page.getByRole("heading", { name: /^Projections/ }).waitFor();
    await page.getByText("Caught up").first().waitFor();
    await assertClean(page, "the projections");
    await view(page, "Commands").click();
    await page.getByRole("heading", { name: /^Commands/ }).waitFor();
    await assertClean(page, "the commands");
  });

  test(`a narrow page, ${colorScheme}`, async (t) => {
    const { page } = await openPage(t, { colorScheme, viewport: { width: 390, height: 844 }, hasTouch: true });
    await loadSample(page);
    for (const name of ["Log", "Inspector", /^Filters/]) {
      await page.getByRole("radio", { name }).click();
      await assertClean(page, `the narrow view ${name}`);
    }
    for (const name of ["Projections", "Commands"]) {
      await view(page, name).click();
      await page.getByRole("heading", { name: new RegExp(`^${name}`) }).waitFor();
      await assertClean(page, `${name}, narrow`);
    }
  });
}
