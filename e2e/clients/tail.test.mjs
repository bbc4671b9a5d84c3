// `teahouse tail` and `teahouse say`, the program itself, through what happens to a server.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { promisify } from "node:util";

import { scissors } from "./support/scissors.mjs";
import { Server } from "./support/server.mjs";
import { signIn, startTail } from "./support/tail.mjs";

const run = promisify(execFile);
const bin = () => process.env.TEAHOUSE_BIN;

test("tail prints every acknowledged message once through kill -9 in a burst", async (t) => {
  const server = await Server.open(t);
  const tail = await startTail(t, server, "general");
  await tail.until("hello", ({ events }) => events.length > 0);
  const acknowledged = [];
  for (let kill = 0; kill < 3; kill++) {
    const posts = Array.from({ length: 40 }, (_, i) => server.post(`burst ${kill}, message ${i}`));
    await Promise.race(posts);
    await server.end("SIGKILL");
    await server.start();
    acknowledged.push(...(await Promise.all(posts)));
  }
  const last = await server.post("the last one");
  await tail.until("the last message", ({ messages }) => messages.at(-1)?.id === last.id);
  const history = await server.history();
  assert.equal(history.length, acknowledged.length + 1);
  assert.deepEqual(tail.messages, history);
});

test("tail goes on from a cursor that it printed before", async (t) => {
  const server = await Server.open(t);
  const first = await startTail(t, server);
  await first.until("hello", ({ events }) => events.length > 0);
  const before = await server.post("before");
  await first.until("the message", ({ messages }) => messages.at(-1)?.id === before.id);
  const { id: cursor } = first.of("message_posted").at(-1);
  const after = [await server.post("after 1"), await server.post("after 2")];
  const second = await startTail(t, server, "--after", cursor);
  await second.until("both", ({ messages }) => messages.length === 2);
  assert.deepEqual(second.messages, after);
  assert.equal(second.events[0].data.resume, "replay");
});

test("tail survives cuts at every kind of place", async (t) => {
  const server = await Server.open(t);
  const proxy = await scissors(t, server.url, [100_000, 100_000, 3_000, 90, 400, 650, 900, 1_500, 3_333]);
  const tail = await startTail(t, { ...server, directory: server.directory, url: proxy.url, token: server.token });
  await tail.until("hello", ({ events }) => events.length > 0);
  const posted = [];
  for (let i = 0; i < 50; i++) posted.push(await server.post(`message ${i}`));
  await tail.until("the last message", ({ messages }) => messages.at(-1)?.id === posted.at(-1).id);
  assert.equal(proxy.cutsLeft(), 0, "every cut was made");
  assert.deepEqual(tail.messages, posted);
});

test("say and tail work in a pipe", async (t) => {
  const server = await Server.open(t);
  const credentials = ["--credentials", await signIn(server)];
  const said = await run(bin(), ["say", "#general", "hello", "there", ...credentials]);
  assert.deepEqual([said.stdout, said.stderr], ["", ""], "success is silent");

  // `| head -1` takes one line and closes the pipe: tail ends without a word, and with success.
  const tail = spawn(bin(), ["tail", "general", ...credentials], { stdio: ["ignore", "pipe", "pipe"] });
  t.after(() => tail.kill("SIGKILL"));
  const ended = once(tail, "exit");
  let errors = "";
  tail.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
  const [line] = await once(tail.stdout.setEncoding("utf8"), "data");
  assert.match(line, /^hello ana: live\n$/);
  tail.stdout.destroy();
  await server.post("nobody reads this");
  assert.deepEqual(await ended, [0, null]);
  assert.equal(errors, "");
});

test("tail ends by Ctrl-C as the shell expects", async (t) => {
  const server = await Server.open(t);
  const tail = spawn(bin(), ["tail", "--credentials", await signIn(server)], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => tail.kill("SIGKILL"));
  const ended = once(tail, "exit");
  await once(tail.stdout, "data");
  tail.kill("SIGINT");
  // Ended by the signal itself: a shell makes 130 of it and stops its script too.
  assert.deepEqual(await ended, [null, "SIGINT"]);
});
