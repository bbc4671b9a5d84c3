// A Teahouse of its own for a test: started, killed, started again at the same address, and posted to.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { copyFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const NAME = "ana";
const PASSWORD = "a long enough password";

export class Server {
  #process;
  #errors = "";
  url;
  token;

  constructor(directory) {
    this.directory = directory;
    this.data = join(directory, "data");
  }

  /** Starts a server on an empty directory, opens the workspace and signs in. It ends with the test `t`. */
  static async open(t) {
    const server = new Server(await mkdtemp(join(tmpdir(), "teahouse-clients-")));
    t.after(async () => {
      await server.end("SIGKILL");
      await rm(server.directory, { recursive: true, force: true });
    });
    await server.start();
    await server.#call("POST", "/api/setup", { workspace: "Kitchen", name: NAME, password: PASSWORD });
    ({ token: server.token } = await server.#call("POST", "/api/session", { name: NAME, password: PASSWORD, as: "token" }));
    return server;
  }

  /** Starts it, the second time on at the address it had. Returns when it listens. */
  async start() {
    const listen = this.url === undefined ? "127.0.0.1:0" : new URL(this.url).host;
    this.#process = spawn(process.env.TEAHOUSE_BIN, ["serve", "--listen", listen, "--data", this.data], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process.stderr.setEncoding("utf8").on("data", (text) => (this.#errors += text));
    const lines = createInterface(this.#process.stdout);
    const ended = once(this.#process, "exit").then(() => undefined);
    const line = await Promise.race([once(lines, "line").then(([first]) => first), ended]);
    const url = /^listening on (http:\/\/\S+)$/.exec(line ?? "")?.[1];
    assert.ok(url, `the server did not start: ${line}\n${this.#errors}`);
    this.url = url.replace(/\/$/, "");
  }

  /** Ends it with a signal, if it runs, and waits for its end. */
  async end(signal) {
    if (this.#process === undefined || this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.kill(signal);
    await ended;
  }

  /** Copies the database file of the stopped server to `to`. */
  async copyDatabase(to) {
    await copyFile(await this.#database(), to);
  }

  /** Puts an older copy in the place of the stopped server's database, as a restored backup would. */
  async restoreDatabase(from) {
    const database = await this.#database();
    await copyFile(from, database);
    await rm(`${database}-wal`, { force: true });
    await rm(`${database}-shm`, { force: true });
  }

  /** Posts until there is a definite answer, as a careful client does; returns the message as the server has it. */
  async post(body, room = "general") {
    const client_id = randomUUID();
    for (const deadline = Date.now() + 30_000; ; await sleep(50)) {
      const answer = await this.#call("POST", `/api/rooms/${room}/messages`, { client_id, body }).catch((error) => {
        // Nobody listens, the answer was lost, or the server is starting: the same request again is the same message.
        if (error instanceof assert.AssertionError || Date.now() > deadline) throw error;
      });
      if (answer !== undefined) return answer.message;
    }
  }

  /** The whole history of a room, oldest first. */
  async history(room = "general") {
    const messages = [];
    for (let after = 0, more = true; more; ) {
      const page = await this.#call("GET", `/api/rooms/${room}/messages?after=${after}&limit=100`);
      messages.push(...page.messages);
      more = page.more_after;
      after = page.messages.at(-1)?.offset;
    }
    return messages;
  }

  async #call(method, path, body) {
    const headers = {};
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (this.token !== undefined) headers.Authorization = `Bearer ${this.token}`;
    const init = { method, headers, body: JSON.stringify(body), signal: AbortSignal.timeout(5_000) };
    const response = await fetch(this.url + path, init);
    const text = await response.text();
    if (response.status >= 500 || response.status === 429) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  async #database() {
    const files = (await readdir(this.data)).filter((name) => /\.(db|sqlite3?)$/.test(name));
    assert.equal(files.length, 1, `one database in ${this.data}: ${files}`);
    return join(this.data, files[0]);
  }
}
