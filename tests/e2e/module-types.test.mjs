// The types of the module: against the contract, and in a program that uses every call.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { builtPackage, openModule } from "./harness.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const compiler = createRequire(import.meta.url).resolve("typescript/lib/tsc.js");
const contract = resolve(here, "../../../shared/design/leftfold.d.ts");

/** Compiles a file of `types/` as strictly as can be, and returns the folder with the JavaScript. */
async function compile(t, file, paths) {
  const folder = await mkdtemp(join(tmpdir(), "leftfold-types-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const config = {
    compilerOptions: {
      strict: true,
      exactOptionalPropertyTypes: true,
      noImplicitOverride: true,
      noPropertyAccessFromIndexSignature: true,
      noUncheckedIndexedAccess: true,
      noUnusedLocals: true,
      target: "es2022",
      module: "es2022",
      moduleResolution: "bundler",
      lib: ["es2022", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"],
      types: [],
      paths: { leftfold: [join(builtPackage, "leftfold.d.ts")], ...paths },
      outDir: join(folder, "out"),
      rootDir: join(here, "types"),
    },
    files: [join(here, "types", file)],
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
  const run = promisify(execFile)(process.execPath, [compiler, "--pretty", "false", "-p", folder]);
  await run.catch((error) => assert.fail(`${file} does not compile:\n${error.stdout}${error.stderr}`));
  return join(folder, "out");
}

test("the generated types and the contract are assignable to each other", async (t) => {
  if (!existsSync(contract)) {
    t.skip("no contract: design/leftfold.d.ts is not in ../shared");
    return;
  }
  await compile(t, "contract.ts", { contract: [contract] });
});

test("a program that shows the debugger compiles strictly", async (t) => {
  await compile(t, "debugger.ts", { "leftfold/debugger": [join(builtPackage, "debugger/leftfold-debugger.d.ts")] });
});

test("a program that uses every call compiles strictly, and runs", async (t) => {
  const out = await compile(t, "example.ts", {});
  const imports = JSON.stringify({ imports: { leftfold: "/leftfold.js" } });
  const { page } = await openModule(t, {
    texts: {
      "/index.html": `<!doctype html><link rel="icon" href="data:,"><script type="importmap">${imports}</script>`,
      "/example.js": await readFile(join(out, "example.js"), "utf8"),
    },
  });
  const said = await page.evaluate(async () => {
    const { run } = await import("/example.js");
    return run(`example-${crypto.randomUUID()}`);
  });
  const events = said.filter((line) => /^(seen|caught up)/.test(line));
  assert.deepEqual(events.toSorted(), ["caught up", "seen 1 OrderPlaced", "seen 2 OrderPaid", "seen 3 OrderPlaced"]);
  const progress = said.filter((line) => line.includes(" bytes, "));
  assert.equal(progress.at(-1), "75 of 75 bytes, 1 events");
  const rebuilt = said.filter((line) => line.startsWith("rebuilt"));
  assert.equal(rebuilt.at(-1), "rebuilt 3 of 3");
  assert.deepEqual(
    said.filter((line) => !events.includes(line) && !progress.includes(line) && !rebuilt.includes(line)),
    [
      "stored at 1, again: true",
      "wrong-expected-version: 1 expected, 2 found",
      "imported 1 from csv",
      "25 placed, paid: true, version 2",
      "found order-1 OrderPaid",
      "3,2",
      "2 at 1.5 s",
      "order-2",
      "verified: true, 0 problems",
      "3 events in the store",
      "exported 1 as text/csv;charset=utf-8",
      "order-1: 25 placed, order-1,order-2",
      "orders is following, 0 behind, at 3",
      'at 1: {"placed":25,"paid":false}',
      'from there: [{"op":"replace","path":"/paid","value":true}]',
      "paid by 2",
      "paid at 2, 1 folds",
      'otherwise: {"placed":6,"paid":true}, from 0',
      "unpaid: /paid,/placed",
      "as it was: 0 differences",
      'lifted: {"units":"3","currency":"EUR"}',
      "listed: true",
    ],
  );
});
