// The real Caddy in front of a server, with the Caddyfile of `deploy/`.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { certificate } from "./certificate.mjs";
import { canConnect } from "./nginx.mjs";
import { Program, freePort } from "./program.mjs";
import { scratch } from "./scratch.mjs";
import { eventually } from "./wait.mjs";

/** The executable: `cargo xtask test` finds it and names it. */
const CADDY = process.env.CADDY;

/** What operators are told to use. */
const RECIPE = new URL("../../deploy/caddy/Caddyfile", import.meta.url);

/** Keeps Caddy from asking the world for a certificate, and from ports that are not ours. */
const SURROUNDINGS = `{
	admin off
	auto_https disable_redirects
	servers {
		protocols h1 h2
	}
	log {
		level WARN
	}
}
`;

/** Caddy with a directory of its own. It keeps its port over restarts. */
export class Caddy {
  name = "Caddy";
  #program;

  constructor(home, port) {
    this.home = home;
    this.port = port;
    /** Where clients connect. */
    this.url = `https://localhost:${port}`;
  }

  /** Starts it and waits until it takes connections. */
  async start() {
    const args = ["run", "--adapter", "caddyfile", "--config", join(this.home, "Caddyfile")];
    const env = { ...process.env, HOME: this.home, XDG_DATA_HOME: this.home, XDG_CONFIG_HOME: this.home };
    this.#program = new Program(CADDY, args, { env });
    await eventually("Caddy takes connections", () => this.#program.hasEnded || canConnect(this.port));
    if (this.#program.hasEnded) throw new Error(`Caddy does not start:\n${this.#program.stderr}`);
    return this;
  }

  /** Ends it at once, with every connection: asked politely, it waits for open streams. */
  async stop() {
    if (!this.#program.hasEnded) await this.#program.end("SIGKILL");
  }

  /** Ends it and starts it again on the same port. */
  async restart() {
    await this.stop();
    return this.start();
  }
}

/**
 * Caddy in front of `server`; it ends with the test.
 *
 * @param {{ port: number }} server
 * @param {{ test: import("node:test").TestContext }} options
 */
export async function startCaddy(server, { test }) {
  if (!CADDY) throw new Error("CADDY does not name the proxy: run `cargo xtask test --only browser`");
  const home = await scratch(test, "caddy");
  const caddy = new Caddy(home, await freePort());
  const { cert, key } = await certificate(home);
  caddy.ca = await readFile(cert, "utf8");
  const site = (await readFile(RECIPE, "utf8"))
    .replace("chat.example.org {", `${caddy.url} {\n\ttls ${cert} ${key}`)
    .replaceAll("127.0.0.1:8080", `127.0.0.1:${server.port}`);
  await writeFile(join(home, "Caddyfile"), SURROUNDINGS + site);
  await caddy.start();
  test.after(() => caddy.stop());
  return caddy;
}
