// The tab with the stream crashes, or its process stops: another takes over, and nobody misses anything.

import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually } from "../support/wait.mjs";
import { agrees } from "./chat.mjs";
import { leaderOf, streams, tabs } from "./tabs.mjs";

/** Until followers know that a leader is silent, 37.5 s, and some more. */
const TAKEOVER = { deadlineMs: 75_000 };

for (const locks of [true, false]) {
  test(`a tab that crashes is replaced, by ${locks ? "Web Locks" : "a lease"}`, async (t) => {
    const { server, context, apis, windows } = await tabs(t, 3, { locks });
    const leader = leaderOf(windows);
    const others = windows.filter((window) => window !== leader);
    const debug = await context.newCDPSession(leader.page);
    debug.send("Page.crash").catch(() => {}); // there is nobody left to answer
    await apis[1].post("after the crash");
    for (const window of others) await window.row("after the crash").waitFor({ timeout: TAKEOVER.deadlineMs });
    await eventually("one stream is open", () => streams(server).open === 1);
    for (const window of others) await agrees(window, apis[0]);
  });
}

/** The process that draws a page: the one that works when the page does. */
async function processOf(browser, page) {
  const debug = await browser.newBrowserCDPSession();
  const times = async () => {
    const { processInfo } = await debug.send("SystemInfo.getProcessInfo");
    return new Map(processInfo.filter(({ type }) => type === "renderer").map(({ id, cpuTime }) => [id, cpuTime]));
  };
  const before = await times();
  await page.evaluate(() => {
    for (const until = performance.now() + 600; performance.now() < until; );
  });
  const after = await times();
  const worked = [...after].map(([id, time]) => [id, time - (before.get(id) ?? 0)]);
  return worked.sort(([, a], [, b]) => b - a)[0][0];
}

test("a tab whose process is stopped is replaced, and steps down when it goes on", async (t) => {
  const { server, browser, apis, windows } = await tabs(t, 3);
  const leader = leaderOf(windows);
  const others = windows.filter((window) => window !== leader);
  const stopped = await processOf(browser, leader.page);
  for (const window of others) assert.notEqual(await processOf(browser, window.page), stopped, "tabs have a process each");
  process.kill(stopped, "SIGSTOP");
  t.after(() => {
    try {
      process.kill(stopped, "SIGCONT");
    } catch {} // the browser has ended it
  });
  for (let n = 1; n <= 5; n += 1) await apis[1].post(`unheard ${n}`);
  for (const window of others) await window.row("unheard 5").waitFor({ timeout: TAKEOVER.deadlineMs });
  for (const window of others) await agrees(window, apis[0]);
  process.kill(stopped, "SIGCONT");
  await apis[1].post("all together");
  for (const window of windows) await agrees(window, apis[0]);
  await eventually("one stream is open", () => streams(server).open === 1);
});
