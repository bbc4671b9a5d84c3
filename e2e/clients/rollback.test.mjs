// The database is replaced by an older copy while clients keep reconnecting. Every one of them hears `reset`, and when it
// has loaded the history, as the protocol says, it agrees with the server.

import assert from "node:assert/strict";
import { test } from "node:test";

import { backUp } from "../support/database.mjs";
import { CLIENTS, openServer, post, startReader, startTail } from "./readers.mjs";

test("a database that was rolled back is noticed by every client", async (t) => {
  const { server, api } = await openServer(t);
  const kept = [await post(api, "kept 1"), await post(api, "kept 2")];
  const others = Object.keys(CLIENTS).map((name) => startReader(t, name, api));
  const tail = await startTail(t, server, api);
  const all = (condition) => Promise.all([...others, tail].map(condition));
  await all((reader) => reader.isGreeted());
  kept.push(await post(api, "kept 3"));
  await all((reader) => reader.hasRead(kept.at(-1)));

  const rollBack = await backUp(server, t);
  const lost = [await post(api, "lost 1"), await post(api, "lost 2"), await post(api, "lost 3")];
  await all((reader) => reader.hasRead(lost.at(-1)));

  await server.kill("SIGTERM");
  await rollBack();
  await server.start();
  // At once, before anybody is back: these take the offsets of the lost ones.
  const fresh = [await post(api, "fresh 1"), await post(api, "fresh 2")];
  await all((reader) => reader.until("reset", ({ resumes }) => resumes.includes("reset")));
  fresh.push(await post(api, "fresh 3"));
  await all((reader) => reader.hasRead(fresh.at(-1)));

  const history = await api.history();
  assert.deepEqual(history, [...kept, ...fresh], "the server has what the copy had and what came after");
  assert.equal(fresh[0].offset, lost[0].offset, "offsets were given again");
  for (const { name, events } of others) {
    // On `reset` a client throws its view away, loads the history valid at the place of `hello`, and goes on from there.
    const at = events.findLastIndex(({ event, data }) => event === "hello" && data.resume === "reset");
    const place = Number(events[at].id.split(".")[1]);
    const streamed = events.slice(at).filter(({ event }) => event === "message_posted");
    const view = [...history.filter(({ offset }) => offset <= place), ...streamed.map(({ data }) => data.message)];
    assert.deepEqual(view, history, `${name} agrees with the server`);
  }
  // `teahouse tail` loads by itself: everything since its start, each message once, and the lost ones as they were seen.
  assert.deepEqual(tail.messages, [kept.at(-1), ...lost, ...fresh]);
  assert.match(tail.program.stderr, /does not know the place/);
});
