// docs/examples/client.mjs, as a reader of the documentation would run it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { Server } from "./support/server.mjs";

const examples = fileURLToPath(new URL("../../docs/examples/", import.meta.url));
const modules = fileURLToPath(new URL("../node_modules", import.meta.url));

/** Runs the example beside the packages of the tests; `seen(text)` waits for a text in its output. */
async function start(t, directory, args, env) {
  await copyFile(join(examples, "client.mjs"), join(directory, "client.mjs"));
  await symlink(modules, join(directory, "node_modules"));
  const client = spawn(process.execPath, [join(directory, "client.mjs"), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  t.after(() => client.kill("SIGKILL"));
  const ended = once(client, "exit");
  let output = "";
  const waiting = new Set();
  const take = (text) => {
    output += text;
    waiting.forEach((check) => check());
  };
  client.stdout.setEncoding("utf8").on("data", take);
  client.stderr.setEncoding("utf8").on("data", take);
  const seen = (pattern) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${pattern} in:\n${output}`)), 30_000);
      const check = () => pattern.test(output) && (clearTimeout(timer), waiting.delete(check), resolve());
      waiting.add(check);
      check();
    });
  return { seen, ended, output: () => output };
}

test("the example client prints hello, messages and errors, and goes on after a restart", async (t) => {
  const server = await Server.open(t);
  const client = await start(t, server.directory, [server.url, server.token]);
  await client.seen(/^hello ana: live/m);
  await server.post("one\n\u001b[31mtwo".replace("\u001b", "\u202e"));
  await client.seen(/u_[0-9a-z]{12}: one\n {4}\\u\{202e\}\[31mtwo\n/);
  await server.end("SIGKILL");
  await client.seen(/^error: .*\(trying again\)/m);
  await server.start();
  await server.post("three");
  await client.seen(/: three\n/);
  assert.equal(client.output().match(/: three\n/g).length, 1);
});

test("the example client says when the token is not accepted", async (t) => {
  const server = await Server.open(t);
  const client = await start(t, server.directory, [], { TEAHOUSE_URL: server.url, TEAHOUSE_TOKEN: "no such token" });
  await client.seen(/^error: .*401/m);
  assert.deepEqual(await client.ended, [1, null]);
});

test("the example names the version that was tested", async () => {
  const read = async (path) => JSON.parse(await readFile(path, "utf8"));
  const { dependencies } = await read(join(examples, "package.json"));
  const { version } = await read(join(modules, "eventsource", "package.json"));
  assert.equal(dependencies.eventsource, version);
});
