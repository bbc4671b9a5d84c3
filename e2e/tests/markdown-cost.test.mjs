// What a message costs the server at most: the release executable's own time for the costliest texts known, at the largest
// size there is. Work that grew with the square of the text would be many times what is allowed here; a unit test counts no
// time, since what a render costs is only true of an optimised build and of a processor that does little else.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { startServer } from "../support/server.mjs";

/** The largest body, in bytes (`BODY_MAX_BYTES`). */
const BODY_MAX_BYTES = 16 * 1024;

/** How often each is posted. */
const TIMES = 5;

/** A post of 16 KiB costs at most 20 ms on a quiet machine; caches shared with other programs cost as much again. */
const POST_MAX_MS = 60;

/** The same texts that the unit tests render: parts and how often each comes, 0 for "until it is full". */
const recipes = JSON.parse(readFileSync(new URL("../../backend/src/domain/markdown/costly.json", import.meta.url), "utf8"));

/** A text of at most `BODY_MAX_BYTES`, cut between two characters. */
function body(recipe) {
  const repeated = ([text, times]) => text.repeat(times || Math.floor(BODY_MAX_BYTES / Buffer.byteLength(text)));
  const bytes = Buffer.from(recipe.map(repeated).join("")).subarray(0, BODY_MAX_BYTES);
  return bytes.toString().replace(/\ufffd+$/, "");
}

/** Time that all threads of a process have computed, in milliseconds (Linux, Documentation/scheduler/sched-stats). */
function computedMs(pid) {
  const threads = readdirSync(`/proc/${pid}/task`).map((id) => readFileSync(`/proc/${pid}/task/${id}/schedstat`, "utf8"));
  return threads.reduce((sum, stat) => sum + Number(stat.split(" ")[0]), 0) / 1e6;
}

test("no message costs the server more than some milliseconds", async (t) => {
  const server = await startServer({ test: t });
  const api = server.api();
  await api.setUp();
  const costs = [];
  for (const recipe of recipes) {
    const text = body(recipe);
    const before = computedMs(server.pid);
    for (let i = 0; i < TIMES; i++) await api.post(text);
    costs.push({ text: JSON.stringify(recipe[0][0]), ms: (computedMs(server.pid) - before) / TIMES });
  }
  costs.sort((one, other) => other.ms - one.ms);
  const worst = costs.slice(0, 5).map(({ text, ms }) => `${text} ${ms.toFixed(1)} ms`);
  t.diagnostic(`costliest posts of 16 KiB: ${worst.join(", ")}`);
  assert.ok(costs[0].ms < POST_MAX_MS, worst.join(", "));
});
