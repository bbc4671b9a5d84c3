// The server's database from outside: copied as a backup program would, and put back as somebody who knows no better would.

import assert from "node:assert/strict";
import { copyFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { python } from "./clients.mjs";

/** Copies a database with everything that is in its write-ahead log. */
const BACK_UP = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).backup(sqlite3.connect(sys.argv[2]))";

async function databaseOf(server) {
  const files = (await readdir(server.dataDir)).filter((name) => /\.(db|sqlite3?)$/.test(name));
  assert.equal(files.length, 1, `one database in ${await readdir(server.dataDir)}`);
  return join(server.dataDir, files[0]);
}

/**
 * Copies the database of a running server. The answer puts the copy back in its place, without its log, and must be called
 * while the server is stopped.
 *
 * @param {import("./server.mjs").Server} server
 * @param {import("node:test").TestContext} test
 * @returns {Promise<() => Promise<void>>}
 */
export async function backUp(server, test) {
  const database = await databaseOf(server);
  const copy = `${database}.older`;
  const { code } = await python(["-c", BACK_UP, database, copy], { test }).exited;
  assert.equal(code, 0, "the copy was made");
  return async () => {
    await copyFile(copy, database);
    await rm(`${database}-wal`, { force: true });
    await rm(`${database}-shm`, { force: true });
  };
}
