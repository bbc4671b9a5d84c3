// A way to the server on which a replay does not come to its end: the tick that ends it is held back, and so is what follows.

import { once } from "node:events";
import { createServer, request } from "node:http";

/** What ends a replay (docs/PROTOCOL.md §6). */
const TICK = "event: tick\n";

/** Passes requests on to one server. Its faults hold for streams that begin after them. */
export class ReplayHolder {
  #target;
  #listener;
  #isHolding = false;
  #held = new Set();

  constructor(target) {
    this.#target = new URL(target);
  }

  /** `http://127.0.0.1:PORT`, where clients connect instead. */
  get url() {
    return `http://127.0.0.1:${this.#listener.address().port}`;
  }

  /** Takes connections. */
  async accept() {
    this.#listener = createServer((asked, answer) => this.#pass(asked, answer)).listen(0, "127.0.0.1");
    await once(this.#listener, "listening");
    return this;
  }

  /** Cuts every connection, and holds back the end of what comes next. */
  hold() {
    this.#isHolding = true;
    this.#listener.closeAllConnections();
  }

  /** Lets go what is held. */
  release() {
    this.#isHolding = false;
    for (const letGo of this.#held) letGo();
    this.#held.clear();
  }

  /** Ends everything. */
  close() {
    this.#listener.close();
    this.#listener.closeAllConnections();
  }

  #pass(asked, answer) {
    const { hostname, port } = this.#target;
    const { method, url: path, headers } = asked;
    const passed = request({ hostname, port, method, path, headers }, (response) => {
      answer.writeHead(response.statusCode, response.headers);
      answer.flushHeaders();
      response.on("data", this.#isHolding && path.startsWith("/chat") ? this.#holding(answer) : (bytes) => answer.write(bytes));
      response.on("end", () => answer.end());
    });
    passed.on("error", () => answer.destroy());
    answer.on("close", () => passed.destroy());
    asked.pipe(passed);
  }

  /** Takes the bytes of a stream, and writes those before the first tick. */
  #holding(answer) {
    let kept = "";
    let isThrough = false;
    this.#held.add(() => {
      isThrough = true;
      answer.write(kept, "latin1");
    });
    return (bytes) => {
      if (isThrough) return answer.write(bytes);
      kept += bytes.toString("latin1");
      const at = kept.indexOf(TICK);
      const now = at < 0 ? kept.lastIndexOf("\n\n") + 2 : at;
      if (now > 1) answer.write(kept.slice(0, now), "latin1");
      kept = kept.slice(Math.max(now, 0));
      return undefined;
    };
  }
}
