/// <reference lib="webworker" />

/**
 * What makes the dashboard installable. It keeps one page that says the gateway cannot be reached, with its styles, and
 * nothing else: no page of the dashboard and no answer of an API is ever stored.
 */
const scope = self as unknown as ServiceWorkerGlobalScope;
const CACHE = "omniroute-offline";
const OFFLINE = "/offline";

scope.addEventListener("install", (event) => {
  event.waitUntil(fill().then(() => scope.skipWaiting()));
});

scope.addEventListener("activate", (event) => {
  event.waitUntil(scope.clients.claim());
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => kept(OFFLINE)));
  else if (new URL(request.url).pathname.startsWith("/assets/"))
    event.respondWith(fetch(request).catch(() => kept(request.url)));
});

scope.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { href } = event.notification.data as { href: string };
  event.waitUntil(
    scope.clients.matchAll({ type: "window" }).then(async ([open]) => {
      if (!open) return scope.clients.openWindow(href);
      await open.focus();
      return open.navigate(href);
    }),
  );
});

/** The page and the files it names, as they are now. */
async function fill(): Promise<void> {
  await caches.delete(CACHE);
  const cache = await caches.open(CACHE);
  const page = await fetch(OFFLINE, { cache: "no-store" });
  const files = [...(await page.clone().text()).matchAll(/\/assets\/[\w.-]+/g)].map(([file]) => file);
  await cache.put(OFFLINE, page);
  await cache.addAll([...new Set(files)]);
}

async function kept(address: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(address)) ?? Response.error();
}
