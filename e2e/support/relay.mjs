// An HTTP proxy between pages and the server: one that collects answers before it passes them on, or changes what they say.

import { once } from "node:events";
import { createServer, request } from "node:http";

/** A proxy in front of one server. What is set holds for answers that begin later. */
export class Relay {
  #target;
  #listener;

  /** Passes an answer on only when it is complete, as nginx does with `proxy_buffering on` and a large buffer. */
  collects = false;

  /** Changes each piece of a stream. @type {((text: string) => string) | undefined} */
  rewrite;

  /** Every address that was asked for, in order. @type {string[]} */
  asked = [];

  constructor(target) {
    this.#target = new URL(target);
  }

  /** `http://127.0.0.1:PORT`, where pages connect instead. */
  get url() {
    return `http://127.0.0.1:${this.#listener.address().port}`;
  }

  async listen() {
    this.#listener = createServer((incoming, outgoing) => this.#pass(incoming, outgoing));
    this.#listener.listen(0, "127.0.0.1");
    await once(this.#listener, "listening");
  }

  /** Ends every stream that is open; browsers come back. */
  cut() {
    this.#listener.closeAllConnections();
  }

  async close() {
    this.cut();
    this.#listener.close();
  }

  #pass(incoming, outgoing) {
    this.asked.push(incoming.url);
    const { hostname, port } = this.#target;
    const onward = request({ hostname, port, path: incoming.url, method: incoming.method, headers: incoming.headers }, (answer) => {
      const stream = (answer.headers["content-type"] ?? "").startsWith("text/event-stream");
      const change = (bytes) => (stream && this.rewrite ? Buffer.from(this.rewrite(bytes.toString())) : bytes);
      if (stream && this.collects) {
        const kept = [];
        answer.on("data", (bytes) => kept.push(change(bytes)));
        answer.on("end", () => outgoing.writeHead(answer.statusCode, answer.headers).end(Buffer.concat(kept)));
      } else {
        outgoing.writeHead(answer.statusCode, answer.headers).flushHeaders();
        answer.on("data", (bytes) => outgoing.write(change(bytes)));
        answer.on("end", () => outgoing.end());
      }
      answer.on("error", () => outgoing.destroy());
    });
    onward.on("error", () => outgoing.destroy());
    outgoing.on("close", () => onward.destroy());
    incoming.pipe(onward);
  }
}

/**
 * A relay in front of `server`, taking connections.
 *
 * @param {{ url: string }} server
 * @param {{ test?: import("node:test").TestContext }} [options] `test`: closes it with the test
 */
export async function startRelay(server, { test } = {}) {
  const relay = new Relay(server.url);
  await relay.listen();
  test?.after(() => relay.close());
  return relay;
}
