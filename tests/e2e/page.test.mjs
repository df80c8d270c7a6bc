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
