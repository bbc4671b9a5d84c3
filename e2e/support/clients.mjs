// Programs of other people: Python with the packages of clients/requirements.txt, and the Node examples of docs/.

import { copyFile, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

import { Program } from "./program.mjs";

const E2E = fileURLToPath(new URL("..", import.meta.url));
const ROOT = join(E2E, "..");

/**
 * Runs a Python file, or code, with the pinned packages; output is not held back.
 *
 * @param {string[]} args as after `python`: `["clients/x.py", URL]` or `["-c", CODE]`
 * @param {ConstructorParameters<typeof Program>[2]} [options]
 */
export function python(args, options = {}) {
  const executable = process.env.PYTHON;
  if (!executable) throw new Error("PYTHON does not name the interpreter: run `cargo xtask test --only browser`");
  const env = { ...process.env, PYTHONUNBUFFERED: "1", PYTHONUTF8: "1", ...options.env };
  return new Program(executable, args, { cwd: E2E, ...options, env });
}

/**
 * Runs an example of `docs/` as its readers do: in a directory of its own with the packages installed.
 *
 * @param {import("node:test").TestContext} test
 * @param {string} path below the checkout: `docs/examples/client.mjs`
 * @param {string[]} args
 * @param {ConstructorParameters<typeof Program>[2]} [options]
 */
export async function example(test, path, args, options = {}) {
  const directory = await mkdtemp(join(tmpdir(), "teahouse-example-"));
  test.after(() => rm(directory, { recursive: true, force: true }));
  await copyFile(join(ROOT, path), join(directory, basename(path)));
  await symlink(join(E2E, "node_modules"), join(directory, "node_modules"));
  return new Program(process.execPath, [basename(path), ...args], { cwd: directory, test, ...options });
}
