// The connection doctor: it says that all is well, and names what is wrong.

import assert from "node:assert/strict";
import { test } from "node:test";

import { people } from "../support/api.mjs";
import { launchBrowser, newPage, newPerson } from "../support/browser.mjs";
import { BUFFERING, startNginx } from "../support/nginx.mjs";
import { startServer } from "../support/server.mjs";
import { eventually } from "../support/wait.mjs";
import { Window } from "./chat.mjs";
import { inspect } from "./inspect.mjs";
import { LANGUAGES, WORDS } from "./words.mjs";

/** The doctor's panel, open, in the page's language. */
async function openDoctor(page, w) {
  await page.getByRole("button", { name: w("live_open") }).click();
  return page.getByRole("dialog", { name: w("doc_title") });
}

for (const [language, locale] of Object.entries(LANGUAGES)) {
  const w = WORDS[language];

  test(`a good connection is all well, ${language}`, async (t) => {
    const server = await startServer({ test: t });
    const browser = await launchBrowser({ test: t });
    const [ana] = await people(server, "Ana");
    const page = await newPerson(browser, server, { as: ana, locale });
    await page.goto("/");
    const other = await newPage(page.context());
    await other.goto("/");
    await other.getByRole("button", { name: w("live_open") }).waitFor();
    const doctor = await openDoctor(page, w);
    for (const what of [w("doc_device"), w("doc_server"), w("doc_stream"), w("doc_free"), w("doc_gapfree"), w("doc_tabs", { n: 2 })]) {
      await doctor.getByRole("listitem").filter({ hasText: what }).waitFor();
    }
    await doctor.getByText("SSE, HTTP/1.1").waitFor();
    await inspect(page, language, "doctor");
  });
}

test("the report can be copied, and holds nothing that was said", async (t) => {
  const server = await startServer({ test: t });
  const browser = await launchBrowser({ test: t });
  const [ana] = await people(server, "Ana");
  await ana.post("a secret recipe");
  const page = await newPerson(browser, server, { as: ana, permissions: ["clipboard-read", "clipboard-write"] });
  await new Window(page).open();
  const doctor = await openDoctor(page, WORDS.en);
  await doctor.getByRole("listitem").filter({ hasText: WORDS.en("doc_gapfree") }).waitFor();
  await doctor.getByRole("button", { name: WORDS.en("doc_copy") }).click();
  await doctor.getByText(WORDS.en("doc_copied")).waitFor();
  const report = await page.evaluate(() => navigator.clipboard.readText());
  for (const line of [/^stream: SSE$/m, /^http: HTTP\/1\.1$/m, /^held back: no$/m, /^tabs: 1$/m, /^request: \d+ ms$/m]) assert.match(report, line);
  assert.doesNotMatch(report, /secret|Ana|Terrace|general/);
  await doctor.getByRole("button", { name: WORDS.en("doc_again") }).click();
  await eventually("the stream is opened anew", () => server.stderr.split("stream opened").length > 3);
});

test("behind an nginx that buffers the doctor names the fault", async (t) => {
  const server = await startServer({ test: t });
  const [ana, ben] = await people(server, "Ana", "Ben");
  const front = await startNginx(server, { test: t, recipe: BUFFERING });
  const browser = await launchBrowser({ test: t });
  const page = await newPerson(browser, front, { as: ana });
  const window = await new Window(page).open();
  const doctor = await openDoctor(page, WORDS.en);
  await doctor.getByRole("listitem").filter({ hasText: WORDS.en("doc_held") }).waitFor();
  await doctor.getByRole("listitem").filter({ hasText: WORDS.en("doc_batches") }).waitFor();
  await page.keyboard.press("Escape");
  await window.isLive();
  await ben.post("in a batch");
  await window.sees("in a batch");
  await window.isClean();
});
