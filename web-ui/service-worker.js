// Keeps the built page, so that it opens without a network. What people store is in IndexedDB and never passes through here.
//
// A build is known by its index.html, which names every other file with the hash of its content. A build is kept whole, in a
// cache named after the hash of that text; the two newest are kept, because a tab that has not been reloaded is still the one
// before. Opening the page asks the network first: who is online has the newest build.

// Caches belong to the origin, on which there may be another build at another path.
const PREFIX = `leftfold-page-${new URL(self.registration.scope).pathname}-`;
const KEPT = 2;
/** How long the network may take before the kept page is shown, in milliseconds. */
const PATIENCE = 4000;

const home = () => new URL("./", self.registration.scope).href;

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
  const fresh = fetch(home(), { cache: "no-cache" });
  const kept = await newest();
  if (!kept) return fresh;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  const response = await Promise.race([fresh.catch(() => undefined), late]);
  if (!response?.ok) {
    fresh.catch(() => {});
    return (await kept.match(home())) ?? fresh;
  }
  event.waitUntil(keep(await response.clone().text()).catch(() => {}));
  return response;
}

async function file(request) {
  const kept = await caches.match(request.url, { ignoreVary: true });
  return kept ?? fetch(request);
}

/** Fetches the page and keeps its build; gives its text. */
async function keepNewest() {
  const response = await fetch(home(), { cache: "no-cache" });
  if (!response.ok) throw new Error(`${home()} answers ${response.status}`);
  const text = await response.text();
  await keep(text);
  return text;
}

/** Keeps a build unless it is kept already: all of its files, or nothing. */
async function keep(text) {
  const name = PREFIX + (await hash(text));
  const names = await builds();
  if (!names.includes(name)) {
    const cache = await caches.open(`${name}-partial`);
    await cache.addAll(files(text));
    const whole = await caches.open(name);
    for (const request of await cache.keys()) await whole.put(request, await cache.match(request));
    // Last: a build without its page is not whole, and is kept anew.
    await whole.put(home(), new Response(text, { headers: { "content-type": "text/html; charset=utf-8" } }));
    await caches.delete(`${name}-partial`);
  }
  const old = (await builds()).filter((other) => other !== name).slice(0, -(KEPT - 1));
  await Promise.all(old.map((other) => caches.delete(other)));
}

/** The files that a page names, of this origin. */
function files(text) {
  const named = [...text.matchAll(/(?:href|src|module_or_path:|from)\s*=?\s*["']([^"']+)["']/g)].map(([, name]) => name);
  const urls = named.filter((name) => !name.startsWith("data:")).map((name) => new URL(name, home()));
  return [...new Set(urls.filter((url) => url.origin === self.location.origin && url.href !== home()).map((url) => url.href))];
}

/** The kept builds, oldest first: caches are listed in the order in which they were made. */
async function builds() {
  const whole = [];
  for (const name of await caches.keys()) {
    if (!name.startsWith(PREFIX) || name.endsWith("-partial")) continue;
    if (await (await caches.open(name)).match(home())) whole.push(name);
  }
  return whole;
}

async function newest() {
  const name = (await builds()).at(-1);
  return name && caches.open(name);
}

async function hash(text) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return [...bytes.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
