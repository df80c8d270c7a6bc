// How large the files of the npm package are, and which of them an application loads at first.

import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** What an application is to load at most with `import ... from "leftfold"`, in bytes by brotli. */
export const AIM = 200_000;

const texts = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };

/** The module `entry` with all that it loads at its start: the modules that it imports, and its own compiled code. */
async function loadedBy(folder, entry) {
  const found = new Set([entry]);
  for (const file of found) {
    if (extname(file) !== ".js") continue;
    const text = await readFile(join(folder, file), "utf8");
    const imports = text.matchAll(/\b(?:import|export)\b[^;"'`()]*?\bfrom\s*["'`](\.[^"'`]+)["'`]/g);
    // What other modules name is loaded when they are called.
    const code = file === entry ? text.matchAll(/new URL\(["'`]([^"'`]+\.wasm)["'`],\s*import\.meta\.url\)/g) : [];
    for (const [, path] of [...imports, ...code]) found.add(relative(folder, join(folder, file, "..", path)));
  }
  return found;
}

/** The files of a package with their sizes: as they are, by gzip and by brotli; and whether they are loaded at first. */
export async function packageFiles(folder) {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
  const loaded = await loadedBy(folder, "leftfold.js");
  const sized = async (name) => {
    const bytes = await readFile(join(folder, name));
    const sizes = [bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes, texts).length];
    return { name, sizes, isLoaded: loaded.has(name) };
  };
  return Promise.all(names.map(sized));
}

/** The sum of the sizes of what is loaded at first. */
export function loadedAtFirst(files) {
  return files
    .filter(({ isLoaded }) => isLoaded)
    .reduce((total, { sizes }) => total.map((size, at) => size + sizes[at]), [0, 0, 0]);
}
