// The page without a network, and with a newer version on the server.

import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { builtPage, openFolder, openPage } from "./harness.mjs";
import { cursorAt, eventCount, goTo, loadSample } from "./steps.mjs";

/** Waits until the page is kept whole, and the worker answers for it. */
const kept = (page) =>
  page.evaluate(async () => {
    const isKept = async () => {
      const name = (await caches.keys()).find((name) => /^leftfold-page-\/-[0-9a-f]+$/.test(name));
      return name && (await (await caches.open(name)).match("/"));
    };
    while (!(await isKept()) || !navigator.serviceWorker.controller) await new Promise((resolve) => setTimeout(resolve, 100));
  });

test("after the first load the page opens without its server, with all it stores", async (t) => {
  const { page, server } = await openPage(t);
  await loadSample(page);
  const events = await eventCount(page);
  await goTo(page, 490);
  await page.waitForFunction(() => location.search.includes("at=490"));
  await kept(page);
  await server.close();
  await page.reload();
  await cursorAt(page, 490);
  assert.equal(await eventCount(page), events);
  await page.getByRole("tree", { name: /State of inventory-ROPE-30/ }).waitFor();
});

/** A copy of the built page that a test may change. */
async function copyOfPage(t) {
  const folder = await mkdtemp(join(tmpdir(), "leftfold-site-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await cp(builtPage, folder, { recursive: true });
  return folder;
}

/** Puts a newer build in place: its code has another name. Gives the text of the page before. */
async function deployNewer(folder) {
  const index = await readFile(join(folder, "index.html"), "utf8");
  const script = index.match(/leftfold-web-ui-[0-9a-f]+(?=\.js)/)[0];
  await cp(join(folder, `${script}.js`), join(folder, "leftfold-web-ui-newer.js"));
  await writeFile(join(folder, "index.html"), index.replaceAll(`${script}.js`, "leftfold-web-ui-newer.js"));
  return index;
}

/** Whether the page is of the newer build. */
const isNewer = (page) => page.evaluate(() => document.querySelector("link[rel=modulepreload]").href.endsWith("/leftfold-web-ui-newer.js"));

/** Asks the worker for news, as the page does from time to time, and waits until it has kept what there is. */
const check = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        navigator.serviceWorker.addEventListener("message", ({ data }) => data.type === "checked" && resolve(), { once: true });
        navigator.serviceWorker.controller.postMessage({ type: "check", file: document.querySelector("link[rel=modulepreload]").href.split("/").pop() });
      }),
  );

test("a newer version is offered to an open page, and is there after a reload", async (t) => {
  const folder = await copyOfPage(t);
  const { page } = await openFolder(t, folder);
  await loadSample(page);
  await kept(page);
  await deployNewer(folder);
  await check(page);
  await page.getByText("A new version of Leftfold is ready").waitFor();
  await Promise.all([page.waitForEvent("load"), page.getByRole("button", { name: "Reload" }).click()]);
  assert.ok(await isNewer(page));
  await page.getByRole("grid", { name: "Events" }).waitFor();
});

test("the server goes back to an earlier version: without a network that one opens", async (t) => {
  const folder = await copyOfPage(t);
  const { page, server } = await openFolder(t, folder);
  await kept(page);
  const index = await deployNewer(folder);
  await page.reload();
  assert.ok(await isNewer(page));
  await check(page);
  await writeFile(join(folder, "index.html"), index);
  await page.reload();
  await check(page);
  await server.close();
  await page.reload();
  assert.ok(!(await isNewer(page)));
  await page.getByRole("button", { name: "Load sample" }).waitFor();
});

test("a network that is too slow for the page still brings the newer version, which is offered", async (t) => {
  const folder = await copyOfPage(t);
  let release;
  let held;
  const { page, server } = await openFolder(t, folder, { texts: { "/index.html": () => held } });
  await kept(page);
  await deployNewer(folder);
  held = new Promise((resolve) => {
    release = resolve;
  });
  await page.reload();
  assert.ok(!(await isNewer(page)), "the kept page is shown meanwhile");
  held = undefined;
  release();
  await page.getByText("A new version of Leftfold is ready").waitFor();
  await server.close();
  await page.reload();
  assert.ok(await isNewer(page));
});
