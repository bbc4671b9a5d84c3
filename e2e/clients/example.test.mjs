// docs/examples/client.mjs, as a reader of the documentation would run it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { example } from "../support/clients.mjs";
import { eventually } from "../support/wait.mjs";
import { openServer, post } from "./readers.mjs";

const EXAMPLE = "docs/examples/client.mjs";
const json = async (path) => JSON.parse(await readFile(new URL(path, import.meta.url), "utf8"));

test("the example client prints hello, messages and errors, and goes on after a restart", async (t) => {
  const { server, api } = await openServer(t);
  const client = await example(t, EXAMPLE, [server.url, api.token]);
  await client.line("hello", (line) => line.startsWith("hello Ana: live"));
  await post(api, "one\n\u202etwo");
  const lines = await client.lineCount("two lines", (lines) => lines.length > 2);
  assert.match(lines[1], /^\S+ u_[0-9a-z]{12}: one$/);
  assert.equal(lines[2], "    \\u{202e}two", "what a terminal would obey is shown instead");

  await server.kill("SIGKILL");
  await eventually("an error is printed", () => /^error: .*\(trying again\)$/m.test(client.stderr));
  await server.start();
  await post(api, "three");
  await client.line("the message after the restart", (line) => line.endsWith(": three"));
  assert.equal(client.lines.filter((line) => line.endsWith(": three")).length, 1);
});

test("the example client says when its token is not accepted", async (t) => {
  const { server } = await openServer(t);
  const env = { ...process.env, TEAHOUSE_URL: server.url, TEAHOUSE_TOKEN: "no-such-token" };
  const client = await example(t, EXAMPLE, [], { env });
  assert.deepEqual(await client.exited, { code: 1, signal: null });
  assert.match(client.stderr, /^error: .*401/m);
});

test("the example names the version that is tested here", async () => {
  const { dependencies } = await json("../../docs/examples/package.json");
  assert.equal(dependencies.eventsource, (await json("../package.json")).dependencies.eventsource);
});
