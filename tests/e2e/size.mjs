// Prints how large the code of the built page is, as it is and as a server would send it: `node size.mjs FOLDER`.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

const folder = process.argv[2];
const total = { plain: 0, gzip: 0, brotli: 0 };
for (const name of await readdir(folder)) {
  if (!/\.(wasm|js)$/.test(name)) continue;
  const bytes = await readFile(join(folder, name));
  total.plain += bytes.length;
  total.gzip += gzipSync(bytes, { level: 9 }).length;
  total.brotli += brotliCompressSync(bytes).length;
}
const kilobytes = (count) => `${(count / 1000).toFixed(1)} kB`;
console.log(
  `wasm + js of the page: ${kilobytes(total.plain)}, ${kilobytes(total.gzip)} gzip, ${kilobytes(total.brotli)} brotli`,
);
