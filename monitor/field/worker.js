/* Keeps what My day was opened with last, so that it opens without a network. */
"use strict";

const KEPT = "my-day-1";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method === "GET" && url.origin === self.location.origin) {
    event.respondWith(newestOrKept(event.request));
  }
});

async function newestOrKept(request) {
  const kept = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    if (answer.ok) {
      await kept.put(request, answer.clone());
      return answer;
    }
    // A server that is up without its database is no better than none.
    return answer.status >= 500 ? (await kept.match(request)) || answer : answer;
  } catch (error) {
    const found = await kept.match(request);
    if (found) {
      return found;
    }
    throw error;
  }
}
