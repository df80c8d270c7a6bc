// The built page starts at all.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage } from "./harness.mjs";
import { goTo, loadSample } from "./steps.mjs";

test("the page answers with its title and shows something", async (t) => {
  const { page } = await openPage(t);
  assert.equal(await page.title(), "Leftfold");
  // What the page shows is made by the compiled code: the document itself has an empty body.
  await page.locator("body :visible").first().waitFor();
  assert.match(await page.locator("body").innerText(), /Leftfold/);
});

test("the profile outlives the browser, as a person's does", async (t) => {
  const opened = await openPage(t);
  await opened.page.evaluate(() => localStorage.setItem("leftfold-test", "kept"));
  const { page } = await opened.restart();
  assert.equal(await page.evaluate(() => localStorage.getItem("leftfold-test")), "kept");
});

test("from an origin that is not secure the page works; what the browser keeps from it is said", async (t) => {
  const { page, url } = await openPage(t, { flags: ["--host-resolver-rules=MAP leftfold.test 127.0.0.1"] });
  await page.goto(url.replace("127.0.0.1", "leftfold.test"));
  assert.equal(await page.evaluate(() => isSecureContext), false);
  await loadSample(page);
  await goTo(page, 490);
  await page.getByRole("button", { name: "Copy link to this moment" }).click();
  await page.getByText("Link not copied").waitFor();
  await page.getByRole("tab", { name: "Event" }).click();
  await page.getByRole("button", { name: "Copy event id" }).click();
  await page.getByText("Event id not copied").waitFor();
  await goTo(page, 491);
  await page.getByRole("button", { name: /^Store: order-fulfilment/ }).click();
  await page.getByRole("menuitem", { name: /^Storage…/ }).click();
  await page.getByRole("dialog", { name: /^Storage of/ }).getByText("Persistence").waitFor();
});

for (const [width, height] of [[1280, 720], [390, 844]]) {
  test(`what is long scrolls within the page, never the page itself, ${width} px`, async (t) => {
    const { page } = await openPage(t, { viewport: { width, height } });
    await loadSample(page);
    const stays = async (where) => {
      const [content, room] = await page.evaluate(() => [document.documentElement.scrollHeight, innerHeight]);
      assert.equal(content, room, where);
    };
    const view = async (name) => {
      const inside = page.getByRole("radio", { name, exact: true });
      if (await inside.isVisible()) await inside.click();
    };
    await stays("Log");
    await view("Inspector");
    for (const tab of ["Event", "Diff", "State", "Blame"]) {
      await page.getByRole("tab", { name: tab }).click();
      if (tab === "State") await page.getByRole("combobox", { name: "State of" }).selectOption("warehouse-board");
      await stays(tab);
    }
    await page.getByLabel("Filter paths").fill("rope");
    await page.getByRole("button", { name: "reserved", exact: true }).click();
    await page.getByRole("table", { name: /Every event that wrote/ }).getByRole("row").nth(2).waitFor();
    await stays("Blame of a field");
    if (width > 900) {
      await goTo(page, 490);
      await page.getByRole("tab", { name: "Event" }).click();
      // The wheel over the payload, which has room enough itself, goes on to what lies below it.
      await page.getByRole("tree").first().hover();
      await page.mouse.wheel(0, 300);
      await page.waitForFunction(() => document.querySelector(".lf-insp__body").scrollTop > 0);
    }
    for (const name of ["Projections", "What-if", "Commands"]) {
      await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name }).click();
      await page.locator("#main").waitFor();
      await stays(name);
    }
  });
}
