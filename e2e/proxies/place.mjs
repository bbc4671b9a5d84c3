// A Teahouse behind a real proxy, or without one, and its owner, who comes through it.

import { readFile } from "node:fs/promises";

import { Api } from "../support/api.mjs";
import { startCaddy } from "../support/caddy.mjs";
import { certificate } from "../support/certificate.mjs";
import { overHttp1, overHttp2 } from "../support/http.mjs";
import { startNginx } from "../support/nginx.mjs";
import { freePort } from "../support/program.mjs";
import { scratch } from "../support/scratch.mjs";
import { startServer } from "../support/server.mjs";
import { eventually } from "../support/wait.mjs";

/** What is said on standard error while nobody has opened the place. */
const SETUP_CODE = /^Set-up code: (\S+)$/m;

/** The ways to a server: which proxy, if any, and which version of HTTP the client speaks. @type {Way[]} */
export const WAYS = [
  { name: "directly", over: overHttp1 },
  { name: "directly, HTTPS and HTTP/1.1", isSecure: true, over: overHttp1 },
  { name: "directly, HTTPS and HTTP/2", isSecure: true, over: overHttp2 },
  { name: "through nginx, HTTP/1.1", proxy: startNginx, over: overHttp1 },
  { name: "through nginx, HTTP/2", proxy: startNginx, over: overHttp2 },
  { name: "through Caddy, HTTP/1.1", proxy: startCaddy, over: overHttp1 },
  { name: "through Caddy, HTTP/2", proxy: startCaddy, over: overHttp2 },
];

/**
 * @typedef {object} Way
 * @property {string} name
 * @property {typeof startNginx | typeof startCaddy} [proxy]
 * @property {boolean} [isSecure] the server itself speaks TLS
 * @property {typeof overHttp1} over how clients speak
 */

/**
 * @typedef {object} Place
 * @property {import("../support/server.mjs").Server} server
 * @property {{ url: string, ca?: string, restart(): Promise<unknown> }} front where clients connect: the proxy, or the server
 * @property {Api} ana the owner, as a program
 * @property {(options?: import("../support/http.mjs").Options) => Api} visitor somebody who is not signed in
 * @property {() => Promise<number>} openStreams how many streams the server has
 */

/** What the server prints for whoever opens the place. */
export async function setupCode(server) {
  const [, code] = await eventually("the code is printed", () => SETUP_CODE.exec(server.stderr));
  return code;
}

/**
 * Opens a place as deploy/README.md says: the server knows its public address and its proxy, and whoever comes first
 * through the proxy needs the code.
 *
 * @param {import("node:test").TestContext} test
 * @param {Way & { isOpen?: boolean, args?: string[] }} way `isOpen: false` leaves the place unopened, and
 *   Ana nobody; `args`: further options of the server
 * @returns {Promise<Place>}
 */
export async function openPlace(test, { proxy, isSecure, over, isOpen = true, args = [] }) {
  const [port, metricsPort] = [await freePort(), await freePort()];
  const front = await proxy?.({ port }, { test });
  const behind = front ? ["--public-url", front.url, "--trusted-proxy", "127.0.0.1/32"] : [];
  const tls = isSecure ? await certificate(await scratch(test, "place")) : undefined;
  const secure = tls ? ["--tls-cert", tls.cert, "--tls-key", tls.key] : [];
  const options = ["--metrics-listen", `127.0.0.1:${metricsPort}`, ...behind, ...secure, ...args];
  const server = await startServer({ test, port, args: options });
  if (tls) server.ca = await readFile(tls.cert, "utf8");
  const { url, ca } = front ?? server;
  const visitor = (options) => new Api(url, { fetch: over({ ca, ...options }) });
  const ana = visitor();
  if (isOpen) {
    await visitor().setUp({ code: await setupCode(server) });
    await ana.signIn("Ana", undefined, { as: "token" });
  }
  const openStreams = async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    return Number(/^teahouse_stream_open (\d+)$/m.exec(metrics)[1]);
  };
  return { server, front: front ?? server, ana, visitor, openStreams };
}
