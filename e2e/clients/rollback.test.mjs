// The database is replaced by an older copy while clients keep reconnecting. Every one of them hears `reset`, and when it
// has loaded the history, as the protocol says, it agrees with the server.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import { CLIENTS, Reader } from "./support/reader.mjs";
import { Server } from "./support/server.mjs";
import { startTail } from "./support/tail.mjs";

test("a database that was rolled back is noticed by every client", async (t) => {
  const server = await Server.open(t);
  const kept = [await server.post("kept 1"), await server.post("kept 2")];
  const readers = Object.entries(CLIENTS).map(([name, command]) => Reader.start(t, name, command(server.url, server.token)));
  const tail = await startTail(t, server);
  const everyone = [...readers, tail];
  const all = (what, condition) => Promise.all(everyone.map((reader) => reader.until(what, condition)));
  await all("hello", ({ events }) => events.length > 0);
  kept.push(await server.post("kept 3"));
  await all("the last kept message", ({ messages }) => messages.at(-1)?.id === kept.at(-1).id);

  const copy = join(server.directory, "older.copy");
  await server.end("SIGTERM");
  await server.copyDatabase(copy);
  await server.start();
  const lost = [await server.post("lost 1"), await server.post("lost 2"), await server.post("lost 3")];
  await all("the last lost message", ({ messages }) => messages.at(-1)?.id === lost.at(-1).id);

  await server.end("SIGTERM");
  await server.restoreDatabase(copy);
  await server.start();
  // At once, before anybody is back: these take the offsets of the lost ones.
  const fresh = [await server.post("fresh 1"), await server.post("fresh 2")];
  const isReset = ({ event, data }) => event === "hello" && data.resume === "reset";
  await all("reset", ({ events }) => events.some(isReset));
  fresh.push(await server.post("fresh 3"));
  const last = fresh.at(-1).id;
  await all("the last fresh message", ({ messages }) => messages.some(({ id }) => id === last));

  const history = await server.history();
  assert.deepEqual(history, [...kept, ...fresh], "the server has what the copy had and what came after");
  for (const reader of readers) {
    // On `reset` a client throws its view away and loads the history, valid at `as_of`; then it goes on with the stream.
    const at = reader.events.findLastIndex(isReset);
    const streamed = reader.events.slice(at).filter(({ event }) => event === "message_posted");
    const place = Number(reader.events[at].id.split(".")[1]);
    const loaded = history.filter(({ offset }) => offset <= place);
    const view = [...loaded, ...streamed.map(({ data }) => data.message)];
    assert.deepEqual(view, history, `${reader.name} agrees with the server`);
  }
  // `teahouse tail` loads by itself: every message, each once, and the lost ones as they were seen.
  const bodies = tail.messages.map(({ body }) => body);
  assert.deepEqual(bodies, [kept[2], ...lost, ...fresh].map(({ body }) => body));
  assert.match(tail.errors, /does not know the place/);
});
