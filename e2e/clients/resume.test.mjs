// Clients read GET /chat with a token, are cut off, and resume from their last id: nothing is lost and nothing comes twice.
// Other people's packages are the real ones; `teahouse tail` is held to the same. They mostly wait, so they do it together.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { startProxy } from "../support/proxy.mjs";
import { eventually } from "../support/wait.mjs";
import { CLIENTS, openServer, post, startReader, startTail } from "./readers.mjs";

/** Text that has broken clients: every kind of line end, fields of the format, and what their authors do not type. */
const BODY = "你好 \u2028 \u2029 \u0085 \nevent: x\ndata: y\n\nid: z";

const starters = Object.keys(CLIENTS).map((name) => [name, (t, server, api, url) => startReader(t, name, api, url)]);
starters.push(["teahouse tail", (t, server, api, url) => startTail(t, server, api, { url })]);

describe("kill -9 of the server in a burst", { concurrency: starters.length }, () => {
  for (const [name, start] of starters) {
    test(`${name} resumes after kill -9 of the server in a burst`, async (t) => {
      const { server, api } = await openServer(t);
      const reader = await start(t, server, api);
      await reader.isGreeted();
      assert.equal(reader.events[0].event, "hello", "hello is always first");

      const burst = Array.from({ length: 60 }, (_, i) => post(api, `${i} ${BODY}`));
      // Some are acknowledged now, some under way.
      await Promise.race(burst);
      await server.restart("SIGKILL");
      await Promise.all(burst);
      await reader.hasRead(await post(api, "the last one"));

      const history = await api.history();
      assert.equal(history.length, 61, "each post became one message");
      assert.deepEqual(reader.messages, history, "what was read is what the server has, in its order");
      assert.ok(reader.resumes.length > 1, "it connected again");
      assert.ok(!reader.resumes.includes("reset"), `an ordinary restart is no reset: ${reader.resumes}`);
    });
  }
});

describe("a connection that is cut at odd bytes", { concurrency: starters.length }, () => {
  for (const [name, start] of starters) {
    test(`${name} resumes when its connection is cut at odd bytes`, async (t) => {
      const { server, api } = await openServer(t);
      const proxy = await startProxy(server, { test: t });
      const reader = await start(t, server, api, proxy.url);
      await reader.isGreeted();
      const posted = [];
      const say = async () => posted.push(await post(api, `message ${posted.length}`));

      // Within an event, at one byte or another.
      for (const bytes of [1, 97, 1_111]) {
        const greeted = reader.resumes.length;
        proxy.cutAfter(bytes);
        while (proxy.connections > 0) await say();
        await say();
        await reader.isGreeted(greeted + 1);
      }
      const complains = async (act) => {
        const before = reader.program.stderr;
        act();
        await eventually("the client notices that it was cut off", () => reader.program.stderr !== before);
      };
      await complains(() => proxy.cut());
      // It is away now. When it returns: within the head of the answer, within hello, and within the replay.
      for (const bytes of [60, 500, 2_000]) {
        for (let i = 0; i < 5; i++) await say();
        await complains(() => proxy.cutAfter(bytes));
      }
      await reader.hasRead(posted.at(-1));
      assert.deepEqual(reader.messages, posted);
    });
  }
});
