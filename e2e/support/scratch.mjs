// A directory for one test.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Makes a directory that only this user may enter, and removes it with the test.
 *
 * @param {import("node:test").TestContext} test
 * @param {string} name for whoever finds it while the test runs
 */
export async function scratch(test, name) {
  const path = await mkdtemp(join(tmpdir(), `teahouse-${name}-`));
  test.after(() => rm(path, { recursive: true, force: true }));
  return path;
}
