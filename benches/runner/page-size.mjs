// The size of the built page, as a browser downloads it.

import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const KINDS = ['.wasm', '.js', '.css', '.html']

/** Bytes of each kind of file that the page needs to open: as they are, by gzip -9, by brotli -q 11. */
export async function pageSize(folder) {
  const sizes = Object.fromEntries(KINDS.map((kind) => [kind, { plain: 0, gzip: 0, brotli: 0 }]))
  for (const file of await readdir(folder, { recursive: true })) {
    const size = sizes[extname(file)]
    // The code editor is loaded when somebody opens it.
    if (!size || file.startsWith('leftfold-editor-')) continue
    const bytes = await readFile(join(folder, file))
    size.plain += bytes.length
    size.gzip += gzipSync(bytes, { level: 9 }).length
    size.brotli += brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length
  }
  return sizes
}
