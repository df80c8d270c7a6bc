// What every end-to-end test starts from: the built page on a server of its own, in a Chromium of its own.
//
//     import { openPage } from "./harness.mjs";
//     test("what a person sees", async (t) => {
//       const { page } = await openPage(t);
//       ...
//     });
//
// Everything is closed and deleted when the test ends. An error that the page throws or logs fails the test, unless the
// test takes it out of `errors` because it caused it.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

import { serve } from "./server.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
export const builtPage = process.env.LEFTFOLD_PAGE ?? resolve(here, "../../dist");
export const builtPackage = process.env.LEFTFOLD_PACKAGE ?? resolve(here, "../../pkg");
const slowness = Number(process.env.LEFTFOLD_SLOWER ?? 1);
const dataFolder = process.env.LEFTFOLD_DATA ?? resolve(here, "../../../shared/data");

/**
 * Serves the built page and opens it in a fresh Chromium with a profile on disk, as a person has one: what the page stores
 * outlives a reload and, with `restart`, the browser.
 *
 * @param t the test's context
 * @param options.path what follows the server's address
 * @param options.flags Chromium flags besides the usual ones
 * Further options are Playwright's for a context: `viewport`, `colorScheme`, `locale`, ...
 */
export function openPage(t, options = {}) {
  mustBeBuilt(builtPage, "index.html", "trunk build --release");
  return open(t, builtPage, {}, options);
}

/** As `openPage`, with another build of the page; `options.texts` as for `openModule`. */
export function openFolder(t, folder, { texts = {}, ...options } = {}) {
  return open(t, folder, texts, options);
}

/**
 * Opens an empty page beside the JavaScript module of the core, which the test imports in the page:
 *
 *     const { page } = await openModule(t);
 *     await page.evaluate(async () => {
 *       const { default: init, EventStore } = await import("/leftfold.js");
 *       await init();
 *       ...
 *     });
 *
 * `options.texts` has files of the test's own by their paths, such as `/worker.js`; the other options are those of `openPage`.
 */
export function openModule(t, { texts = {}, ...options } = {}) {
  mustBeBuilt(builtPackage, "leftfold.js", "cargo xtask package");
  const empty = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>module</title><link rel="icon" href="data:,">';
  return open(t, builtPackage, { "/index.html": empty, ...texts }, options);
}

/** What is not there would be waited for. */
function mustBeBuilt(folder, file, command) {
  assert.ok(existsSync(join(folder, file)), `${folder} has no ${file}: run ${command}`);
}

async function open(t, folder, texts, { path = "/", flags = [], ...options }) {
  const server = await serve(folder, texts);
  const profile = await mkdtemp(join(tmpdir(), "leftfold-e2e-"));
  const errors = [];
  let context;

  t.after(async () => {
    await context?.close();
    await server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    assert.deepEqual(errors, [], "the page threw or logged errors");
  });

  async function start() {
    context = await chromium.launchPersistentContext(profile, {
      executablePath: await chromePath(),
      args: [...(await usualFlags()), ...flags],
      ...options,
    });
    context.on("weberror", (error) => errors.push(String(error.error())));
    context.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    if (slowness > 1) context.on("page", slow);
    const page = context.pages()[0] ?? (await context.newPage());
    if (slowness > 1) await slow(page);
    await page.goto(server.url + path);
    return { context, page };
  }

  const opened = await start();
  return {
    ...opened,
    url: server.url,
    server,
    errors,
    /** Opens another tab of the same browser. */
    async newTab(tabPath = path) {
      const page = await context.newPage();
      await page.goto(server.url + tabPath);
      return page;
    },
    /** Ends the browser and starts it anew on the same profile. */
    async restart() {
      await context.close();
      return start();
    },
  };
}

/**
 * The path of a file or folder of the real data, which lies beside the project or where LEFTFOLD_DATA says. Where there is none
 * the test is marked as skipped, and must return:
 *
 *     const path = realData(t, "process-logs/receipt.csv.gz");
 *     if (!path) return;
 */
export function realData(t, path) {
  const found = join(dataFolder, path);
  if (existsSync(found)) return found;
  assert.equal(process.env.LEFTFOLD_DATA, undefined, `LEFTFOLD_DATA is set, but ${found} is not there`);
  t.skip(`no real data: ${path} is not in ../shared/data, and LEFTFOLD_DATA names no other folder`);
  return undefined;
}

/** Makes the page's own processor so many times slower than it is, which the test is not. */
async function slow(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: slowness });
}

async function usualFlags() {
  const text = await readFile(new URL("../chromium-flags.txt", import.meta.url), "utf8");
  return text.split("\n").filter((line) => line !== "");
}

async function chromePath() {
  if (process.env.CHROME) return process.env.CHROME;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
  assert.ok(found, "no Chromium found: name one in the environment variable CHROME");
  return found;
}
