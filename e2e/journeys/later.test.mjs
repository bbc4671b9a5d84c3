// What is not in the first download comes when it is used, and says so when it does not: a room, a door, the rest.

import assert from "node:assert/strict";
import { test } from "node:test";

import { people } from "../support/api.mjs";
import { assertAccessible, assertClean, launchBrowser, newPerson, VIEWPORTS } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";
import { inspect } from "./inspect.mjs";
import { LANGUAGES, WORDS } from "./words.mjs";

/** The files of each part. Doors and the rest share two of them. */
const ROOM = /\/room-[0-9a-f]{16}\.wasm$/;
const DOORS = /\/(doors|shared)-[0-9a-f]{16}\.(wasm|css)$/;
const LATER = /\/later-[0-9a-f]{16}\.(wasm|css)$/;

/** What a page asks for from now on of the parts, by their first names. */
function parts(page) {
  const asked = [];
  page.on("request", (request) => {
    const [, part] = request.url().match(/\/(room|doors|shared|later)-[0-9a-f]{16}\.\w+$/) ?? [];
    if (part) asked.push(part);
  });
  return asked;
}

/** Ana in her room, in which nothing has come yet of the rest: beside a narrow one there is no panel. */
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

/** Nobody's page of a server that nobody has set up. It is narrow: beside a wide one's room is a panel, which is of the rest. */
async function newcomer(t) {
  const server = await startServer({ test: t });
  const browser = await launchBrowser({ test: t });
  return newPerson(browser, server, { viewport: VIEWPORTS.tablet });
}

const w = WORDS.en;

/** The composer of the room that one comes into: a door has fields too. */
const composer = (page) => page.getByRole("textbox", { name: "Message # general" });

test("somebody new fetches a door and not a room, then a room and not the rest; whoever comes back fetches no door", async (t) => {
  const page = await newcomer(t);
  const asked = parts(page);
  await page.goto("/");
  await page.getByRole("heading", { level: 1, name: w("setup_title") }).waitFor();
  assert.deepEqual([...new Set(asked)].sort(), ["doors", "shared"]);
  // When the page is idle, before it is needed.
  await page.waitForRequest(ROOM);
  asked.length = 0;
  await page.getByLabel(w("setup_team")).fill("The Terrace");
  await page.getByLabel(w("setup_you")).fill("Ana");
  await page.getByLabel(w("in_password"), { exact: true }).fill("ein langer Satz über Tee");
  await page.keyboard.press("Enter");
  await composer(page).waitFor();
  assert.ok(!asked.includes("doors"), `${asked}`);

  asked.length = 0;
  await page.reload();
  await composer(page).waitFor();
  assert.ok(asked.includes("room") && !asked.includes("doors"), `${asked}`);
  await assertClean(page);
});

for (const [what, files] of Object.entries({ door: DOORS, room: ROOM })) {
  /** A page that waits for the files of a part, and what shows that it is there. */
  const visit = async (t) => {
    const server = await startServer({ test: t });
    const browser = await launchBrowser({ test: t });
    const as = what === "room" ? (await people(server, "Ana"))[0] : undefined;
    const page = await newPerson(browser, server, { as });
    const door = page.getByRole("heading", { level: 1, name: w("setup_title") });
    return { page, there: what === "room" ? composer(page) : door };
  };

  test(`a ${what} that does not come is asked for again`, async (t) => {
    const { page, there } = await visit(t);
    let down = true;
    await page.route(files, (route) => (down ? route.abort() : route.continue()));
    await page.goto("/");
    await page.getByRole("alert").filter({ hasText: w("later_missing") }).waitFor();
    await assertAccessible(page, `a ${what} that did not come`);
    down = false;
    await page.getByRole("button", { name: w("msg_retry") }).click();
    await there.waitFor();
    await assertClean(page);
  });

  test(`a ${what} of an older version asks to reload`, async (t) => {
    const { page, there } = await visit(t);
    await page.route(files, (route) => route.fulfill({ status: 404 }));
    await page.goto("/");
    await page.getByRole("alert").filter({ hasText: w("ver_old_b") }).waitFor();
    await page.unroute(files);
    await page.getByRole("button", { name: w("ver_old_go") }).click();
    await there.waitFor();
  });
}
