// The example of the read-me, as a person uses it: a cart, its history, and a moment that is restored.

import assert from "node:assert/strict";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { assertClean } from "./axe.mjs";
import { builtPackage, openFolder } from "./harness.mjs";

/** The example beside the package, as they lie in the project. */
async function openExample(t, options) {
  const folder = await mkdtemp(join(tmpdir(), "leftfold-example-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await cp(fileURLToPath(new URL("../../examples", import.meta.url)), join(folder, "examples"), { recursive: true });
  await cp(builtPackage, join(folder, "pkg"), { recursive: true });
  return openFolder(t, folder, { path: "/examples/cart/", locale: "en-GB", ...options });
}

const add = (page, name) => page.getByRole("button", { name: `Add ${name}` }).click();
const moment = (page) => page.getByRole("slider", { name: "Moment" });
const cart = (page) => page.getByRole("region", { name: "Cart" });
const isShown = (page, text) => page.getByText(text, { exact: true }).waitFor();

test("a cart is filled, its past is looked at, and a moment of it is restored", async (t) => {
  const { page, newTab, restart } = await openExample(t);
  await isShown(page, "The cart is empty.");
  await add(page, "Head lamp");
  await isShown(page, "1. Head lamp added");
  await add(page, "Head lamp");
  await isShown(page, "2. Head lamp added");
  await add(page, "Tent for two");
  await cart(page).getByText("1 × €189.00").waitFor();
  await page.getByRole("button", { name: "One Head lamp less" }).click();
  await isShown(page, "4. Head lamp removed");
  await isShown(page, "€221.00");

  // Two steps back, by the keyboard: the cart as it was, which cannot be changed.
  await moment(page).focus();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await cart(page).getByText("2 × €32.00").waitFor();
  await isShown(page, "€64.00");
  assert.equal(await moment(page).getAttribute("aria-valuetext"), "2 of 4");
  assert.equal(await page.getByRole("button", { name: "Add Head lamp" }).isDisabled(), true);

  // What another tab stores is seen, and does not move who looks at the past.
  const other = await newTab("/examples/cart/");
  await other.getByText("4. Head lamp removed", { exact: true }).waitFor();
  await add(other, "Climbing rope, 30 m");
  await isShown(page, "5. Climbing rope, 30 m added");
  assert.equal(await moment(page).getAttribute("aria-valuetext"), "2 of 5");

  await page.getByRole("button", { name: "Restore this moment" }).click();
  await isShown(page, "6. Restored as it was at moment 2");
  await isShown(page, "€64.00");
  assert.equal(await page.getByRole("button", { name: "Restore this moment" }).isDisabled(), true);
  assert.equal(await moment(page).getAttribute("aria-valuetext"), "6 of 6");
  // Nothing was lost by it: the moment before is still there.
  await page.keyboard.press("Tab");
  await moment(page).focus();
  await page.keyboard.press("ArrowLeft");
  await cart(page).getByText("1 × €74.50").waitFor();

  const again = (await restart()).page;
  await again.getByText("6. Restored as it was at moment 2", { exact: true }).waitFor();
  await again.getByText("€64.00", { exact: true }).waitFor();
});

for (const colorScheme of ["light", "dark"]) {
  test(`the example breaks no rule of axe-core, ${colorScheme}`, async (t) => {
    const { page } = await openExample(t, { colorScheme, viewport: { width: 390, height: 844 } });
    await add(page, "Head lamp");
    await isShown(page, "1. Head lamp added");
    await add(page, "Tent for two");
    await isShown(page, "2. Tent for two added");
    await moment(page).focus();
    await page.keyboard.press("ArrowLeft");
    await page.getByText(/This is the past/).waitFor();
    await assertClean(page, "the example");
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/example-${colorScheme}.png`, fullPage: true });
  });
}
