// The real nginx in front of a server, with a configuration from `deploy/` or from `fixtures/`.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { certificate } from "./certificate.mjs";
import { Program, freePort } from "./program.mjs";
import { scratch } from "./scratch.mjs";
import { eventually } from "./wait.mjs";

/** The executable: `cargo xtask test` finds it and names it. */
const NGINX = process.env.NGINX;

/** What operators are told to use. */
export const RECIPE = new URL("../../deploy/nginx/teahouse.conf", import.meta.url);

/** One that holds the stream back; plain HTTP. */
export const BUFFERING = new URL("../fixtures/nginx-buffering.conf", import.meta.url);

/** Plain HTTP; keeps everything that it is not forbidden to keep. */
export const CACHING = new URL("../fixtures/nginx-caching.conf", import.meta.url);

/** What surrounds a site's configuration, as in /etc/nginx/nginx.conf. Everything is kept in `home`. */
const surroundings = (home) => `
daemon off;
${process.getuid() === 0 ? "user root root;" : ""}
worker_processes 1;
pid ${home}/nginx.pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
    access_log off;
    ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${home}/${name};`).join(" ")}
    gzip on;
    gzip_types *;
    include ${home}/site.conf;
}
`;

/**
 * A site's configuration with this machine's addresses in place of those of the text: the ports, the name, the
 * certificate and the server. Everything else stays as operators get it.
 *
 * @param {string} text
 * @param {{ server: { port: number }, ports: { 80: number, 443: number }, home: string, certificate: { cert: string, key: string } }} here
 */
export function localised(text, { server, ports, home, certificate: { cert, key } }) {
  return text
    .replace(/^ *listen \[::\].*$/gm, "")
    .replace(/listen (80|443)\b/g, (_, port) => `listen 127.0.0.1:${ports[port]}`)
    .replaceAll("127.0.0.1:8080", `127.0.0.1:${server.port}`)
    .replaceAll("chat.example.org", "localhost")
    .replaceAll("/var/cache/nginx", home)
    .replace(/ssl_certificate .*;/, `ssl_certificate ${cert};`)
    .replace(/ssl_certificate_key .*;/, `ssl_certificate_key ${key};`);
}

/** nginx with a directory of its own. It keeps its ports over restarts. */
export class Nginx {
  name = "nginx";
  #program;

  /**
   * @param {string} home
   * @param {{ 80: number, 443: number }} ports
   * @param {boolean} isSecure
   */
  constructor(home, ports, isSecure) {
    this.home = home;
    this.ports = ports;
    /** Where clients connect. */
    this.url = isSecure ? `https://localhost:${ports[443]}` : `http://127.0.0.1:${ports[80]}`;
    /** Where the port of plain HTTP is. */
    this.plainUrl = `http://localhost:${ports[80]}`;
  }

  /** What it said. */
  get stderr() {
    return this.#program.stderr;
  }

  /** Starts it and waits until it takes connections. */
  async start() {
    const args = ["-p", this.home, "-e", "stderr", "-c", join(this.home, "nginx.conf")];
    this.#program = new Program(NGINX, args);
    await eventually("nginx takes connections", async () => {
      if (this.#program.hasEnded) return true;
      return canConnect(Number(new URL(this.url).port));
    });
    if (this.#program.hasEnded) throw new Error(`nginx does not start:\n${this.#program.stderr}`);
    return this;
  }

  /** Ends it at once, with every connection. */
  async stop() {
    if (!this.#program.hasEnded) await this.#program.end("SIGTERM");
  }

  /** Ends it and starts it again on the same ports. */
  async restart() {
    await this.stop();
    return this.start();
  }
}

/**
 * nginx in front of `server`.
 *
 * @param {{ port: number }} server
 * @param {{ test: import("node:test").TestContext, recipe?: URL }} options
 *   `recipe`: a site's configuration, `RECIPE` unless given. The nginx ends with the test.
 */
export async function startNginx(server, { test, recipe = RECIPE }) {
  if (!NGINX) throw new Error("NGINX does not name the proxy: run `cargo xtask test --only browser`");
  const home = await scratch(test, "nginx");
  await mkdir(join(home, "cache"));
  const ports = { 80: await freePort(), 443: await freePort() };
  const site = await readFile(fileURLToPath(recipe), "utf8");
  const here = { server, ports, home, certificate: await certificate(home) };
  await writeFile(join(home, "site.conf"), localised(site, here));
  await writeFile(join(home, "nginx.conf"), surroundings(home));
  const nginx = new Nginx(home, ports, /listen 443/.test(site));
  nginx.ca = await readFile(here.certificate.cert, "utf8");
  await nginx.start();
  test.after(() => nginx.stop());
  return nginx;
}

/** Whether somebody listens on a port of this machine. */
export function canConnect(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true) || socket.destroy());
    socket.once("error", () => resolve(false));
  });
}
