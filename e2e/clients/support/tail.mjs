// `teahouse tail --json` as a reader like the others.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { Reader } from "./reader.mjs";

/** Writes the file that `teahouse login` would leave, and returns its path. */
export async function signIn(server) {
  const file = join(server.directory, "credentials.toml");
  const lines = [`url = ${JSON.stringify(server.url)}`, `name = "ana"`, `token = ${JSON.stringify(server.token)}`];
  await writeFile(file, lines.join("\n"), { mode: 0o600 });
  return file;
}

/** Starts `teahouse tail --json` with further arguments. */
export async function startTail(t, server, ...args) {
  const file = await signIn(server);
  const words = [process.env.TEAHOUSE_BIN, "tail", "--json", "--credentials", file, ...args];
  return Reader.start(t, "teahouse tail", words);
}
