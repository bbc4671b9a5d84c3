// A TCP proxy that breaks things: the bad network between a client and the server.

import { once } from "node:events";
import { connect, createServer } from "node:net";

/** Both ways of a connection: `down` from the server to the client, `up` from the client to the server. */
const WAYS = ["up", "down"];

/** A proxy in front of one server. Its faults hold for connections that exist and for those to come. */
export class FaultProxy {
  #target;
  #listener;
  #links = new Set();
  #frozen = new Set();
  #delayMs = { up: 0, down: 0 };
  #leftDown = Infinity;

  constructor(target) {
    this.#target = new URL(target);
  }

  /** `http://127.0.0.1:PORT`, where clients connect instead. */
  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** How many connections are open. */
  get connections() {
    return this.#links.size;
  }

  /** Takes connections, after the first time on the same port. */
  async accept() {
    if (this.#listener) return;
    this.#listener = createServer((client) => this.#connect(client));
    this.#listener.listen(this.port ?? 0, "127.0.0.1");
    await once(this.#listener, "listening");
    this.port = this.#listener.address().port;
  }

  /** Takes no connections any more (clients get "connection refused"); those that exist stay. */
  async refuse() {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.close(); // its "close" comes only when the last connection has ended
  }

  /** Resets every connection, both sides, in the middle of whatever they are at. */
  cut() {
    for (const { client, server } of this.#links) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  /** Ends the connection on which the last of `bytes` more bytes goes down, so that an event can be cut in half. */
  cutAfter(bytes) {
    this.#leftDown = bytes;
  }

  /** Nothing moves one way (`"down"`, `"up"`), or both, and nobody is told: a dead link that looks alive. */
  freeze(...ways) {
    for (const way of ways.length ? ways : WAYS) this.#frozen.add(way);
    this.#flow();
  }

  /** Ends `freeze`; what waited arrives. */
  thaw() {
    this.#frozen.clear();
    this.#flow();
  }

  /** Everything arrives this much later, in order. */
  delay(ms, ...ways) {
    for (const way of ways.length ? ways : WAYS) this.#delayMs[way] = ms;
  }

  /** Ends everything. */
  async close() {
    await this.refuse();
    this.cut();
  }

  #connect(client) {
    const server = connect(Number(this.#target.port), this.#target.hostname);
    const link = { client, server };
    this.#links.add(link);
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on("error", () => {}); // "close" follows, and ends the other side
      socket.on("close", () => {
        this.#links.delete(link);
        client.destroy();
        server.destroy();
      });
    }
    this.#forward(client, server, "up");
    this.#forward(server, client, "down");
    this.#flow();
  }

  #forward(from, to, way) {
    const later = (act) => (this.#delayMs[way] > 0 ? setTimeout(act, this.#delayMs[way]) : act());
    from.on("data", (bytes) => {
      later(() => {
        if (to.destroyed) return;
        const allowed = way === "down" ? this.#spend(bytes) : bytes;
        if (!to.write(allowed)) {
          from.pause();
          to.once("drain", () => this.#flow());
        }
        if (allowed.length < bytes.length) to.end(() => from.destroy());
      });
    });
    from.on("end", () => later(() => to.end()));
  }

  /** As many of the bytes as may still go down. */
  #spend(bytes) {
    const allowed = bytes.subarray(0, this.#leftDown);
    this.#leftDown -= allowed.length;
    if (allowed.length < bytes.length) this.#leftDown = Infinity; // one cut for one call
    return allowed;
  }

  /** Pauses what is frozen and resumes the rest. */
  #flow() {
    for (const { client, server } of this.#links) {
      for (const [from, way] of [[client, "up"], [server, "down"]]) {
        if (this.#frozen.has(way)) from.pause();
        else from.resume();
      }
    }
  }
}

/**
 * A proxy in front of `target`, taking connections.
 *
 * @param {string | { url: string }} target
 * @param {{ test?: import("node:test").TestContext }} [options] `test`: closes the proxy with the test
 */
export async function startProxy(target, { test } = {}) {
  const proxy = new FaultProxy(typeof target === "string" ? target : target.url);
  await proxy.accept();
  test?.after(() => proxy.close());
  return proxy;
}
