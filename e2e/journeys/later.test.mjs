// What is not in the first download comes when it is used, and says so when it does not.

import assert from "node:assert/strict";
import { test } from "node:test";

import { people } from "../support/api.mjs";
import { assertClean, launchBrowser, newPerson, VIEWPORTS } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";
import { inspect } from "./inspect.mjs";
import { LANGUAGES, WORDS } from "./words.mjs";

/** The files of the second part. */
const LATER = /\/later-[0-9a-f]{16}\.(wasm|css)$/;

/** Ana in her room, in which nothing has come yet that is not in the first download: beside a narrow one there is no panel. */
async function room(t, { locale, answer }) {
  const server = await startServer({ test: t });
  const [ana] = await people(server, "Ana");
  const browser = await launchBrowser({ test: t });
  const page = await newPerson(browser, server, { as: ana, locale, viewport: VIEWPORTS.tablet });
  const asked = [];
  page.on("request", (request) => LATER.test(request.url()) && asked.push(request.url()));
  await page.route(LATER, answer);
  await page.goto("/");
  return { page, asked };
}

for (const [language, locale] of Object.entries(LANGUAGES)) {
  const w = WORDS[language];
  const open = (page) => page.getByRole("button", { name: w("nav_settings"), exact: true }).click();

  test(`a dialog comes with its first use, and once, ${language}`, async (t) => {
    let release;
    const held = new Promise((resolve) => (release = resolve));
    const { page, asked } = await room(t, { locale, answer: async (route) => { await held; await route.continue(); } });
    await page.getByRole("textbox").first().waitFor();
    await open(page);
    await page.getByRole("status").filter({ hasText: w("later_wait") }).waitFor();
    release();
    const dialog = page.getByRole("dialog", { name: w("set_title") });
    await dialog.waitFor();
    await dialog.getByRole("button", { name: w("panel_close") }).click();
    await dialog.waitFor({ state: "hidden" });
    await open(page);
    await dialog.waitFor();
    assert.equal(new Set(asked).size, 2, "the program and its style");
    assert.equal(asked.length, 2, "each was fetched once");
    await assertClean(page);
  });

  test(`a file that does not come is asked for again, ${language}`, async (t) => {
    let down = true;
    const { page } = await room(t, { locale, answer: (route) => (down ? route.abort() : route.continue()) });
    await page.getByRole("textbox").first().waitFor();
    await open(page);
    const missing = page.getByRole("alert").filter({ hasText: w("later_missing") });
    await missing.waitFor();
    await inspect(page, language, "later-missing");
    await page.getByRole("button", { name: w("panel_close") }).click();
    await missing.waitFor({ state: "detached" });
    await open(page);
    await missing.waitFor();
    down = false;
    await page.getByRole("button", { name: w("msg_retry") }).click();
    await page.getByRole("dialog", { name: w("set_title") }).waitFor();
    await missing.waitFor({ state: "detached" });
    await assertClean(page);
  });

  test(`a file of an older version leads to the notice that asks to reload, ${language}`, async (t) => {
    const { page } = await room(t, { locale, answer: (route) => route.fulfill({ status: 404 }) });
    await page.getByRole("textbox").first().waitFor();
    await open(page);
    const notice = page.getByRole("dialog", { name: w("ver_old_t") });
    await notice.waitFor();
    await page.unroute(LATER);
    await notice.getByRole("button").click();
    // The address says what was asked for, so it is opened after the reload.
    await page.getByRole("dialog", { name: w("set_title") }).waitFor();
  });
}

test("a door that does not come is asked for again", async (t) => {
  const server = await startServer({ test: t });
  const browser = await launchBrowser({ test: t });
  const page = await newPerson(browser, server);
  let down = true;
  await page.route(LATER, (route) => (down ? route.abort() : route.continue()));
  await page.goto("/");
  const w = WORDS.en;
  await page.getByRole("alert").filter({ hasText: w("later_missing") }).waitFor();
  down = false;
  await page.getByRole("button", { name: w("msg_retry") }).click();
  await page.getByRole("heading", { level: 1, name: w("setup_title") }).waitFor();
  await assertClean(page);
});
