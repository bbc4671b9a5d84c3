// Several tabs of one person in one browser, and which of them has the stream.

import assert from "node:assert/strict";

import { people } from "../support/api.mjs";
import { launchBrowser, newPage } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";
import { Window } from "./chat.mjs";

/** Pages of an address in the local network, on plain HTTP, have no Web Locks. */
const withoutLocks = () => Object.defineProperty(Navigator.prototype, "locks", { get: () => undefined });

/**
 * A browser with tabs of one person, all live.
 *
 * @param {import("node:test").TestContext} t
 * @param {number} count
 * @param {{ locks?: boolean, names?: string[] }} [options]
 */
export async function tabs(t, count, { locks = true, names = ["Ana", "Ben"] } = {}) {
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
export function streams(server) {
  const count = (what) => server.stderr.split(what).length - 1;
  return { opened: count("stream opened"), open: count("stream opened") - count("stream ended") };
}

/** The tab with the stream. */
export function leaderOf(windows) {
  const leaders = windows.filter((window) => window.streams > 0);
  assert.equal(leaders.length, 1, "one tab has opened a stream");
  return leaders[0];
}
