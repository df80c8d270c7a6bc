// The npm package as an application has it: packed, installed, in a bundle and without one.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { build, createServer } from "vite";

import { builtPackage, openFolder } from "./harness.mjs";
import { AIM, loadedAtFirst, packageFiles } from "./package-sizes.mjs";

const applications = fileURLToPath(new URL("package/", import.meta.url));

/** npm without the network: the package needs nothing else. */
async function npm(folder, ...parameters) {
  const { stdout } = await promisify(execFile)("npm", [...parameters, "--offline", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder });
  return stdout;
}

/** A folder with one of the applications, and the package installed from its tarball. */
async function installed(t, application) {
  const folder = await mkdtemp(join(tmpdir(), "leftfold-package-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await cp(join(applications, application), folder, { recursive: true });
  await cp(join(applications, "shop.js"), join(folder, "shop.js"));
  const [{ filename, files }] = JSON.parse(await npm(folder, "pack", builtPackage, "--json", "--ignore-scripts"));
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await npm(folder, "install", `./${filename}`);
  return { folder, packed: files.map((file) => file.path) };
}

async function whatIsShown(page) {
  await page.waitForFunction(() => document.querySelector("output").textContent !== "");
  return JSON.parse(await page.textContent("output"));
}

/** Waits until the debugger of the application runs. */
const debuggerIsShown = (page) => page.locator("leftfold-debugger").getByRole("heading", { name: "No store named absent yet" }).waitFor();

const expected = {
  refused: "wrong-expected-version",
  read: ["1 order-1 Placed", "2 order-1 Paid", "3 order-2 Placed"],
  live: { units: 25, isPaid: true },
  before: { units: 25, isPaid: false },
  paidBy: 2,
  imported: ["ndjson", 3, 3],
};

test("what an application loads at first is no larger than it may be", async () => {
  const files = await packageFiles(builtPackage);
  const [, , brotli] = loadedAtFirst(files);
  assert.ok(brotli <= AIM, `${brotli} bytes by brotli, at most ${AIM}`);
  const loaded = files.filter(({ isLoaded }) => isLoaded).map(({ name }) => name.split(/[\\/]/).at(-1));
  assert.deepEqual(loaded.toSorted(), ["fold.js", "glue.js", "host.js", "leftfold.js", "leftfold_bg.wasm", "parts.js"]);
});

test("installed from its tarball, the package works in a page without a bundler", async (t) => {
  const { folder, packed } = await installed(t, "plain");
  const beside = ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "leftfold.d.ts", "leftfold.js", "leftfold_bg.wasm", "leftfold_rest.js", "leftfold_rest_bg.wasm", "package.json"];
  assert.deepEqual(beside.filter((file) => !packed.includes(file)), []);
  assert.deepEqual(await readdir(join(folder, "node_modules")).then((names) => names.filter((name) => !name.startsWith("."))), ["leftfold"]);
  const description = JSON.parse(await readFile(join(folder, "node_modules/leftfold/package.json"), "utf8"));
  assert.deepEqual(Object.keys(description).filter((key) => /dependencies/i.test(key)), []);
  const { page } = await openFolder(t, folder);
  assert.deepEqual(await whatIsShown(page), expected);
});

test("installed from its tarball, the package works in an application built with Vite", async (t) => {
  const { folder } = await installed(t, "vite");
  await build({ root: folder, configFile: false, logLevel: "error", build: { target: "es2022" } });
  // Nothing but what was built: a path that leads out of it would not be found.
  const { page } = await openFolder(t, join(folder, "dist"));
  assert.deepEqual(await whatIsShown(page), expected);
  await debuggerIsShown(page);
});

test("the package works on Vite's server for development, kept out of what that bundles beforehand", async (t) => {
  const { folder } = await installed(t, "vite");
  const server = await createServer({
    root: folder,
    configFile: false,
    logLevel: "error",
    optimizeDeps: { exclude: ["leftfold", "leftfold/debugger"] },
    server: { host: "127.0.0.1", port: 0, hmr: false },
  });
  t.after(() => server.close());
  await server.listen();
  const { page, url } = await openFolder(t, folder, { texts: { "/index.html": '<!doctype html><link rel="icon" href="data:,">' } });
  const { port } = server.httpServer.address();
  await page.goto(url.replace(/\d+$/, port));
  assert.deepEqual(await whatIsShown(page), expected);
  await debuggerIsShown(page);
});
