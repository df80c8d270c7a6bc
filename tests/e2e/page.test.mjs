// The built page starts at all.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage } from "./harness.mjs";

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
