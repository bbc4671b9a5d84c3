// A program whose lines are read while it runs: the server, the terminal client, clients in other languages.

import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

import { DEADLINE_MS, within } from "./wait.mjs";

/** How much of what a program wrote to standard error is kept for error texts, in characters. */
const STDERR_KEPT = 64 * 1024;

/** A running program. Its lines on standard output are kept; `line` waits for one. */
export class Program {
  #child;
  #lines = [];
  #stderr = "";
  #wakers = new Set();
  #name;

  /** Whether it has ended. */
  hasEnded = false;

  /**
   * @param {string} command
   * @param {string[]} args
   * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, input?: string | null, test?: import("node:test").TestContext }} [options]
   *   `input` is written to standard input, which is then closed; `null` leaves it open for `write`. `test`: ends the
   *   program with the test.
   */
  constructor(command, args, { env = process.env, cwd, input = "", test } = {}) {
    this.#name = [command.split("/").at(-1), ...args].join(" ");
    this.#child = spawn(command, args, { env, cwd, stdio: ["pipe", "pipe", "pipe"] });
    /** @type {Promise<{ code: number | null, signal: NodeJS.Signals | null }>} */
    this.exited = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        this.#stderr += `${error}\n`;
        resolve({ code: null, signal: null });
      });
      // "close", not "exit": the last lines are read by then.
      this.#child.once("close", (code, signal) => resolve({ code, signal }));
    });
    this.exited.then(() => {
      this.hasEnded = true;
      this.#wake();
    });
    this.#child.stdin.on("error", () => {}); // it may end before it has read its input
    if (input !== null) this.#child.stdin.end(input);
    this.#child.stderr.setEncoding("utf8").on("data", (text) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT);
    });
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      this.#lines.push(line);
      this.#wake();
    });
    test?.after(() => this.end("SIGKILL"));
  }

  /** Process id. */
  get pid() {
    return this.#child.pid;
  }

  /** The lines written to standard output so far. */
  get lines() {
    return [...this.#lines];
  }

  /** What was written to standard error so far (its end, if it is long). */
  get stderr() {
    return this.#stderr;
  }

  /** Writes to standard input; the program was started with `input: null`. */
  write(text) {
    this.#child.stdin.write(text);
  }

  /** Closes standard input. */
  closeInput() {
    this.#child.stdin.end();
  }

  /**
   * The first line, past or future, that `wanted` accepts; fails when the program ends without one.
   *
   * @param {string} what
   * @param {(line: string) => unknown} wanted
   * @param {number} [deadlineMs]
   */
  async line(what, wanted, deadlineMs = DEADLINE_MS) {
    await this.lineCount(what, (lines) => lines.some(wanted), deadlineMs);
    return this.#lines.find(wanted);
  }

  /**
   * Waits until the lines so far satisfy `enough`, and returns them; fails when the program ends before.
   *
   * @param {string} what
   * @param {(lines: string[]) => unknown} enough
   * @param {number} [deadlineMs]
   */
  async lineCount(what, enough, deadlineMs = DEADLINE_MS) {
    const until = performance.now() + deadlineMs;
    for (;;) {
      if (enough(this.#lines)) return this.lines;
      if (this.hasEnded) throw new Error(`${this.#name} ended before ${what}\n${this.#report()}`);
      const left = until - performance.now();
      const next = new Promise((resolve) => this.#wakers.add(resolve));
      await within(what, next, Math.max(left, 0)).catch((error) => {
        throw new Error(`${error.message}\n${this.#report()}`);
      });
    }
  }

  /**
   * Sends a signal and waits for the end.
   *
   * @param {NodeJS.Signals} [signal]
   */
  async end(signal = "SIGTERM") {
    this.#child.kill(signal);
    return within(`${this.#name} ends on ${signal}`, this.exited);
  }

  #wake() {
    for (const waker of this.#wakers) waker();
    this.#wakers.clear();
  }

  #report() {
    return `--- standard output\n${this.#lines.slice(-40).join("\n")}\n--- standard error\n${this.#stderr}`;
  }
}

/**
 * Runs a program to its end.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {ConstructorParameters<typeof Program>[2] & { deadlineMs?: number }} [options]
 */
export async function run(command, args, { deadlineMs = DEADLINE_MS, ...options } = {}) {
  const program = new Program(command, args, options);
  const { code, signal } = await within(`${command} ends`, program.exited, deadlineMs);
  return { code, signal, lines: program.lines, stderr: program.stderr };
}

/** Ports below those that the kernel gives to outgoing connections, one of which could take the port before its owner does. */
const PORTS = { first: 10_000, count: 22_000 };

/** A port on which nobody listens at the moment. */
export async function freePort() {
  for (;;) {
    const port = PORTS.first + randomInt(PORTS.count);
    const server = createServer();
    const isFree = await new Promise((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}
