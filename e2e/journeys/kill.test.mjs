// The server is killed while two people type, and comes back. What it said it had, it has; what was typed meanwhile is sent
// once.

import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually } from "../support/wait.mjs";
import { agrees, scene } from "./chat.mjs";

/** Acknowledged messages before the power goes. */
const BEFORE = 20;
/** Messages that each person writes after it has gone. */
const AWAY = 6;

/** Collects the ids of the messages whose acknowledgement arrived whole. */
function acknowledged(windows) {
  const ids = new Set();
  for (const { page } of windows) {
    page.on("response", (response) => {
      if (response.request().method() !== "POST" || !response.ok()) return;
      // Cut off in the middle, it is no acknowledgement: the client does not know either, and asks again.
      response.json().then(({ message }) => message && ids.add(message.id), () => {});
    });
  }
  return ids;
}

test("a kill -9 in the middle of a burst loses nothing and doubles nothing", async (t) => {
  const names = ["Ana", "Ben"];
  const { server, apis, windows } = await scene(t, names);
  const known = acknowledged(windows);
  let away = false;

  const typing = windows.map(async (window, at) => {
    const typed = [];
    for (let left = AWAY; left > 0; left -= away ? 1 : 0) {
      typed.push(`${names[at]} ${typed.length + 1}`);
      await window.say(typed.at(-1));
    }
    return typed;
  });
  await eventually("the burst is under way", () => known.size >= BEFORE);
  await server.kill("SIGKILL");
  away = true;
  const typed = await Promise.all(typing);

  for (const window of windows) {
    await window.strip(/^Reconnecting\. Next try in \d+ s\. You can keep writing\.$/).waitFor();
    await window.rail.getByText("Reconnecting", { exact: true }).waitFor();
    await window.rowsWhen("what was typed last will be sent", (rows) => rows.at(-1).note === "Will be sent");
  }
  await server.start();
  await windows[0].page.getByRole("button", { name: "Try now" }).click({ timeout: 2_000 }).catch(() => {}); // back by itself
  for (const window of windows) {
    await window.isLive();
    await window.strip(/^Reconnecting/).waitFor({ state: "hidden" });
  }

  const total = typed.flat().length;
  const history = await eventually("everything typed is in the log", async () => {
    const history = await apis[0].history();
    return history.length >= total && history;
  });
  t.diagnostic(`${known.size} acknowledged in the windows, ${total} typed`);
  for (const [at, window] of windows.entries()) await agrees(window, apis[at]);
  const bodies = history.map(({ body }) => body);
  for (const [at, name] of names.entries()) {
    assert.deepEqual(bodies.filter((body) => body.startsWith(name)), typed[at], `${name}'s messages, once, as they were typed`);
  }
  const ids = new Set(history.map(({ id }) => id));
  assert.deepEqual([...known].filter((id) => !ids.has(id)), [], "every acknowledged message is there");
  for (const window of windows) await window.isClean();
});
