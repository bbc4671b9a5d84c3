// The web client as the executable serves it: every file that the page names, compressed, cached, and without inline code.

import assert from "node:assert/strict";
import { request } from "node:http";
import { before, after, test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

import { assertClean, launchBrowser, newPerson } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";

let server;
before(async () => (server = await startServer()));
after(() => server?.close());

/** One GET with exactly these headers: `fetch` would unpack the answer and hide how it came. */
function get(path, headers = {}) {
  return new Promise((resolve, reject) => {
    const asked = request(server.url + path, { headers }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }));
    });
    asked.on("error", reject).end();
  });
}

/** The files of this server that the page names. */
async function named() {
  const page = (await get("/")).body.toString();
  const paths = [...page.matchAll(/<(?:link|script)\b[^>]*?\b(?:href|src)="(\/[^"]*)"/g)].map(([, path]) => path);
  assert.ok(paths.length > 5, `the page names ${paths}`);
  return paths;
}

test("the page is revalidated, and its policy allows no inline code", async () => {
  const { status, headers, body } = await get("/rooms/general");
  assert.equal(status, 200);
  assert.match(headers["content-type"], /^text\/html/);
  assert.match(headers["cache-control"], /no-cache|no-store/);
  const policy = headers["content-security-policy"];
  for (const directive of ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'"]) {
    assert.ok(policy.includes(directive), `${directive} in ${policy}`);
  }
  assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|nonce-/);
  assert.doesNotMatch(body.toString(), /<style|\sstyle="|<script(?![^>]*\ssrc=)/);
});

test("every file that the page names is there; hashed ones are kept for ever", async () => {
  for (const path of await named()) {
    const { status, headers } = await get(path);
    assert.equal(status, 200, path);
    const hashed = /-[0-9a-f]{16}\.\w+$/.test(path);
    assert.equal(/immutable/.test(headers["cache-control"]), hashed, `${path}: ${headers["cache-control"]}`);
  }
});

test("text and WASM come as brotli, as gzip, or plain, and are the same", async () => {
  for (const path of (await named()).filter((path) => /\.(js|css|wasm|svg)$/.test(path))) {
    const plain = await get(path);
    const brotli = await get(path, { "accept-encoding": "gzip, deflate, br" });
    const gzip = await get(path, { "accept-encoding": "gzip" });
    assert.equal(plain.headers["content-encoding"], undefined, path);
    assert.equal(brotli.headers["content-encoding"], "br", path);
    assert.equal(gzip.headers["content-encoding"], "gzip", path);
    assert.match(brotli.headers.vary ?? "", /accept-encoding/i, path);
    assert.deepEqual(brotliDecompressSync(brotli.body), plain.body, path);
    assert.deepEqual(gunzipSync(gzip.body), plain.body, path);
    if (path.endsWith(".wasm")) assert.equal(brotli.headers["content-type"], "application/wasm");
  }
});

test("the client starts from it in Chromium, and nothing is fetched twice", async (t) => {
  const browser = await launchBrowser({ test: t });
  const page = await newPerson(browser, server);
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto("/");
  // A new server wants to be opened: the client has started once it says so in a heading of its own.
  await page.waitForURL("**/setup");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await assertClean(page);
  // The browser fetches the icon of its own accord, for every address that it shows.
  const files = asked.filter((path) => /\.(js|css|wasm)$/.test(path));
  assert.deepEqual(files, [...new Set(files)], "a preload that does not fit its use is fetched again");
});
