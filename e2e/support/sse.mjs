// The stream, byte by byte: a reader of text/event-stream (WHATWG HTML §9.2.6) that hides nothing from a test.

import { DEADLINE_MS, within } from "./wait.mjs";

/**
 * One event as it came. `data` is parsed when it is JSON; `at` is when it arrived (`performance.now()`).
 *
 * @typedef {{ event: string, id: string | undefined, retry: number | undefined, data: any, at: number }} SseEvent
 */

/** An open `GET /chat`. Every event is kept; `next` waits for those that are yet to come. */
export class SseReader {
  /** @type {SseEvent[]} */
  events = [];
  #abort = new AbortController();
  #wakers = new Set();
  #ended = false;

  /**
   * Opens the stream and returns as soon as its head is there.
   *
   * @param {string} url the address of the stream
   * @param {{ headers?: Record<string, string>, lastEventId?: string, fetch?: typeof fetch, test?: import("node:test").TestContext }} [options]
   */
  static async open(url, { headers = {}, lastEventId, fetch = globalThis.fetch, test } = {}) {
    const reader = new SseReader();
    test?.after(() => reader.close());
    const resume = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
    const accept = { accept: "text/event-stream", "cache-control": "no-cache" };
    const answer = fetch(url, { headers: { ...accept, ...headers, ...resume }, signal: reader.#abort.signal });
    reader.response = await within(`the head of ${url}`, answer);
    if (reader.response.status !== 200) {
      throw new Error(`GET ${url}: ${reader.response.status} ${await reader.response.text()}`);
    }
    /** Settles when the stream is over, whoever ended it. */
    reader.ended = reader.#read();
    return reader;
  }

  /** The id to resume from: that of the last event that had one. */
  get lastId() {
    return this.events.findLast((event) => event.id !== undefined)?.id;
  }

  /**
   * The first event, past or future, that `wanted` accepts.
   *
   * @param {string} what
   * @param {(event: SseEvent) => unknown} wanted
   * @param {number} [deadlineMs]
   */
  async next(what, wanted, deadlineMs = DEADLINE_MS) {
    const until = performance.now() + deadlineMs;
    for (;;) {
      const found = this.events.find(wanted);
      if (found) return found;
      if (this.#ended) throw new Error(`the stream ended before ${what}`);
      const arrival = new Promise((resolve) => this.#wakers.add(resolve));
      await within(what, arrival, Math.max(until - performance.now(), 0));
    }
  }

  /** Closes the stream from this side. */
  close() {
    this.#abort.abort();
  }

  async #read() {
    const decoder = new TextDecoder();
    let rest = "";
    try {
      for await (const chunk of this.response.body) {
        rest += decoder.decode(chunk, { stream: true });
        const blocks = rest.split("\n\n");
        rest = blocks.pop();
        for (const block of blocks) this.#take(block);
      }
    } catch (error) {
      // Cut, here or over there: for a reader of streams an end like any other.
      if (!(error instanceof TypeError) && error.name !== "AbortError") throw error;
    } finally {
      this.#ended = true;
      this.#wake();
    }
  }

  #take(block) {
    const fields = { data: [] };
    for (const line of block.split("\n")) {
      const colon = line.indexOf(":");
      if (colon === 0) continue; // a comment
      const name = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (name === "data") fields.data.push(value);
      else fields[name] = value;
    }
    if (fields.data.length === 0) return; // `retry` alone is no event
    const text = fields.data.join("\n");
    let data = text;
    try {
      data = JSON.parse(text);
    } catch {
      // Not ours then; the test sees the text.
    }
    const retry = fields.retry === undefined ? undefined : Number(fields.retry);
    this.events.push({ event: fields.event ?? "message", id: fields.id, retry, data, at: performance.now() });
    this.#wake();
  }

  #wake() {
    for (const waker of this.#wakers) waker();
    this.#wakers.clear();
  }
}

/**
 * Opens `GET /chat` as the person of `api`.
 *
 * @param {import("./api.mjs").Api} api
 * @param {{ lastEventId?: string, after?: string, test?: import("node:test").TestContext }} [options]
 */
export function openChat(api, { lastEventId, after, test } = {}) {
  const query = after === undefined ? "" : `?after=${encodeURIComponent(after)}`;
  return SseReader.open(`${api.url}/chat${query}`, { headers: api.headers, lastEventId, fetch: api.fetch, test });
}
