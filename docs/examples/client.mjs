// The smallest useful client of Teahouse's stream, for Node: npm `eventsource` does the reconnecting.
//
//   npm install eventsource@4
//   node client.mjs http://127.0.0.1:8080 TOKEN      (or TEAHOUSE_URL and TEAHOUSE_TOKEN in the environment)
//
// A token: curl -s URL/api/session -H 'content-type: application/json' \
//            -d '{"name":"ana","password":"…","as":"token"}'
//
// docs/PROTOCOL.md describes every event; `teahouse tail` is the same program with the corners finished.

import { EventSource } from "eventsource";

const url = process.argv[2] ?? process.env.TEAHOUSE_URL;
const token = process.argv[3] ?? process.env.TEAHOUSE_TOKEN;
if (!url || !token) {
  console.error("usage: node client.mjs URL TOKEN");
  process.exit(2);
}

// EventSource cannot send headers by itself; its `fetch` can. On a reconnection `init` carries Last-Event-ID.
const withToken = (input, init) =>
  fetch(input, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } });

const stream = new EventSource(new URL("/chat", url), { fetch: withToken });

// Text of other people is shown, never obeyed: no escape sequence may reach the terminal.
const visible = (text) => text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (c) =>
  c === "\n" ? "\n    " : `\\u{${c.codePointAt(0).toString(16)}}`);

// The first event of every connection: who this is, and how the stream goes on.
stream.addEventListener("hello", (event) => {
  const { you, resume, behind } = JSON.parse(event.data);
  console.log(`hello ${visible(you.display_name)}: ${resume}`, behind > 0 ? `(at most ${behind} events behind)` : "");
  if (resume === "reset") {
    console.log("what was missed is in GET /api/rooms/{room}/messages, not in the stream");
  }
});

// Someone said something. `event.lastEventId` is the place after it; EventSource sends it back by itself.
stream.addEventListener("message_posted", (event) => {
  const { message } = JSON.parse(event.data);
  console.log(`${message.posted_at} ${message.author}: ${visible(message.body)}`);
});

// The connection ended. EventSource tries again, unless the server's answer was not a stream (401: sign in again).
stream.addEventListener("error", (event) => {
  const closed = stream.readyState === EventSource.CLOSED;
  console.error(`error: ${visible(event.message ?? "the connection was lost")}`, closed ? "" : "(trying again)");
  if (closed) {
    process.exitCode = 1;
  }
});
