// Prints how large the files of the npm package are, as they are and as a server would send them: `node package-size.mjs FOLDER`.

import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** What an application is to load at most with `import ... from "leftfold"`, by brotli. */
const AIM = 200_000;

const folder = process.argv[2];
const texts = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };

async function sizesOf(file) {
  const bytes = await readFile(join(folder, file));
  return [bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes, texts).length];
}

/** The module `entry` with all that it loads at its start: the modules that it imports, and its compiled code. */
async function loadedBy(entry) {
  const found = new Set([entry]);
  for (const file of found) {
    if (extname(file) !== ".js") continue;
    const text = await readFile(join(folder, file), "utf8");
    const imports = text.matchAll(/^(?:import|export)\b[^;]*?\bfrom\s*["'](\.[^"']+)["']/gm);
    const code = text.matchAll(/new URL\(["']([^"']+\.wasm)["'],\s*import\.meta\.url\)/g);
    for (const [, path] of [...imports, ...code]) found.add(relative(folder, join(folder, file, "..", path)));
  }
  return found;
}

const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile())
  .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
  .sort();
const loaded = await loadedBy("leftfold.js");
const total = [0, 0, 0];
const rows = [["file", "bytes", "gzip", "brotli"]];
for (const file of files) {
  const sizes = await sizesOf(file);
  if (loaded.has(file)) sizes.forEach((size, at) => (total[at] += size));
  rows.push([`${loaded.has(file) ? "* " : "  "}${file}`, ...sizes.map(String)]);
}
rows.push(["* loaded at first", ...total.map(String)]);
const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
for (const [name, ...sizes] of rows) {
  console.log([name.padEnd(widths[0]), ...sizes.map((size, at) => size.padStart(widths[at + 1]))].join("  "));
}
const kilobytes = (total[2] / 1000).toFixed(1);
const isMet = total[2] <= AIM;
console.log(`The aim of ${AIM / 1000} kB by brotli is ${isMet ? "met" : "missed"}: an application loads ${kilobytes} kB at first.`);
