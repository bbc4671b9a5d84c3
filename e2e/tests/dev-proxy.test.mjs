// `trunk serve`, as Trunk.toml sets it up for `cargo xtask dev`, passes the stream on event by event.
//
// The page is an empty one and the server a small one of our own: this is about the proxy alone.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test, after } from "node:test";

import { freePort, Program } from "../support/program.mjs";
import { SseReader } from "../support/sse.mjs";
import { eventually } from "../support/wait.mjs";

/** Where Trunk.toml and xtask/src/dev.rs expect the server. */
const BACKEND = "127.0.0.1:8081";

let directory;
let upstream;
let trunk;
let url;
/** What the small server was asked, and the open stream's response. */
const seen = [];
let stream;

before(async () => {
  upstream = createServer((request, response) => {
    seen.push(request);
    if (!request.url.startsWith("/chat")) {
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
      return;
    }
    stream = response;
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    response.write("event: hello\nid: e.1\ndata: {}\n\n");
  }).listen(0, "127.0.0.1");
  await once(upstream, "listening");

  directory = await mkdtemp(join(tmpdir(), "teahouse-dev-"));
  const config = await readFile(new URL("../../Trunk.toml", import.meta.url), "utf8");
  assert.equal(config.split(BACKEND).length - 1, 3, "Trunk.toml names the server once per path");
  await writeFile(join(directory, "Trunk.toml"), config.replaceAll(BACKEND, `127.0.0.1:${upstream.address().port}`));
  await writeFile(join(directory, "index.html"), "<!doctype html><title>Dev</title><body>the page</body>");
  for (const name of ["frontend", "shared"]) await mkdir(join(directory, name)); // trunk watches them

  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const env = { ...process.env, TRUNK_SKIP_VERSION_CHECK: "true" };
  trunk = new Program("trunk", ["serve", "--port", String(port)], { cwd: directory, env });
  await eventually("trunk serves the page", async () => {
    if (trunk.hasEnded) throw new Error(trunk.stderr);
    return (await fetch(url)).ok;
  });
});

after(async () => {
  await trunk?.end();
  upstream?.close();
  upstream?.closeAllConnections();
  if (directory) await rm(directory, { recursive: true, force: true });
});

test("an event arrives while the stream stays open", async (t) => {
  const reader = await SseReader.open(`${url}/chat?after=e.0`, { test: t });
  assert.match(reader.response.headers.get("content-type"), /^text\/event-stream/);
  await reader.next("hello", ({ event }) => event === "hello");
  // The second one is sent only now: had the proxy waited for more or for the end, the first would not be here.
  stream.write("event: tick\nid: e.2\ndata: {}\n\n");
  await reader.next("tick", ({ event }) => event === "tick");
  assert.equal(reader.lastId, "e.2");
  const request = seen.find((request) => request.url.startsWith("/chat"));
  assert.equal(request.url, "/chat?after=e.0");
});

test("closing the page closes the stream at the server", async () => {
  const reader = await SseReader.open(`${url}/chat`);
  const closed = once(stream, "close");
  reader.close();
  await closed;
});

test("requests reach the server without a trace of forwarding, and pages come from trunk", async () => {
  await fetch(`${url}/api/setup`, { headers: { "sec-fetch-site": "same-origin" } });
  const request = seen.find((request) => request.url === "/api/setup");
  assert.equal(request.headers["sec-fetch-site"], "same-origin");
  assert.match(request.headers.host, /^127\.0\.0\.1(:\d+)?$/);
  const forwarding = Object.keys(request.headers).filter((name) => /^(x-)?forwarded/.test(name));
  assert.deepEqual(forwarding, [], "set-up from this machine must need no code");
  assert.match(await (await fetch(`${url}/rooms/general`)).text(), /the page/);
});
