// Makes the JavaScript of the npm package small, but for that of the debugger: `node package-shrink.mjs FOLDER`.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";

import { minify } from "rolldown/utils";

const folder = process.argv[2];

for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
  const file = join(entry.parentPath ?? entry.path, entry.name);
  const isDebugger = relative(folder, file).startsWith(`debugger${sep}`);
  if (!entry.isFile() || isDebugger || !file.endsWith(".js")) continue;
  const { code, errors } = await minify(file, await readFile(file, "utf8"), { module: true });
  if (errors.length > 0) throw new Error(`${file}: ${errors.map(({ message }) => message).join("; ")}`);
  // Bundlers look for the names of other files as plain texts.
  await writeFile(file, code.replace(/`([^`$\\]*\.(?:js|wasm))`/g, '"$1"'));
}
