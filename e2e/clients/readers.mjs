// The clients under test as programs that print one line of JSON per event, and the server they read from.

import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { python } from "../support/clients.mjs";
import { Program } from "../support/program.mjs";
import { BIN, startServer } from "../support/server.mjs";
import { eventually } from "../support/wait.mjs";

/** Reconnecting takes seconds, by design, and a test does it several times. */
const PATIENCE_MS = 60_000;

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const node = (name) => (url, token, test) => new Program(process.execPath, [here(name), url, token], { test });
const py = (name) => (url, token, test) => python([here(name), url, token], { test });

/** Other people's clients: each starts a program that reads `url` with `token`, and ends it with `test`. */
export const CLIENTS = {
  "curl -N": node("curl_client.mjs"),
  "npm eventsource": node("eventsource_client.mjs"),
  "PyPI httpx-sse": py("httpx_sse_client.py"),
  "PyPI sseclient-py": py("sseclient_py_client.py"),
};

/** A running client. */
export class Reader {
  #parsed = [];

  constructor(name, program) {
    this.name = name;
    this.program = program;
  }

  /** Every event so far: `{ event, id, data }`. */
  get events() {
    const lines = this.program.lines;
    for (let at = this.#parsed.length; at < lines.length; at++) this.#parsed.push(JSON.parse(lines[at]));
    return this.#parsed;
  }

  /** The data of the events of one kind. */
  of(kind) {
    return this.events.filter(({ event }) => event === kind).map(({ data }) => data);
  }

  /** The messages that were printed, in that order. */
  get messages() {
    return this.of("message_posted").map(({ message }) => message);
  }

  /** How its connections began: "live", "replay", "reset". */
  get resumes() {
    return this.of("hello").map(({ resume }) => resume);
  }

  /** Waits until `condition(this)` holds. */
  until(what, condition) {
    return this.program.lineCount(`${this.name}: ${what}`, () => condition(this), PATIENCE_MS);
  }

  /** Waits until a message was printed. */
  hasRead({ id, body }) {
    return this.until(`the message "${body}"`, ({ messages }) => messages.some((message) => message.id === id));
  }

  /** Waits until it was greeted `times` times. */
  isGreeted(times = 1) {
    return this.until(`${times} hello`, ({ resumes }) => resumes.length >= times);
  }
}

/** Starts one of `CLIENTS` in front of `url`. */
export function startReader(test, name, api, url = api.url) {
  return new Reader(name, CLIENTS[name](url, api.token, test));
}

/** A new server with a workspace, and its owner with a token. */
export async function openServer(test) {
  const server = await startServer({ test });
  await server.api().setUp();
  const api = server.api();
  await api.signIn("Ana", undefined, { as: "token" });
  return { server, api };
}

/** Posts as a careful client does: the same request again until there is an answer. Returns the message. */
export async function post(api, body) {
  const clientId = randomUUID();
  const posted = () => api.post(body, { clientId });
  const { message } = await eventually(`"${body}" is posted`, posted, { deadlineMs: PATIENCE_MS, everyMs: 50 });
  return message;
}

/** The environment of a person at a terminal, who is signed in to `url`. */
export async function home(server, api, url = api.url) {
  const file = join(server.dataDir, `${randomUUID()}.toml`);
  const lines = [`url = ${JSON.stringify(url)}`, `name = "Ana"`, `token = ${JSON.stringify(api.token)}`];
  await writeFile(file, lines.join("\n"), { mode: 0o600 });
  return ["--credentials", file];
}

/** Starts `teahouse tail --json`. */
export async function startTail(test, server, api, { args = [], url } = {}) {
  const words = ["tail", "--json", ...(await home(server, api, url)), ...args];
  return new Reader("teahouse tail", new Program(BIN, words, { test }));
}
