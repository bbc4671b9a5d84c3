// Texts that would be something else if anybody let them: markup, scripts, lines of the stream, invisible separators. They
// arrive as exactly that text, everywhere it is shown, and nothing runs.

import assert from "node:assert/strict";
import { test } from "node:test";

import { launchBrowser, newPerson } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";
import { PASSWORD, Window } from "./chat.mjs";

const SCRIPT = "<script>globalThis.ran = 1</script>";
const IMAGE = '<img src=x onerror="globalThis.ran = 2">';

const BODIES = [
  SCRIPT,
  IMAGE,
  "before\nevent: message_posted\ndata: {}\n\nafter",
  "id: 1\r\nretry: 1",
  "U+2028 \u2028 U+2029 \u2029 U+0085 \u0085 end",
  "</li></ol></div><svg onload=alert(1)>",
  "1 < 2 & 3 > 2 {{x}} ${y}",
  "\u202egnirts desrever\u202c and a zero\u200bwidth space",
  "👩‍👩‍👧‍👦 茶馆 \u0301a",
  "toString constructor null undefined NaN",
];

/** What a body looks like when it is drawn: CR LF is a line's end, and the paragraphs of the Markdown are lines too. */
const drawn = (text) => text.replaceAll("\r\n", "\n").replaceAll(/\n+/g, "\n").trim();

/** Links that lead somewhere they should not, and what must not have run. */
async function harm(page) {
  return page.evaluate(() => ({
    links: [...document.links].map(({ href }) => href).filter((href) => !/^https?:|^mailto:/.test(href)),
    images: document.images.length,
    handlers: [...document.querySelectorAll("*")].flatMap((element) =>
      element.getAttributeNames().filter((name) => name.startsWith("on"))),
    ran: globalThis.ran,
  }));
}

const HARMLESS = { links: [], images: 0, handlers: [], ran: undefined };

test("hostile names and messages are text", async (t) => {
  const server = await startServer({ test: t });
  const browser = await launchBrowser({ test: t });
  const [owner, other] = [server.api(), server.api()];
  await owner.setUp({ workspace: `${SCRIPT} & sons`, name: IMAGE, password: PASSWORD });
  await other.join((await owner.invite()).code, SCRIPT, PASSWORD);
  for (const body of BODIES) await other.post(body);
  await other.post("[press me](javascript:globalThis.ran=3) [data](data:text/html,x) <javascript:alert(1)> [web](https://example.org/)");

  const window = new Window(await newPerson(browser, server, { as: owner }));
  const { page } = window;
  page.on("dialog", (dialog) => assert.fail(`a dialog: ${dialog.message()}`));
  await window.open();
  await window.isLive();
  await other.post(`live ${IMAGE}`);
  await window.sees(`live ${IMAGE}`);

  const rows = await window.rows();
  assert.deepEqual(rows.slice(0, BODIES.length).map(({ text }) => drawn(text)), BODIES.map(drawn));
  assert.deepEqual([...new Set(rows.map(({ by }) => by))], [SCRIPT]);
  await window.rail.getByRole("button", { name: `${SCRIPT} & sons: people, invites and settings` }).waitFor();
  await window.rail.getByText(IMAGE, { exact: true }).waitFor();
  assert.equal(await page.title(), `# general · ${SCRIPT} & sons`);
  await page.getByRole("status").filter({ hasText: `live ${IMAGE}` }).waitFor({ state: "attached" });
  assert.deepEqual(await harm(page), HARMLESS);

  const links = window.row("press me").getByRole("link");
  assert.deepEqual(await links.allTextContents(), ["web"]);
  await window.row("press me").getByText("press me").click();
  assert.deepEqual(await harm(page), HARMLESS);
  await window.isClean();

  const { url } = await owner.invite();
  const guest = await newPerson(browser, server);
  await guest.goto(url);
  await guest.getByRole("heading", { name: `${IMAGE} invited you to # general` }).waitFor();
  await guest.getByRole("complementary").getByText(`live ${IMAGE}`).waitFor();
  assert.deepEqual(await harm(guest), HARMLESS);
  await new Window(guest).isClean();
});

test("what is typed is drawn as text before the server has answered", async (t) => {
  const server = await startServer({ test: t });
  const browser = await launchBrowser({ test: t });
  const owner = server.api();
  await owner.setUp();
  const window = await new Window(await newPerson(browser, server, { as: owner })).open();
  const held = [];
  await window.page.route(/\/messages$/, (route) => held.push(route));
  await window.say(IMAGE);
  await window.rowsWhen("it is drawn", (rows) => rows.length === 1 && rows[0].text === IMAGE);
  assert.deepEqual(await harm(window.page), HARMLESS);
  await held[0].continue();
  await window.rowsWhen("it is sent", (rows) => rows.length === 1 && rows[0].text === IMAGE && !rows[0].note);
  assert.deepEqual(await harm(window.page), HARMLESS);
  await window.isClean();
});
