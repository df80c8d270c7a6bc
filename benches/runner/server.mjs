// Serves the page of the comparison on a free port of this machine.

import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { extname, join, normalize } from 'node:path'

const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
}

/** `folders` maps the first part of a path to the folder that is served under it; `''` is the page itself. */
export async function serve(folders) {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname))
    const first = path.split('/')[1]
    const [folder, rest] = first in folders ? [folders[first], path.slice(first.length + 2)] : [folders[''], path.slice(1)]
    try {
      const body = await readFile(join(folder, rest || 'index.html'))
      response.writeHead(200, {
        'content-type': TYPES[extname(rest || 'index.html')] ?? 'application/octet-stream',
        // An isolated page has a clock of 5 µs; others have one of 100 µs.
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
      })
      response.end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() }
}
