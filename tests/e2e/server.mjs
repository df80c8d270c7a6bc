// A server for what is tested: files of one folder, and texts of the test's own.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const types = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
};

/**
 * Serves the folder on a free port of this machine; `texts` has further files by their paths, such as `/worker.js`. A text may
 * be a function that gives it, as late as it likes; where it gives none, the file of the folder is served.
 */
export async function serve(folder, texts = {}) {
  const server = createServer((request, response) => {
    answer(folder, texts, request, response).catch((error) => {
      response.writeHead(500, { "content-type": "text/plain" }).end(String(error));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** Ends it; once more does nothing. */
    async close() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function answer(folder, texts, request, response) {
  const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname));
  const name = path.endsWith("/") ? `${path}index.html` : path;
  const file = join(folder, name);
  try {
    const text = typeof texts[name] === "function" ? await texts[name]() : texts[name];
    const body = text ?? (await readFile(file));
    const type = types[extname(file)] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, "cache-control": "no-store" }).end(body);
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "EISDIR") throw error;
    response.writeHead(404, { "content-type": "text/plain" }).end("not found");
  }
}
