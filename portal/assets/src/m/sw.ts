// Keeps the shell of the app on the phone. Answers of the API are the app's own business and never kept here.
export {};
declare const self: ServiceWorkerGlobalScope;
declare const FILES: string[]; // put in by the build: every file of the app, each with its hash
declare const VERSION: string;

const SHELL = "/m";
const kept = `pilgrim-${VERSION}`;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(kept).then((cache) => cache.addAll([SHELL, ...FILES])));
});

// A newer worker waits until the holder wants it, so that no page loses its files under way.
self.addEventListener("message", (event) => {
  if (event.data === "take over") void self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("pilgrim-") && name !== kept).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (request.mode === "navigate" && address.pathname === SHELL) {
    event.respondWith(fetch(request).catch(() => caches.match(SHELL).then((shell) => shell ?? Response.error())));
  } else if (address.pathname.startsWith("/static/") || address.pathname === "/m/manifest.webmanifest") {
    event.respondWith(caches.match(request).then((file) => file ?? fetch(request)));
  }
});
