// The systemd unit of `deploy/`: systemd understands it, holds it to be tight, and it is not so tight that the server
// could not do its work. There is no systemd to start it in a container, so its parts are tried one by one.

import assert from "node:assert/strict";
import { chmod, chown, copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { Api } from "../support/api.mjs";
import { Program, freePort, run } from "../support/program.mjs";
import { scratch } from "../support/scratch.mjs";
import { BIN } from "../support/server.mjs";
import { openChat } from "../support/sse.mjs";
import { eventually } from "../support/wait.mjs";

const DEPLOY = new URL("../../deploy/systemd/", import.meta.url);

/** What `systemd-analyze security` may find at most: 0.0 is the tightest, 10.0 an unguarded root service. */
const EXPOSURE = 2.0;

/** The user that the traced server runs as, where the test itself runs as root: root makes other system calls. */
const NOBODY = 65534;

/** A directory that everyone may enter. */
async function directory(test) {
  const path = await scratch(test, "systemd");
  await chmod(path, 0o755);
  return path;
}

/** The unit with the executable under test in it. */
async function unit(test) {
  const path = join(await directory(test), "teahouse.service");
  const text = await readFile(new URL("teahouse.service", DEPLOY), "utf8");
  await writeFile(path, text.replace("/usr/local/bin/teahouse", BIN));
  return { path, text };
}

/** Every set of system calls that systemd knows, as it prints them: names and other sets. */
async function systemCallSets() {
  const { lines } = await run("systemd-analyze", ["--no-pager", "syscall-filter"]);
  const sets = new Map();
  let set;
  for (const line of lines) {
    if (/^@/.test(line)) sets.set(line, (set = []));
    else if (/^ +[@a-z]/.test(line)) set.push(line.trim());
  }
  const expand = (name) => (sets.has(name) ? sets.get(name).flatMap(expand) : [name]);
  return expand;
}

/** The system calls that a unit allows: what its `SystemCallFilter` lines name, less what those with `~` name. */
async function allowedBy(text) {
  const expand = await systemCallSets();
  const allowed = new Set();
  for (const [, words] of text.matchAll(/^SystemCallFilter=(.*)$/gm)) {
    const names = words.replace(/^~/, "").split(" ").flatMap(expand);
    for (const name of names) {
      if (words.startsWith("~")) allowed.delete(name);
      else allowed.add(name);
    }
  }
  return allowed;
}

/** The process that a process has started. */
async function childOf(pid) {
  return Number(await readFile(`/proc/${pid}/task/${pid}/children`, "utf8"));
}

test("systemd understands the unit", async (t) => {
  const { path } = await unit(t);
  const { code, stderr } = await run("systemd-analyze", ["verify", "--man=no", path]);
  assert.deepEqual([code, stderr], [0, ""]);
});

test("the unit leaves little exposed", async (t) => {
  const { path } = await unit(t);
  const options = ["--no-pager", "--offline=yes", `--threshold=${EXPOSURE * 10}`];
  const { code, lines } = await run("systemd-analyze", ["security", ...options, path]);
  const verdict = lines.find((line) => line.includes("Overall exposure level"));
  t.diagnostic(verdict ?? lines.join("\n"));
  assert.equal(code, 0, verdict);
});

test("the server works with the unit's configuration, and makes no system call that the unit forbids", async (t) => {
  const { text } = await unit(t);
  const [home, port] = [await directory(t), await freePort()];
  const at = (name) => join(home, name);
  const config = await readFile(new URL("teahouse.toml", DEPLOY), "utf8");
  await writeFile(at("teahouse.toml"), config.replace("127.0.0.1:8080", `127.0.0.1:${port}`));
  await copyFile(BIN, at("teahouse"));
  const isRoot = process.getuid() === 0;
  if (isRoot) await chown(home, NOBODY, NOBODY);
  const asNobody = isRoot ? ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"] : [];
  const strace = ["strace", "--follow-forks", "--summary-only", "--summary-columns=name", "--output", at("calls")];
  const serve = [at("teahouse"), "serve", "--config", at("teahouse.toml")];
  const [command, ...args] = [...asNobody, ...strace, ...serve];
  const server = new Program(command, args, { env: { PATH: process.env.PATH, TEAHOUSE_DATA: at("data") }, test: t });
  await server.line("it listens", (line) => line.startsWith("listening on"));

  const [, code] = await eventually("the code is printed", () => /Set-up code: (\S+)/.exec(server.stderr));
  const ana = new Api(`http://127.0.0.1:${port}`);
  await ana.setUp({ code });
  const reader = await openChat(ana, { test: t });
  for (let i = 0; i < 20; i++) await Promise.all([ana.post(`**${i}** \`code\``), ana.snapshot(), ana.history()]);
  await reader.next("the last message", ({ data }) => data.message?.body.startsWith("**19**"));
  process.kill(await childOf(server.pid), "SIGTERM"); // strace itself would leave on a signal
  assert.equal((await server.exited).code, 0, server.stderr);

  const calls = (await readFile(at("calls"), "utf8")).split("\n").map((line) => line.trim()).filter((line) => /^\w+$/.test(line));
  assert.ok(calls.includes("fsync") || calls.includes("fdatasync"), `the trace is whole: ${calls}`);
  const allowed = await allowedBy(text);
  t.diagnostic(`${calls.length} different system calls`);
  assert.deepEqual(calls.filter((name) => !allowed.has(name) && !["syscall", "total"].includes(name)), []);
});
