// The stream as docs/PROTOCOL.md describes it, seen from outside. The same checks hold on every way to a server: what a
// proxy adds, drops, collects or delays shows here.

import assert from "node:assert/strict";

import { SseReader, openChat } from "../support/sse.mjs";
import { eventually, within } from "../support/wait.mjs";

/** A delay that a person would notice and a slow test machine does not reach; a proxy that buffers takes 15 s and more. */
const AT_ONCE_MS = 3_000;

/** Time to notice that a reader has left: well before the next heartbeat, whose failure would show it in any case. */
const LEAVING_MS = 8_000;

/** A heartbeat (`HEARTBEAT_MS`) and its spread. */
const HEARTBEAT_MS = 20_000;

/** What clients and proxies have split or cut. */
const TEXTS = ["你好，茶馆 👨‍👩‍👧‍👦", "a\n\nevent: x\ndata: y\n\nid: z", "1\u2028 2\u2029 3\u0085 4", "x".repeat(16_384), "中".repeat(5_461)];

/** Cursors that name no place in the log. */
const NO_CURSORS = ["0", "-1", "nonsense", "zzzzzzzz.1", "7kq2m9xa.18446744073709551616", "٣", "a".repeat(4_000)];

const isMessage = (body) => (event) => event.event === "message_posted" && event.data.message.body === body;
const isTick = ({ event }) => event === "tick";
const bodies = (reader) => reader.events.filter(({ event }) => event === "message_posted").map(({ data }) => data.message.body);

/** A body that was never used. */
let count = 0;
const fresh = () => `message ${count++}`;

