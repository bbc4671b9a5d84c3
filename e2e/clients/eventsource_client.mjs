// Reads GET /chat with npm `eventsource`, for ever: node eventsource_client.mjs URL TOKEN.
//
// Each event becomes one line of JSON, {event, id, data}, on standard output. The library reconnects and resumes by
// itself, as a browser's EventSource does; nothing here helps it.

import { EventSource } from "eventsource";

const [url, token] = process.argv.slice(2);
const stream = new EventSource(`${url}/chat`, {
  fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } }),
});

const listening = new Set();
function listen(kind) {
  if (listening.has(kind)) return;
  listening.add(kind);
  stream.addEventListener(kind, ({ lastEventId, data }) => {
    console.log(JSON.stringify({ event: kind, id: lastEventId || null, data: JSON.parse(data) }));
  });
}

["hello", "state", "tick", "read", "bye"].forEach(listen);
// Every kind of fact that the server can send; named events reach only those who listen for them.
stream.addEventListener("hello", ({ data }) => JSON.parse(data).events.forEach(listen));
stream.addEventListener("error", ({ message }) => console.error("connection lost:", message));
