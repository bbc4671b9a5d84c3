// The fixture that stands for a bad proxy is one: it holds the stream back, and lets everything else pass.

import assert from "node:assert/strict";
import { test } from "node:test";

import { people } from "../support/api.mjs";
import { BUFFERING, startNginx } from "../support/nginx.mjs";
import { startServer } from "../support/server.mjs";

/** Direct, the first byte is there within some milliseconds; a heartbeat would come after 15 s. */
const HELD_BACK_MS = 2_000;

test("an nginx that buffers holds the stream back, and nothing else", async (t) => {
  const server = await startServer({ test: t });
  const [ana] = await people(server, "Ana");
  const nginx = await startNginx(server, { test: t, recipe: BUFFERING });
  const signal = AbortSignal.timeout(HELD_BACK_MS);
  const chat = async () => {
    const response = await fetch(`${nginx.url}/chat`, { headers: ana.headers, signal });
    await response.body.getReader().read();
  };
  await assert.rejects(chat(), { name: "TimeoutError" });
  const session = await fetch(`${nginx.url}/api/session`, { headers: ana.headers });
  assert.equal((await session.json()).me.name, "Ana");
});
