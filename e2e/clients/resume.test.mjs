// Other people's SSE clients read GET /chat with a token, are cut off, and resume from their last id: nothing is lost and
// nothing comes twice. The packages are the real ones, the cuts are kill -9 of the server and broken connections.

import assert from "node:assert/strict";
import { test } from "node:test";

import { CLIENTS, Reader } from "./support/reader.mjs";
import { scissors } from "./support/scissors.mjs";
import { Server } from "./support/server.mjs";

const ids = (messages) => messages.map(({ id }) => id);

for (const [name, command] of Object.entries(CLIENTS)) {
  test(`${name} resumes after the server was killed in a burst`, async (t) => {
    const server = await Server.open(t);
    const reader = Reader.start(t, name, command(server.url, server.token));
    await reader.until("hello", ({ events }) => events.length > 0);
    assert.equal(reader.events[0].event, "hello", "hello is always first");

    const posts = [];
    for (let i = 0; i < 60; i++) posts.push(server.post(`message ${i} 你好 \u2028\u0085 \nevent: x`));
    // In the middle of the burst: some are acknowledged, some under way, some not yet sent.
    await Promise.race(posts);
    await server.end("SIGKILL");
    await server.start();
    await Promise.all(posts);
    const last = await server.post("the last one");

    await reader.until("the last message", ({ messages }) => messages.some(({ id }) => id === last.id));
    const history = await server.history();
    assert.equal(history.length, 61, "each post became one message");
    assert.deepEqual(reader.messages, history, "what the client read is what the server has, in its order");
    const [, ...resumed] = reader.of("hello").map(({ data }) => data.resume);
    assert.ok(resumed.length > 0, "the client connected again");
    assert.ok(!resumed.includes("reset"), `an ordinary restart is no reset: ${resumed}`);
  });

  test(`${name} resumes when its connection is cut at odd bytes`, async (t) => {
    const server = await Server.open(t);
    // The head of the answer, then places inside hello, between it and state, and within the events of a replay.
    const proxy = await scissors(t, server.url, [2_000, 150, 700, 1_111, 2_503, 4_001]);
    const reader = Reader.start(t, name, command(proxy.url, server.token));
    await reader.until("hello", ({ events }) => events.length > 0);
    const posted = [];
    for (let i = 0; i < 40; i++) posted.push(await server.post(`message ${i}`));

    await reader.until("the last message", ({ messages }) => messages.some(({ id }) => id === posted.at(-1).id));
    assert.equal(proxy.cutsLeft(), 0, "every cut was made");
    assert.deepEqual(ids(reader.messages), ids(posted));
  });
}
