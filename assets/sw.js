// Keeps the site for use offline. The server puts a line before this that says
// what there is: const site = {version, files, later, loose, pages, missing}. Each
// version has a cache of its own; a page is answered from the cache of the
// version that is active, and what it loads after that is named by its content,
// so that builds never mix.
"use strict";
const root = new URL(self.registration.scope);
const family = "skylab " + root.pathname + " ";
const ours = family + site.version; // the page holds a lock of this name while it is open

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(sweep().then(() => self.clients.claim())));
self.addEventListener("message", (event) => {
  if (event.data === "activate") self.skipWaiting(); // the person asked for the new version
});

async function install() {
  const cache = await caches.open(ours);
  await Promise.all(site.files.map((name) => keepFile(cache, new URL(name, root))));
  for (const name of site.later) await keepFile(cache, new URL(name, root)); // large, and seldom needed at once
  for (const name of site.loose) await keep(cache, new URL(name, root));
  for (const address of Object.values(site.pages)) {
    const text = await keep(cache, new URL(address, root)).then((answer) => answer.text());
    if (!text.includes('"' + site.version + '"')) throw new Error("the site changed while it was being kept");
  }
}

// keepFile keeps a file that its address names by content: what another version
// kept already is the same.
async function keepFile(cache, address) {
  if (await cache.match(address)) return;
  const kept = await caches.match(address);
  if (kept) await cache.put(address, kept);
  else await keep(cache, address, "default");
}

async function keep(cache, address, mode = "no-cache") {
  const answer = await fetch(address, { cache: mode });
  if (!answer.ok || answer.redirected) throw new Error(address + " was answered with " + answer.status);
  await cache.put(address, answer.clone());
  return answer;
}

// sweep deletes the versions before this one that no page has open.
async function sweep() {
  const held = (await self.navigator.locks.query()).held.map((lock) => lock.name);
  for (const name of await caches.keys()) { // in the order in which they were made
    if (name === ours) return;
    if (name.startsWith(family) && !held.includes(name)) await caches.delete(name);
  }
}

self.addEventListener("fetch", (event) => {
  const request = event.request, address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== root.origin || !address.pathname.startsWith(root.pathname)) return;
  if (request.mode === "navigate") event.respondWith(page(request, address));
  else if (named(address)) event.respondWith(file(request));
});

// named tells whether an address is of something that is kept.
function named(address) {
  const name = address.pathname.slice(root.pathname.length);
  return /^[bl]\//.test(name) || site.loose.includes(name);
}

async function file(request) {
  return (await caches.match(request.url, { ignoreVary: true })) || fetch(request);
}

async function page(request, address) {
  const name = address.pathname.slice(root.pathname.length).replace(/(^|\/)index\.html$/, "").replace(/\/+$/, "");
  const cache = await caches.open(ours);
  const stored = (name) => cache.match(new URL(site.pages[name], root), { ignoreVary: true });
  if (Object.hasOwn(site.pages, name) && name !== site.missing) {
    const place = new URL(site.pages[name], root); // with a slash at its end or without, as its links need it
    place.search = address.search;
    if (place.pathname !== address.pathname) return Response.redirect(place, 302);
    const kept = await stored(name);
    if (kept) return kept;
  }
  try {
    return await fetch(request);
  } catch (error) {
    const missing = await stored(site.missing);
    if (!missing) throw error;
    return new Response(missing.body, { status: 404, headers: missing.headers });
  }
}
