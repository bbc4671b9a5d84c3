// A client program under test: started beside the server, its lines of JSON read, its view compared with the server's.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** The programs: each prints one line of JSON per event. `command(url, token)` gives the words to run. */
export const CLIENTS = {
  "curl -N": (url, token) => [process.execPath, here("curl_client.mjs"), url, token],
  "npm eventsource": (url, token) => [process.execPath, here("eventsource_client.mjs"), url, token],
  "PyPI httpx-sse": (url, token) => [process.env.PYTHON, here("httpx_sse_client.py"), url, token],
  "PyPI sseclient-py": (url, token) => [process.env.PYTHON, here("sseclient_py_client.py"), url, token],
};

export class Reader {
  #process;
  #waiting = new Set();
  /** Every event so far, as printed. */
  events = [];
  errors = "";

  /** Starts a program; it ends with the test `t`. */
  static start(t, name, [program, ...args], env = {}) {
    const reader = new Reader();
    reader.name = name;
    reader.#process = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
    reader.#process.stderr.setEncoding("utf8").on("data", (text) => (reader.errors += text));
    createInterface(reader.#process.stdout).on("line", (line) => reader.#take(line));
    const ended = once(reader.#process, "close");
    t.after(async () => {
      reader.#process.kill("SIGKILL");
      await ended;
    });
    return reader;
  }

  #take(line) {
    this.events.push(JSON.parse(line));
    for (const check of this.#waiting) check();
  }

  /** Waits until `condition(this)` holds, at most 60 s. */
  async until(what, condition) {
    const { promise, resolve } = Promise.withResolvers?.() ?? withResolvers();
    const check = () => condition(this) && resolve(true);
    this.#waiting.add(check);
    check();
    const timer = setTimeout(() => resolve(false), 60_000);
    const held = await promise;
    clearTimeout(timer);
    this.#waiting.delete(check);
    const last = this.events.slice(-5).map((event) => JSON.stringify(event).slice(0, 200)).join("\n");
    assert.ok(held, `${this.name} waited in vain for ${what}; its last events:\n${last}\nits errors:\n${this.errors}`);
  }

  /** The events of one kind. */
  of(kind) {
    return this.events.filter(({ event }) => event === kind);
  }

  /** The messages that were printed, in that order. */
  get messages() {
    return this.of("message_posted").map(({ data }) => data.message);
  }
}

function withResolvers() {
  let resolve;
  const promise = new Promise((given) => (resolve = given));
  return { promise, resolve };
}
