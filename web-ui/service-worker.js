// Keeps the built page, so that it opens without a network. What people store is in IndexedDB and never passes through here.
//
// A build is known by its index.html, which names every other file with the hash of its content. A build is kept whole, in a
// cache named after the hash of that text; the two that the server had last are kept, because a tab that has not been reloaded
// is still the one before. Opening the page asks the network first: who is online has the newest build.

// Caches belong to the origin, on which there may be another build at another path.
const PREFIX = `leftfold-page-${new URL(self.registration.scope).pathname}-`;
/** The cache that says in which order the server had the builds. */
const ORDER = `${PREFIX}order`;
const KEPT = 2;
/** How long the network may take before the kept page is shown, in milliseconds. */
const PATIENCE = 4000;

const home = () => new URL("./", self.registration.scope).href;
/** Nothing is served under it: what is kept under it is found by no request of the page. */
const orderUrl = () => new URL("./.order-of-builds", self.registration.scope).href;

self.addEventListener("install", (event) => {
  event.waitUntil(Promise.all([keepNewest(), self.skipWaiting()]));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (isPage(request.url)) event.respondWith(page(event));
  } else {
    event.respondWith(file(request));
  }
});

/** A tab asks whether there is a newer build than the one it runs, named by one of its files. */
self.addEventListener("message", (event) => {
  if (event.data?.type !== "check") return;
  const answer = (async () => {
    const text = await keepNewest();
    event.source?.postMessage({ type: "checked", isNewer: !text.includes(event.data.file) });
  })();
  // Without a network there is no news.
  event.waitUntil(answer.catch(() => {}));
});

function isPage(url) {
  const { origin, pathname } = new URL(url);
  const { pathname: base } = new URL(home());
  return origin === self.location.origin && (pathname === base || pathname === `${base}index.html`);
}

async function page(event) {
  const { response, kept } = ask();
  // However late it comes: the next opening has it.
  event.waitUntil(kept.catch(() => {}));
  const build = await newest();
  if (!build) return response;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  const fresh = await Promise.race([response.catch(() => undefined), late]);
  return fresh?.ok ? fresh : ((await build.match(home())) ?? response);
}

async function file(request) {
  if (isNamedByContent(request.url)) return (await caches.match(request.url, { ignoreVary: true })) ?? fetch(request);
  // Another build may have another file under this name: as for the page, the network first.
  const response = fetch(request, { cache: "no-cache" });
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  const fresh = await Promise.race([response.catch(() => undefined), late]);
  if (fresh?.ok) return fresh;
  return (await (await newest())?.match(request.url, { ignoreVary: true })) ?? response;
}

/** The folder of modules whose path has a hash of where they come from, not of what is in them. */
const isNamedByContent = (url) => !new URL(url).pathname.includes("/snippets/");

/** Fetches the page and keeps its build; gives its text. */
const keepNewest = () => ask().kept;

let asked = 0;

/** Asks the server for the page: the response, and its text once its build is kept. */
function ask() {
  const number = ++asked;
  const response = fetch(home(), { cache: "no-cache" });
  const text = response.then((response) => {
    if (!response.ok) throw new Error(`${home()} answers ${response.status}`);
    return response.clone().text();
  });
  const kept = text.then(async (text) => {
    await keep(text, number);
    return text;
  });
  return { response, kept };
}

let keeping = Promise.resolve();
let latest = 0;

/** Keeps the build of the answer to an ask, one after the other. An answer that a later one has overtaken is no news. */
function keep(text, number) {
  const kept = keeping.then(async () => {
    if (number < latest) return;
    await keepWhole(text);
    latest = number;
  });
  keeping = kept.catch(() => {});
  return kept;
}

/** Keeps a build unless it is kept already: all of its files, or nothing. It is the newest from now on. */
async function keepWhole(text) {
  const name = PREFIX + (await hash(text));
  if (!(await builds()).includes(name)) {
    const cache = await caches.open(`${name}-partial`);
    // Asked of the server: not every name says what is in its file.
    await cache.addAll(files(text).map((file) => new Request(file, { cache: "no-cache" })));
    const whole = await caches.open(name);
    for (const request of await cache.keys()) await whole.put(request, await cache.match(request));
    // Last: a build without its page is not whole, and is kept anew.
    await whole.put(home(), new Response(text, { headers: { "content-type": "text/html; charset=utf-8" } }));
    await caches.delete(`${name}-partial`);
  }
  const others = (await builds()).filter((other) => other !== name);
  const order = [name, ...others.slice(0, KEPT - 1)];
  await (await caches.open(ORDER)).put(orderUrl(), new Response(JSON.stringify(order)));
  await Promise.all(others.slice(KEPT - 1).map((other) => caches.delete(other)));
}

/** The files that a page names, of this origin. */
function files(text) {
  const named = [...text.matchAll(/(?:href|src|module_or_path:|from)\s*=?\s*["']([^"']+)["']/g)].map(([, name]) => name);
  const urls = named.filter((name) => !name.startsWith("data:")).map((name) => new URL(name, home()));
  return [...new Set(urls.filter((url) => url.origin === self.location.origin && url.href !== home()).map((url) => url.href))];
}

/** The kept builds, first the one that the server had last: after a step back that is one that was made earlier. */
async function builds() {
  const whole = [];
  for (const name of await caches.keys()) {
    if (!name.startsWith(PREFIX) || !/^[0-9a-f]{16}$/.test(name.slice(PREFIX.length))) continue;
    if (await (await caches.open(name)).match(home())) whole.unshift(name);
  }
  const order = (await (await (await caches.open(ORDER)).match(orderUrl()))?.json()) ?? [];
  return [...order.filter((name) => whole.includes(name)), ...whole.filter((name) => !order.includes(name))];
}

async function newest() {
  const [name] = await builds();
  return name && caches.open(name);
}

async function hash(text) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return [...bytes.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
