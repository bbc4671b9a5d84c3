// The database is replaced by an older copy while two windows are open. Both notice, throw away what is no longer so, and
// keep what was not sent yet.

import assert from "node:assert/strict";
import { test } from "node:test";

import { backUp } from "../support/database.mjs";
import { eventually } from "../support/wait.mjs";
import { agrees, scene } from "./chat.mjs";

test("after a rollback both windows agree with the server, and nothing that waits is lost", async (t) => {
  const { server, apis, windows } = await scene(t, ["Ana", "Ben"]);
  const [ana, ben] = windows;
  await ana.say("kept");
  await ben.sees("kept");
  const rollBack = await backUp(server, t);
  await ana.say("lost 1");
  await ben.say("lost 2");
  for (const window of windows) for (const text of ["lost 1", "lost 2"]) await window.sees(text);

  await server.kill("SIGTERM");
  await ana.say("written meanwhile");
  await ana.rowsWhen("it waits", (rows) => rows.at(-1).note === "Will be sent");
  await rollBack();
  await server.start();
  // At once, before the windows are back: this takes the offset of "lost 1", and must not be taken for it.
  await apis[1].post("fresh");

  await eventually("what was written meanwhile is sent", async () =>
    (await apis[0].history()).some(({ body }) => body === "written meanwhile"));
  for (const [at, window] of windows.entries()) await agrees(window, apis[at]);
  const bodies = (await apis[0].history()).map(({ body }) => body);
  assert.deepEqual(bodies.toSorted(), ["fresh", "kept", "written meanwhile"]);
  for (const window of windows) await window.isLive();
  await ben.say("and on we go");
  await ana.sees("and on we go");
  for (const window of windows) await window.isClean();
});