/** Each finds the place as the one before left it, with nobody else in it. @type {Record<string, (test: import("node:test").TestContext, place: import("./place.mjs").Place) => Promise<void>>} */
export const CHECKS = {
  async "§1 who is not signed in gets a problem, and no stream"(t, { visitor }) {
    const answer = await visitor().request("GET", "/chat");
    assert.equal(answer.status, 401);
    assert.equal(answer.headers.get("content-type"), "application/problem+json");
    assert.equal(answer.body.code, "not_signed_in");
  },

  async "§1 a page of another site gets no stream"(t, { ana }) {
    const answer = await ana.request("GET", "/chat", undefined, { origin: "https://evil.example" });
    assert.deepEqual([answer.status, answer.body.code], [403, "cross_site"]);
    assert.equal(answer.headers.get("access-control-allow-origin"), null);
  },

  async "§2 the head says what it is, and that nobody may keep or change it"(t, { ana }) {
    const headers = { ...ana.headers, "accept-encoding": "gzip, br, zstd" };
    const { response } = await SseReader.open(`${ana.url}/chat`, { headers, fetch: ana.fetch, test: t });
    assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
    assert.equal(response.headers.get("cache-control"), "no-cache, no-store, no-transform");
    assert.equal(response.headers.get("content-encoding"), null);
    assert.equal(response.headers.get("content-length"), null);
    assert.match(response.headers.get("content-security-policy"), /default-src 'none'/);
  },

  async "§2 HEAD gets the same head and no body"(t, { ana }) {
    const get = await openChat(ana, { test: t });
    const head = await within("the answer to HEAD", ana.fetch(`${ana.url}/chat`, { method: "HEAD", headers: ana.headers }));
    assert.equal(head.status, 200);
    for (const name of ["content-type", "cache-control"]) {
      assert.equal(head.headers.get(name), get.response.headers.get(name));
    }
  },

  async "§2 the first bytes come at once"(t, { ana }) {
    const asked = performance.now();
    const reader = await openChat(ana, { test: t });
    const hello = await reader.next("hello", () => true);
    assert.ok(hello.at - asked < AT_ONCE_MS, `${hello.at - asked} ms`);
    t.diagnostic(`first event after ${Math.round(hello.at - asked)} ms`);
  },

  async "§2 each event arrives before the next is posted"(t, { ana }) {
    const reader = await openChat(ana, { test: t });
    await reader.next("the state", ({ event }) => event === "state");
    const delays = [];
    for (let i = 0; i < 20; i++) {
      const [body, sent] = [fresh(), performance.now()];
      await ana.post(body);
      const event = await reader.next(`"${body}" before the next is posted`, isMessage(body), AT_ONCE_MS);
      delays.push(event.at - sent);
    }
    t.diagnostic(`slowest of 20: ${Math.round(Math.max(...delays))} ms`);
  },

  async "§2 texts arrive whole and unchanged"(t, { ana }) {
    const reader = await openChat(ana, { test: t });
    await reader.next("hello", () => true);
    for (const text of TEXTS) {
      await ana.post(text);
      await reader.next(`the text of ${text.length} characters`, isMessage(text));
    }
  },

  async "§3 a reader that was cut gets what it missed, once and in order"(t, { ana }) {
    const first = await openChat(ana, { test: t });
    const known = fresh();
    await ana.post(known);
    await first.next("the last one before the cut", isMessage(known));
    first.close();
    const missed = Array.from({ length: 50 }, fresh);
    for (const body of missed) await ana.post(body);
    for (const where of [{ lastEventId: first.lastId }, { after: first.lastId }]) {
      const reader = await resumes(t, ana, where, missed);
      assert.equal(reader.events[0].data.resume, "replay");
    }
  },

  async "§3 an empty cursor counts as absent, and one that names no place gets a reset"(t, { ana }) {
    const resumed = async (where) => {
      const reader = await openChat(ana, { ...where, test: t });
      const { data } = await reader.next("hello", () => true);
      reader.close();
      return data.resume;
    };
    assert.equal(await resumed({ lastEventId: "" }), "live");
    assert.equal(await resumed({ after: "" }), "live");
    for (const after of NO_CURSORS) assert.equal(await resumed({ after }), "reset", after.slice(0, 40));
  },

  async "§5 hello is first, then the state, which has no id"(t, { ana }) {
    const reader = await openChat(ana, { test: t });
    await reader.next("the state", ({ event }) => event === "state");
    const [hello, state] = reader.events;
    assert.deepEqual([hello.event, hello.data.protocol, hello.data.resume, hello.retry], ["hello", 1, "live", 2000]);
    assert.match(hello.id, /^[0-9a-z]{8}\.\d+$/);
    assert.deepEqual([state.event, state.id], ["state", undefined]);
  },

  async "§6 a quiet stream ticks, and counts what it sent"(t, { ana }) {
    const reader = await openChat(ana, { test: t });
    const tick = await reader.next("a tick", isTick, HEARTBEAT_MS);
    const facts = reader.events.filter(({ event, id }) => id !== undefined && !["hello", "tick"].includes(event));
    assert.equal(tick.data.sent, facts.length);
  },

  async "§9 a burst arrives in order"(t, { ana }) {
    const reader = await openChat(ana, { test: t });
    await reader.next("hello", () => true);
    const posted = await Promise.all(Array.from({ length: 100 }, () => ana.post(fresh())));
    const order = posted.map(({ message }) => message).sort((a, b) => a.offset - b.offset);
    await reader.next("the last of the burst", isMessage(order.at(-1).body));
    const mine = new Set(order.map(({ body }) => body));
    assert.deepEqual(bodies(reader).filter((body) => mine.has(body)), order.map(({ body }) => body));
  },

  async "whoever leaves is gone from the server too"(t, { ana, openStreams }) {
    await eventually("nobody reads", async () => (await openStreams()) === 0, { deadlineMs: LEAVING_MS });
    const readers = [await openChat(ana, { test: t }), await openChat(ana, { test: t })];
    await eventually("both are counted", async () => (await openStreams()) === 2);
    for (const reader of readers) reader.close();
    await eventually("both are gone", async () => (await openStreams()) === 0, { deadlineMs: LEAVING_MS });
  },

  async "§7 a server that stops says so, and the reader goes on where it was"(t, { ana, server }) {
    const reader = await openChat(ana, { test: t });
    const [before, after] = [fresh(), fresh()];
    await ana.post(before);
    await reader.next("the last one before the stop", isMessage(before));
    await server.restart("SIGTERM");
    const bye = await reader.next("bye", ({ event }) => event === "bye");
    assert.equal(bye.data.reason, "shutdown");
    await within("the end of the stream", reader.ended);
    await eventually("posting works again", () => ana.post(after));
    await resumes(t, ana, { lastEventId: reader.lastId }, [after]);
  },

  async "§3 a front that starts anew loses nothing"(t, { ana, front, server }) {
    const reader = await openChat(ana, { test: t });
    const [before, after] = [fresh(), fresh()];
    await ana.post(before);
    await reader.next("the last one before the cut", isMessage(before));
    await (front === server ? server.restart("SIGKILL") : front.restart());
    await within("the end of the stream", reader.ended);
    await eventually("posting works again", () => ana.post(after));
    await resumes(t, ana, { lastEventId: reader.lastId }, [after]);
  },
};

/**
 * Fails unless a stream that begins at a cursor brings exactly `missed`. A single fact may come live: a server that has
 * just acknowledged it may greet before its fan-out has read it.
 */
async function resumes(t, ana, where, missed) {
  const reader = await openChat(ana, { ...where, test: t });
  await reader.next("the last one missed", isMessage(missed.at(-1)));
  assert.notEqual(reader.events[0].data.resume, "reset");
  assert.deepEqual(bodies(reader), missed);
  return reader;
}
