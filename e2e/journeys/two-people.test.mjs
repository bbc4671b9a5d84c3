// The first thing that happens: somebody opens the place, makes a link, somebody else joins by it, and they talk.

import assert from "node:assert/strict";
import { test } from "node:test";

import { launchBrowser, newPerson } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";
import { eventually } from "../support/wait.mjs";
import { agrees, PASSWORD, scene, Window } from "./chat.mjs";

/** Messages of which the latency is measured. */
const MEASURED = 30;
/** What the median must stay below here, in milliseconds. The promise is 30 on a machine that does nothing else; CI does. */
const SANE_MS = 300;

test("two people set a place up, join by link and talk", async (t) => {
  const server = await startServer({ test: t });
  const browser = await launchBrowser({ test: t });

  const first = await newPerson(browser, server);
  await first.goto("/");
  await first.getByRole("heading", { name: "Open your teahouse" }).waitFor();
  assert.equal(new URL(first.url()).pathname, "/setup");
  await first.getByLabel("Name of the place").fill("The Terrace");
  await first.getByLabel("Your name").fill("Ana");
  await first.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await first.getByRole("button", { name: "Open the door" }).click();

  const ana = new Window(first);
  await ana.isLive();
  await first.getByRole("heading", { name: "general", exact: true }).waitFor();
  await first.getByRole("heading", { name: "This is the beginning of # general" }).waitFor();
  assert.equal(new URL(first.url()).pathname, "/rooms/general");
  assert.equal(await first.title(), "# general · The Terrace");
  await ana.say("Is anybody there?");

  await ana.choose("Invite people…");
  const dialog = first.getByRole("dialog", { name: "Invite people" });
  await dialog.getByRole("button", { name: "Make a link" }).click();
  const link = await dialog.getByLabel("Invite link").inputValue();
  await dialog.getByRole("button", { name: "Close" }).click();

  const second = await newPerson(browser, server);
  await second.goto(link);
  await second.getByRole("heading", { name: "Ana invited you to # general" }).waitFor();
  await second.getByText("Is anybody there?").waitFor();
  await second.getByLabel("Your name").fill("林美");
  await second.getByLabel("Password", { exact: true }).fill("茶馆里有八个字");
  await second.getByLabel("Password", { exact: true }).press("Enter");
  await second.getByText("This password is too short: 7 of at least 8 characters.").waitFor();
  await second.getByLabel("Password", { exact: true }).fill("茶馆里的八个汉字");
  await second.getByRole("button", { name: "Join the room" }).click();

  const mei = new Window(second);
  await mei.isLive();
  await mei.sees("Is anybody there?");
  await mei.say("我在这里。");
  await ana.sees("我在这里。");
  await ana.say("Tea is ready.");
  await mei.sees("Tea is ready.");
  await first.getByText("2 members").waitFor({ state: "attached" });

  const rows = await ana.rows();
  assert.deepEqual(rows.map(({ by, text, note }) => [by, text, note]), [
    ["Ana", "Is anybody there?", ""],
    ["林美", "我在这里。", ""],
    ["Ana", "Tea is ready.", ""],
  ]);
  await ana.isClean();
  await mei.isClean();
});

/** Notes in the page when Enter was pressed for a text, and when a text appeared in the timeline. */
async function watch(window) {
  await window.timeline.evaluate((log) => {
    const now = () => performance.timeOrigin + performance.now();
    globalThis.noted = { pressed: {}, drawn: {}, painted: {} };
    const { pressed, drawn, painted } = globalThis.noted;
    addEventListener("keydown", (event) => event.key === "Enter" && (pressed[event.target.value] ??= now()), true);
    new MutationObserver(() => {
      const text = log.querySelector("li:last-child")?.querySelector("[id^=said-]")?.innerText;
      if (text === undefined || drawn[text]) return;
      drawn[text] = now();
      requestAnimationFrame(() => (painted[text] = now()));
    }).observe(log, { childList: true, subtree: true, characterData: true });
  });
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

test("what one writes, the other sees at once", async (t) => {
  const { apis, windows } = await scene(t, ["Ana", "Ben"]);
  for (const window of windows) await watch(window);
  const texts = Array.from({ length: MEASURED }, (_, n) => `message ${n + 1}`);
  for (const [n, text] of texts.entries()) {
    const [from, to] = n % 2 ? windows : windows.toReversed();
    await from.say(text);
    await eventually(`${text} is there`, () => to.page.evaluate((text) => globalThis.noted.painted[text], text));
  }
  const [a, b] = await Promise.all(windows.map((window) => window.page.evaluate(() => globalThis.noted)));
  const took = (what) => texts.map((text, n) => (n % 2 ? b[what][text] - a.pressed[text] : a[what][text] - b.pressed[text]));
  const [drawn, painted] = [median(took("drawn")), median(took("painted"))];
  t.diagnostic(`Enter to the other window, median of ${MEASURED}: drawn ${drawn.toFixed(1)} ms, painted by ${painted.toFixed(1)} ms`);
  assert.ok(drawn < SANE_MS, `${drawn} ms`);
  await agrees(windows[0], apis[0]);
  await agrees(windows[1], apis[1]);
});
