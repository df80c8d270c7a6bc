// Makes one file of the editor and all that it imports: `node build.mjs`. Trunk has it made before it builds the page.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const folder = dirname(fileURLToPath(import.meta.url));
const file = join(folder, "dist", "leftfold-editor.js");

const { outputFiles, metafile } = await build({
  absWorkingDir: folder,
  entryPoints: ["editor.js"],
  bundle: true,
  format: "esm",
  minify: true,
  target: "es2022",
  metafile: true,
  write: false,
});

/** The licences of what went into the file, each once: whoever passes the file on passes them on. */
async function licences() {
  const packages = new Set(Object.keys(metafile.inputs).map((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1]));
  packages.delete(undefined);
  const namesByText = new Map();
  for (const name of [...packages].sort()) {
    const text = await readFile(join(folder, "node_modules", name, "LICENSE"), "utf8");
    namesByText.set(text, [...(namesByText.get(text) ?? []), name]);
  }
  return [...namesByText].map(([text, names]) => `/*! ${names.join(", ")}\n\n${text.trim()}\n*/\n`).join("");
}

const text = (await licences()) + outputFiles[0].text;
const before = await readFile(file, "utf8").catch(() => undefined);
// A file that is written although nothing has changed would have `trunk serve` build again, and again.
if (text !== before) {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
