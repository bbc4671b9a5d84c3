// Ten tabs and one stream: who has it, who takes over, and that nobody misses anything.

import assert from "node:assert/strict";
import { test } from "node:test";

import { people } from "../support/api.mjs";
import { launchBrowser, newPage } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";
import { eventually } from "../support/wait.mjs";
import { agrees, Window } from "./chat.mjs";

/** Until followers know that a leader is silent, 37.5 s, and some more. */
const TAKEOVER = { deadlineMs: 75_000 };

/** Pages of an address in the local network, on plain HTTP, have no Web Locks. */
const withoutLocks = () => Object.defineProperty(Navigator.prototype, "locks", { get: () => undefined });

/**
 * A browser with tabs of one person, all live.
 *
 * @param {import("node:test").TestContext} t
 * @param {number} count
 * @param {{ locks?: boolean, names?: string[] }} [options]
 */
async function tabs(t, count, { locks = true, names = ["Ana", "Ben"] } = {}) {
  const server = await startServer({ test: t });
  const browser = await launchBrowser({ test: t });
  const apis = await people(server, ...names);
  const context = await browser.newContext({ baseURL: server.url, locale: "en", reducedMotion: "reduce" });
  if (!locks) await context.addInitScript(withoutLocks);
  await context.addCookies([{ ...apis[0].browserCookie, url: server.url }]);
  const windows = [];
  for (let at = 0; at < count; at += 1) windows.push(await openTab(context));
  return { server, browser, context, apis, windows };
}

/** One more tab, live. It counts the streams it opens. */
async function openTab(context) {
  const page = await newPage(context);
  const window = new Window(page);
  window.streams = 0;
  page.on("request", (request) => (window.streams += new URL(request.url()).pathname === "/chat" ? 1 : 0));
  await window.open();
  return window.isLive();
}

/** How many streams the server was ever asked for, and how many of them are open. */
function streams(server) {
  const count = (what) => server.stderr.filter((line) => line.includes(what)).length;
  return { opened: count("stream opened"), open: count("stream opened") - count("stream ended") };
}

/** The tab with the stream. */
function leaderOf(windows) {
  const leaders = windows.filter((window) => window.streams > 0);
  assert.equal(leaders.length, 1, "one tab has opened a stream");
  return leaders[0];
}

for (const locks of [true, false]) {
  const means = locks ? "Web Locks" : "a lease";

  test(`ten tabs update over one stream, by ${means}`, async (t) => {
    const { server, apis, windows } = await tabs(t, 10, { locks });
    const [ana, ben] = apis;
    for (let n = 1; n <= 20; n += 1) await ben.post(`message ${n}`);
    await windows[7].say("from the eighth tab");
    await Promise.all(windows.map((window) => window.sees("from the eighth tab")));
    for (const window of windows) await agrees(window, ana);
    assert.deepEqual(streams(server), { opened: 1, open: 1 });
    leaderOf(windows);
    for (const window of windows) await window.isClean();
  });

  test(`a tab that is closed hands its stream over, by ${means}`, async (t) => {
    const { server, apis, windows } = await tabs(t, 3, { locks });
    const leader = leaderOf(windows);
    const others = windows.filter((window) => window !== leader);
    await leader.page.close({ runBeforeUnload: true });
    await apis[1].post("while nobody had the stream");
    for (const window of others) await agrees(window, apis[0]);
    await eventually("one stream is open", () => streams(server).open === 1);
    assert.equal(streams(server).opened, 2);
  });

  test(`a tab that crashes is replaced, by ${means}`, async (t) => {
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

test("signing out in one tab clears and closes all", async (t) => {
  const { server, windows } = await tabs(t, 3);
  await windows[2].composer.fill("a draft of Ana's");
  const { page } = windows[1];
  await windows[1].rail.getByRole("button", { name: "Settings", exact: true }).click();
  await page.getByRole("dialog", { name: "Settings" }).getByRole("button", { name: "Sign out" }).click();
  for (const window of windows) {
    await window.page.getByRole("heading", { name: /^Sign in/ }).waitFor();
    assert.equal(await window.page.getByText("a draft of Ana's").count(), 0);
  }
  await eventually("every stream has ended", () => streams(server).open === 0);
  const left = await page.evaluate(() => Object.keys(localStorage).filter((key) => /account|draft|outbox/.test(key)));
  assert.deepEqual(left, []);
});

test("a second account in the same browser hears nothing of the first", async (t) => {
  const { server, context, apis, windows } = await tabs(t, 2, { names: ["Ana", "Ben", "Cho"] });
  const [ana, ben, cho] = apis;
  const ids = await Promise.all([ana, ben].map(async (api) => (await api.snapshot()).me.id));
  const spy = await context.newPage();
  await spy.goto("/healthz");
  await spy.evaluate((ids) => {
    globalThis.heard = ids.map(() => []);
    globalThis.channels = ids.map((id, at) => {
      const channel = new BroadcastChannel(`teahouse.tabs/1001/${id}`);
      channel.onmessage = ({ data }) => globalThis.heard[at].push(JSON.stringify(data));
      return channel;
    });
  }, ids);
  const heard = (at) => spy.evaluate((at) => globalThis.heard[at].join("\n"), at);
  await cho.post("for Ana's tabs");
  await eventually("Ana's tabs speak", async () => (await heard(0)).includes("for Ana's tabs"));

  await context.clearCookies();
  await context.addCookies([{ ...ben.browserCookie, url: server.url }]);
  await windows[1].open();
  for (const window of windows) {
    await window.isLive();
    await window.rail.getByText("Ben").waitFor();
  }
  await cho.post("for Ben's tabs");
  for (const window of windows) await agrees(window, ben);
  await eventually("Ben's tabs speak", async () => (await heard(1)).includes("for Ben's tabs"));
  assert.ok(!(await heard(0)).includes("for Ben's tabs"), "Ana's channel is silent");
  assert.ok(!(await heard(1)).includes("for Ana's tabs"));
  await eventually("one stream is open", () => streams(server).open === 1);
});
