// `teahouse login`, `tail` and `say` against the real server, as a person and as a script use them.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { python } from "../support/clients.mjs";
import { run } from "../support/program.mjs";
import { BIN } from "../support/server.mjs";
import { home, openServer, post, startTail } from "./readers.mjs";

const PASSWORD = "a long sentence";

/** Runs a program on a terminal of its own, types the answers, and prints what the terminal showed. An answer waits for its
 * prompt, and for the terminal to show what is typed, or not to. */
const ON_A_TERMINAL = `
import json, os, pty, sys, termios, time
words, answers = json.loads(sys.argv[1]), json.loads(sys.argv[2])
pid, terminal = pty.fork()
if pid == 0:
    os.execv(words[0], words)
shown = b""
for prompt, echo, answer in answers:
    while not shown.endswith(prompt.encode()):
        shown += os.read(terminal, 1024)
    # Nobody types within the microseconds between a prompt and the terminal being switched.
    while bool(termios.tcgetattr(terminal)[3] & termios.ECHO) != echo:
        time.sleep(0.001)
    os.write(terminal, answer.encode() + b"\\n")
try:
    while more := os.read(terminal, 1024):
        shown += more
except OSError:
    pass  # Linux says so when the other side is closed.
print(json.dumps({"shown": shown.decode(), "code": os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}))
`;

test("login, say and tail are one session", async (t) => {
  const { server } = await openServer(t);
  const directory = join(server.dataDir, "person");
  const env = { ...process.env, TEAHOUSE_CONFIG_HOME: directory };
  const signedIn = await run(BIN, ["login", server.url], { env, input: `Ana\n${PASSWORD}\n` });
  assert.deepEqual([signedIn.code, signedIn.lines], [0, [`signed in to ${server.url}/ as Ana`]], signedIn.stderr);
  const file = join(directory, "credentials.toml");
  assert.equal((await stat(file)).mode & 0o777, 0o600);

  const said = await run(BIN, ["say", "#general", "-", "--json"], { env, input: "from a pipe\n\nwith two lines\n" });
  assert.equal(said.code, 0, said.stderr);
  const { cursor } = JSON.parse(said.lines[0]);
  const again = await run(BIN, ["say", "general", "hello", "there"], { env });
  assert.deepEqual([again.code, again.lines, again.stderr], [0, [], ""], "success is silent");

  const before = cursor.replace(/\d+$/, (offset) => String(offset - 1));
  const tail = spawn(BIN, ["tail", "general", "--after", before], { env: { ...env, TZ: "UTC" } });
  t.after(() => tail.kill("SIGKILL"));
  let text = "";
  for await (const chunk of tail.stdout.setEncoding("utf8")) if ((text += chunk).includes("hello there\n")) break;
  const line = /^hello Ana: catching up, .*\n\S+ \S+ #general Ana: from a pipe\n {4}\n {4}with two lines\n\S+ \S+ #general Ana: hello there\n$/;
  assert.match(text, line);
});

test("a password that is typed is not shown", async (t) => {
  const { server } = await openServer(t);
  const file = join(server.dataDir, "typed.toml");
  const words = JSON.stringify([BIN, "login", server.url, "--credentials", file]);
  const answers = JSON.stringify([["Name: ", true, "Ana"], ["Password: ", false, PASSWORD]]);
  const program = python(["-c", ON_A_TERMINAL, words, answers], { test: t });
  const { shown, code } = JSON.parse(await program.line("the end", (line) => line.startsWith("{")));
  assert.equal(code, 0, shown);
  assert.ok(shown.includes("Ana") && !shown.includes(PASSWORD), shown);
  assert.match(await readFile(file, "utf8"), /^token = "/m);
});

test("wrong passwords, lost sessions and servers that are away have exit codes", async (t) => {
  const { server, api } = await openServer(t);
  const credentials = await home(server, api);
  const code = async (args, input) => (await run(BIN, args, { input })).code;
  assert.equal(await code(["login", server.url, ...credentials], "Ana\nanother sentence\n"), 1);
  assert.equal(await code(["say", "no-such-room", "hello", ...credentials]), 1);
  assert.equal(await code(["tail", "no-such-room", ...credentials]), 1);
  assert.equal(await code(["say", "general", " ", ...credentials]), 2);
  const tail = await startTail(t, server, api);
  await tail.isGreeted();
  await api.signOut();
  assert.equal(await code(["say", "general", "hello", ...credentials]), 4);
  // The open stream ends too: the server says goodbye and the next request is refused.
  assert.equal((await tail.program.exited).code, 4);
  assert.match(tail.program.stderr, /this session has ended[^]*run `teahouse login/);
  await server.kill();
  assert.equal(await code(["login", server.url, ...credentials], "Ana\nanother sentence\n"), 3);
});

test("tail goes on from a cursor that it printed before", async (t) => {
  const { server, api } = await openServer(t);
  const first = await startTail(t, server, api);
  await first.isGreeted();
  const before = await post(api, "before");
  await first.hasRead(before);
  const { id: cursor } = first.events.findLast(({ event }) => event === "message_posted");
  const after = [await post(api, "after 1"), await post(api, "after 2")];
  const second = await startTail(t, server, api, { args: ["--after", cursor] });
  await second.hasRead(after.at(-1));
  assert.deepEqual(second.messages, after);
  assert.deepEqual(second.resumes, ["replay"]);
});

test("tail ends without a word when its reader has enough, and by Ctrl-C as the shell expects", async (t) => {
  const { server, api } = await openServer(t);
  const credentials = await home(server, api);
  const start = () => {
    const tail = spawn(BIN, ["tail", "general", ...credentials], { stdio: ["ignore", "pipe", "pipe"] });
    t.after(() => tail.kill("SIGKILL"));
    return Object.assign(tail, { ended: once(tail, "exit"), errors: tail.stderr.setEncoding("utf8").toArray() });
  };
  // `teahouse tail | head -1` takes one line and closes the pipe.
  const piped = start();
  assert.deepEqual(await once(piped.stdout.setEncoding("utf8"), "data"), ["hello Ana: live\n"]);
  piped.stdout.destroy();
  await post(api, "nobody reads this");
  assert.deepEqual(await piped.ended, [0, null]);
  assert.deepEqual(await piped.errors, []);

  const interrupted = start();
  await once(interrupted.stdout, "data");
  interrupted.kill("SIGINT");
  // By the signal itself: a shell makes 130 of it and stops its script too.
  assert.deepEqual(await interrupted.ended, [null, "SIGINT"]);
});
