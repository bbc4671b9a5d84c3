// The helpers themselves: a proxy that does not break anything, or a page that hides its complaints, would let every
// other test pass.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";

import { assertAccessible, assertClean, launchBrowser, newPerson } from "../support/browser.mjs";
import { python } from "../support/clients.mjs";
import { Program } from "../support/program.mjs";
import { startProxy } from "../support/proxy.mjs";
import { SseReader } from "../support/sse.mjs";
import { eventually, within } from "../support/wait.mjs";

/** A server for one test, and its address. */
async function serve(test, answer) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  test.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

/** A stream that the test writes into: `write(text)` goes to every reader. */
async function serveStream(test) {
  const open = new Set();
  const url = await serve(test, (request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
    open.add(response);
    response.on("close", () => open.delete(response));
  });
  return { url, open, write: (text) => open.forEach((response) => response.write(text)) };
}

test("a reader parses events however they are cut", async (t) => {
  const stream = await serveStream(t);
  const reader = await SseReader.open(stream.url, { test: t });
  for (const part of [": hi\n\nretry: 5\n\nid: e.", "1\nevent: a\nda", "ta: {\"x\":1}\n", "\ndata: one\ndata: two\n\n"]) stream.write(part);
  const last = await reader.next("the second event", ({ event }) => event === "message");
  assert.equal(last.data, "one\ntwo");
  assert.deepEqual(reader.events[0].data, { x: 1 });
  assert.equal(reader.lastId, "e.1");
  await assert.rejects(reader.next("nothing", () => false, 50), /not within 50 ms: nothing/);
});

test("a proxy passes on, cuts, refuses and accepts again", async (t) => {
  const stream = await serveStream(t);
  const proxy = await startProxy(stream.url, { test: t });
  const reader = await SseReader.open(proxy.url);
  stream.write("data: 1\n\n");
  await reader.next("the first event", ({ data }) => data === 1);
  assert.equal(proxy.connections, 1);

  proxy.cut();
  await within("the reader notices", reader.ended);
  await eventually("the server notices", () => stream.open.size === 0);

  await proxy.refuse();
  await assert.rejects(SseReader.open(proxy.url), ({ cause }) => cause.code === "ECONNREFUSED");
  await proxy.accept();
  await SseReader.open(proxy.url, { test: t });
});

test("a proxy freezes one way without telling anyone", async (t) => {
  const stream = await serveStream(t);
  const proxy = await startProxy(stream.url, { test: t });
  const reader = await SseReader.open(proxy.url, { test: t });
  proxy.freeze("down");
  stream.write("data: 1\n\n");
  await assert.rejects(reader.next("what is frozen", () => true, 100));
  proxy.thaw();
  await reader.next("what waited", ({ data }) => data === 1);
});

test("a proxy cuts an event in half, once", async (t) => {
  const stream = await serveStream(t);
  const proxy = await startProxy(stream.url, { test: t });
  const reader = await SseReader.open(proxy.url);
  proxy.cutAfter(12);
  stream.write("data: 1\n\ndata: 2\n\n");
  await within("the cut", reader.ended);
  assert.ok(reader.events.length < 2, "the second event is not whole");
  const next = await SseReader.open(proxy.url, { test: t });
  stream.write("data: 3\n\n");
  await next.next("the stream goes on", ({ data }) => data === 3);
});

test("a proxy delays, and keeps the order", async (t) => {
  const stream = await serveStream(t);
  const proxy = await startProxy(stream.url, { test: t });
  const reader = await SseReader.open(proxy.url, { test: t });
  proxy.delay(100, "down");
  const sent = performance.now();
  for (const number of [1, 2, 3]) stream.write(`data: ${number}\n\n`);
  const last = await reader.next("the third", ({ data }) => data === 3);
  assert.ok(last.at - sent >= 99, `after ${last.at - sent} ms`);
  assert.deepEqual(reader.events.map(({ data }) => data), [1, 2, 3]);
});

test("a program's lines are waited for, and its early end is an error", async (t) => {
  const echo = new Program("sh", ["-c", "echo ready; read line; echo \"got $line\"; exit 3"], { input: null, test: t });
  await echo.line("it is ready", (line) => line === "ready");
  echo.write("tea\n");
  assert.equal(await echo.line("the answer", (line) => line.startsWith("got")), "got tea");
  assert.deepEqual(await echo.exited, { code: 3, signal: null });
  await assert.rejects(echo.line("more", (line) => line === "more"), /ended before more/);
  assert.deepEqual(await new Program("no-such-program", []).exited, { code: null, signal: null });
});

test("python has the packages of requirements.txt", async (t) => {
  const program = python(["-c", "import httpx, httpx_sse, requests, sseclient; print('ok')"], { test: t });
  await program.line("the imports", (line) => line === "ok");
});

test("a page remembers what it complained about", async (t) => {
  const pages = {
    "/good": "<!doctype html><html lang=en><title>Good</title><main><h1>Good</h1></main>",
    "/inline": "<!doctype html><html lang=en><title>Inline</title><main><h1>x</h1></main><script>1</script>",
    "/style": "<!doctype html><html lang=en><title>Style</title><main><h1 style='color: red'>x</h1></main>",
    "/throws": "<!doctype html><html lang=en><title>Throws</title><main><h1>x</h1></main><script src=/throws.js></script>",
    "/throws.js": "throw new Error('spilled')",
    "/unlabelled": "<!doctype html><html lang=en><title>No label</title><main><h1>x</h1><input></main>",
  };
  const url = await serve(t, (request, response) => {
    const type = request.url.endsWith(".js") ? "text/javascript" : "text/html";
    const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'";
    response.writeHead(200, { "content-type": type, "content-security-policy": policy });
    response.end(pages[request.url] ?? "");
  });
  const browser = await launchBrowser({ test: t });
  const open = async (path) => {
    const page = await newPerson(browser, { url });
    await page.goto(path);
    return page;
  };

  const good = await open("/good");
  await assertClean(good);
  await assertAccessible(good, "a good page");
  await assertClean(good);

  await assert.rejects(assertClean(await open("/inline")), /script-src/);
  await assert.rejects(assertClean(await open("/style")), /style-src/);
  await assert.rejects(assertClean(await open("/throws")), /spilled/);
  await assert.rejects(assertAccessible(await open("/unlabelled"), "a form"), /label: /);
});
