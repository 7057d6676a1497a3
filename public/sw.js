// The service worker: shows the summary at /wallet/offline, as it was kept, when there is no network. Nothing else is
// kept but what that page is drawn with. It is there only where somebody has chosen it at /wallet/devices, and goes
// when they sign out, when the server says that nobody is signed in (401), and what it keeps goes after 72 hours.
"use strict";

const SUMMARY = "/wallet/offline";
const KEPT = "neul-summary";
const MADE_AT = "x-neul-summary-at";
const LIFE_MS = 72 * 3600 * 1000;

self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  const work = event.data === "keep" ? keep() : event.data === "wipe" ? wipe() : undefined;
  if (work) event.waitUntil(work.then((kept) => event.ports[0]?.postMessage(kept)));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.mode !== "navigate") {
    // What the summary is drawn with, when there is no network.
    if (request.method === "GET" && isDrawing(pathname)) {
      event.respondWith(fetch(request).catch(async () => (await caches.match(request)) ?? Response.error()));
    }
    return;
  }
  if (pathname === "/logout") {
    event.waitUntil(wipe());
    return;
  }
  if (request.method !== "GET") return;
  event.respondWith(
    fetch(request).then(
      (answer) => {
        if (pathname === "/wallet") event.waitUntil(keep());
        return answer;
      },
      async () => (await summary()) ?? Response.error(),
    ),
  );
});

function isDrawing(pathname) {
  return /^\/(pkg\/.+\.css|icons\.svg|favicon\.svg)$/.test(pathname);
}

/** Keeps the summary as it is now; whether one was kept. Nobody signed in: nothing stays. Any other trouble: the older stays. */
async function keep() {
  let answer;
  try {
    answer = await fetch(SUMMARY, { cache: "no-store", credentials: "same-origin", redirect: "error" });
  } catch {
    return false;
  }
  if (answer.status === 401) {
    await wipe();
    return false;
  }
  if (!answer.ok || !answer.headers.has(MADE_AT)) return false;
  const text = await answer.clone().text();
  const drawing = [...text.matchAll(/href="(\/[^"#]+)/g)].map((found) => found[1]).filter(isDrawing);
  const cache = await caches.open(KEPT);
  for (const old of await cache.keys()) {
    const { pathname } = new URL(old.url);
    if (pathname !== SUMMARY && !drawing.includes(pathname)) await cache.delete(old);
  }
  await cache.put(SUMMARY, answer);
  await cache.addAll([...new Set(drawing)]).catch(() => {});
  return true;
}

/** What is kept, unless it is too old; then it goes. */
async function summary() {
  const kept = await caches.match(SUMMARY);
  if (!kept) return undefined;
  const age = Date.now() - Number(kept.headers.get(MADE_AT));
  if (Math.abs(age) < LIFE_MS) return kept;
  await caches.delete(KEPT);
  return undefined;
}

/** Nothing is kept, and nobody who signs in next on this device has chosen anything. */
async function wipe() {
  await caches.delete(KEPT);
  await self.registration.unregister();
  return false;
}
