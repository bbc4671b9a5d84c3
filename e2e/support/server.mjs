// The shipped executable, started, killed and started again.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Api } from "./api.mjs";
import { Program } from "./program.mjs";

/** The executable under test: `cargo xtask test` builds it and names it. */
export const BIN = process.env.TEAHOUSE_BIN;

/** The line on standard output that says that the server takes connections. */
const READY = /^listening on https?:\/\/\S+:(\d+)$/;

/** Options of the server that the surroundings may not slip in. */
const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("TEAHOUSE_")));

/** A server with its data directory, which it keeps over restarts. */
export class Server {
  /** @type {Program} */
  #program;
  #options;

  constructor(options) {
    this.#options = options;
    this.dataDir = options.dataDir;
    this.port = options.port ?? 0;
  }

  /** `http://127.0.0.1:PORT`, or `https` where the options name a certificate. */
  get url() {
    const scheme = this.#options.args?.includes("--tls-cert") ? "https" : "http";
    return `${scheme}://127.0.0.1:${this.port}`;
  }

  /** Everything the running process has logged. */
  get stderr() {
    return this.#program.stderr;
  }

  /** Process id of the running process. */
  get pid() {
    return this.#program.pid;
  }

  /** Resolves with `{ code, signal }` when the running process ends. */
  get exited() {
    return this.#program.exited;
  }

  /** A client of the interface that nobody is signed in with yet. */
  api() {
    return new Api(this.url);
  }

  /** Starts a process and waits until it takes connections; after the first time on the same port. */
  async start() {
    if (!BIN) throw new Error("TEAHOUSE_BIN does not name the executable: run `cargo xtask test --only browser`");
    const { args = [], env = {} } = this.#options;
    const listen = ["--listen", `127.0.0.1:${this.port}`, "--data", this.dataDir];
    this.#program = new Program(BIN, ["serve", ...listen, ...args], { env: { ...clean, ...env } });
    const line = await this.#program.line("the server listens", (text) => READY.test(text));
    this.port = Number(READY.exec(line)[1]);
    return this;
  }

  /** Ends it as a power cut would (`SIGKILL`), or politely. @param {NodeJS.Signals} [signal] */
  async kill(signal = "SIGKILL") {
    return this.#program.end(signal);
  }

  /** Ends it and starts it again on the same port and data. @param {NodeJS.Signals} [signal] */
  async restart(signal = "SIGTERM") {
    await this.kill(signal);
    return this.start();
  }

  /** Ends it and removes its data, unless the data directory was given. */
  async close() {
    await this.kill("SIGKILL");
    if (!this.#options.keepData) await rm(this.dataDir, { recursive: true, force: true });
  }
}

/**
 * A running server on a free port with an empty data directory, unless told otherwise.
 *
 * @param {{ test?: import("node:test").TestContext, port?: number, dataDir?: string, args?: string[], env?: NodeJS.ProcessEnv }} [options]
 *   `test`: closes the server with the test.
 */
export async function startServer({ test, port, dataDir, args, env } = {}) {
  const own = dataDir ?? (await mkdtemp(join(tmpdir(), "teahouse-e2e-")));
  const server = new Server({ port, dataDir: own, args, env, keepData: dataDir !== undefined });
  try {
    await server.start();
  } finally {
    test?.after(() => server.close());
  }
  return server;
}
