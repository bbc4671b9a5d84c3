// Runs every *.test.mjs below this directory and counts. `cargo xtask test` calls it with TEAHOUSE_BIN, CHROMIUM, PYTHON,
// NGINX and CADDY.
//
//   node e2e/run.mjs [PART OF A PATH …]
//
// One file at a time: browsers and servers on two cores would only wait for each other, and the tests measure time.
// A skipped test counts as failed. With E2E_SUMMARY set, the counts are written there for xtask.

import { readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

/** A file may take this long; a hanging one fails and the next goes on. */
const FILE_DEADLINE_MS = 5 * 60_000;

const home = dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
const files = readdirSync(home, { recursive: true })
  .map((path) => path.toString())
  .filter((path) => path.endsWith(".test.mjs") && !path.startsWith("node_modules"))
  .filter((path) => wanted.length === 0 || wanted.some((part) => path.includes(part)))
  .sort()
  .map((path) => join(home, path));

if (files.length === 0) {
  console.error(`no *.test.mjs matches ${wanted.join(" ")}`);
  process.exit(1);
}

const counts = { passed: 0, failed: 0 };
const bad = [];
const isTest = (event) => event.details?.type !== "suite";
const tests = run({ files, concurrency: 1, timeout: FILE_DEADLINE_MS })
  .on("test:pass", (event) => {
    if (!isTest(event)) return;
    if (event.skip === undefined && event.todo === undefined) counts.passed += 1;
    else fail(event, "skipped");
  })
  .on("test:fail", (event) => isTest(event) && fail(event, "failed"));

function fail(event, how) {
  counts.failed += 1;
  bad.push(`${how}: ${relative(home, event.file ?? "?")}: ${event.name}`);
}

tests.compose(new spec()).pipe(process.stdout);
tests.on("end", () => {
  const summary = `${counts.passed} passed, ${counts.failed} failed`;
  if (process.env.E2E_SUMMARY) writeFileSync(process.env.E2E_SUMMARY, `${summary}\n`);
  process.exitCode = counts.failed === 0 ? 0 : 1;
  process.on("exit", () => console.log([...bad, summary].join("\n")));
});
