// Who is here and who types, as others see it: at once, right over tabs and breaks, and not at all of those who do not share it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { newPage, newPerson } from "../support/browser.mjs";
import { hasFocus, scene, Window } from "./chat.mjs";

/** How long a clean leaving, or a word about typing, may take to reach another page, in milliseconds (PROTOCOL §12). */
const REACHES_WITHIN_MS = 2_000;

/** The panel of a room's people, opened from its header; the pointer stays outside. */
async function openMembers({ page }, count) {
  await page.getByRole("button", { name: `${count} members` }).click();
  return page.getByRole("complementary", { name: "Members" });
}

/** A name with what its person is, as a screen reader says it; the browser puts a space where the word is out of sight. */
const is = (name, word) => new RegExp(word ? `^${name} ?, ${word}( owner)?$` : `^${name} ?( owner)?$`);

/** One person of the panel, as they are named with what they are. */
const line = (panel, name, word) => panel.getByRole("button", { name: is(name, word) });

/** A group of the panel, by its heading. */
const group = (panel, heading) => panel.getByRole("list", { name: heading });

/** What a page asks the server for on these paths, from now on. */
function requests(page, ...paths) {
  const made = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (request.method() === "POST" && paths.some((path) => pathname.endsWith(path))) made.push(pathname);
  });
  return made;
}

/** Remembers whether these words were ever on the page, from now on. @returns {() => Promise<boolean>} */
async function everSaid(page, words) {
  await page.evaluate((words) => {
    window.wasSaid = false;
    const look = () => (window.wasSaid ||= document.body.textContent.includes(words));
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
    look();
  }, words);
  return () => page.evaluate(() => window.wasSaid);
}

async function flip(window, name) {
  const settings = await window.settings("Privacy");
  await settings.getByRole("switch", { name }).click();
  await settings.getByRole("button", { name: "Close" }).click();
  await settings.waitFor({ state: "hidden" });
}

test("typing is seen above the composer, moves nothing, is not read out, and ends", async (t) => {
  const { windows: [ana, ben, cho] } = await scene(t, ["Ana", "Ben", "Cho"]);
  const words = ana.page.getByText("Ben is typing");
  const before = await ana.composer.boundingBox();
  await ben.composer.pressSequentially("A long thought", { delay: 50 });
  await words.waitFor();
  assert.deepEqual(await ana.composer.boundingBox(), before, "nothing has moved");
  const announced = "[aria-live], [role=status], [role=alert], [role=log]";
  assert.equal(await words.evaluate((line, live) => line.closest(live) === null, announced), true);
  await cho.composer.pressSequentially("Me too");
  await ana.page.getByText("Ben and Cho are typing").waitFor();
  await ben.page.getByText("Cho is typing").waitFor();
  assert.equal(await ben.page.getByText(/Ben .*typing/).count(), 0, "nobody is told of themselves");

  await ben.composer.press("Enter");
  await ana.page.getByText("Cho is typing").waitFor({ timeout: REACHES_WITHIN_MS });
  await ana.sees("A long thought");
  await cho.composer.press("Control+a");
  await cho.composer.press("Delete");
  await ana.page.getByText("Cho is typing").waitFor({ state: "hidden", timeout: REACHES_WITHIN_MS });

  // Who writes on is seen all the while, and who stops is not for long.
  await ben.composer.pressSequentially("and", { delay: 50 });
  await words.waitFor();
  await words.waitFor({ state: "hidden" });
  assert.equal(await ben.composer.inputValue(), "and");
  // A draft that only goes with its room is nobody's typing.
  const said = requests(ben.page, "/typing");
  await ben.page.getByRole("link", { name: "All rooms" }).click();
  await ben.page.getByRole("heading", { name: "All rooms" }).waitFor();
  await ben.page.reload();
  await ben.page.getByRole("heading", { name: "All rooms" }).waitFor();
  assert.deepEqual(said, []);
  await Promise.all([ana, ben, cho].map((window) => window.isClean()));
});

test("who does not share that they type says nothing of it to anybody", async (t) => {
  const { windows: [ana, ben] } = await scene(t, ["Ana", "Ben"]);
  await flip(ben, "Show when I am typing");
  const [said, seen] = [requests(ben.page, "/typing"), await everSaid(ana.page, "is typing")];
  await ben.composer.pressSequentially("In silence", { delay: 30 });
  await ben.composer.press("Enter");
  await ana.sees("In silence");
  assert.deepEqual(said, []);
  assert.equal(await seen(), false);
  await flip(ben, "Show when I am typing");
  await ben.composer.pressSequentially("Aloud");
  await ana.page.getByText("Ben is typing").waitFor();
});

test("a room's people stand by who is here, and nobody moves under the pointer", async (t) => {
  const { windows: [ana, ben], apis } = await scene(t, ["Ana", "Ben"]);
  const panel = await openMembers(ana, 2);
  await panel.getByRole("heading", { name: "Here now, 2" }).waitFor();
  await line(panel, "Ben", "Active").hover();
  // This device says that its person does nothing.
  await apis[1].call("POST", "/api/presence", { level: "away" });
  await line(panel, "Ben", "Away").waitFor();
  await group(panel, "Here now, 2").getByRole("button", { name: is("Ben", "Away") }).waitFor();
  await ana.composer.hover();
  await group(panel, "Away, 1").getByRole("button", { name: is("Ben", "Away") }).waitFor();
  await ben.page.keyboard.press("Shift");
  await group(panel, "Here now, 2").getByRole("button", { name: is("Ben", "Active") }).waitFor();

  // The same under the focus.
  await line(panel, "Ben", "Active").focus();
  await ben.page.context().close();
  await line(panel, "Ben", "Offline").waitFor({ timeout: REACHES_WITHIN_MS });
  await group(panel, "Here now, 2").getByRole("button", { name: is("Ben", "Offline") }).waitFor();
  await ana.page.keyboard.press("Shift+Tab");
  await hasFocus("the one above", line(panel, "Ana", "Active"));
  await group(panel, "Here now, 2").getByRole("button", { name: is("Ben", "Offline") }).waitFor();
  await ana.composer.focus();
  await group(panel, "Offline, 1").getByRole("button", { name: is("Ben", "Offline") }).waitFor();
  await ana.isClean();
});

test("the rail, the card and the list of people say who is here, and no more than is shared", async (t) => {
  const { windows: [ana, ben], apis } = await scene(t, ["Ana", "Ben"]);
  const ids = await Promise.all(apis.map(async (api) => (await api.snapshot()).me.id));
  const { room } = await apis[0].call("POST", "/api/rooms", { kind: "direct", members: [ids[1]] });
  await apis[1].post("Good morning.", { room: room.id });
  const row = (words) => ana.rail.getByRole("link", { name: words });
  await row(/^Ben ?, Active/).waitFor();
  await ana.rail.getByText(", Active", { exact: true }).last().waitFor({ state: "attached" });
  await ana.choose("People");
  await ana.page.getByText("2 people, 2 here now").waitFor();
  const listed = ana.page.getByRole("row").filter({ hasText: "Ben" });
  await listed.getByText("now", { exact: true }).waitFor();
  await listed.getByRole("button", { name: "Actions for Ben" }).click();
  const card = ana.page.getByRole("dialog", { name: "About Ben" });
  await card.getByRole("heading", { name: is("Ben", "Active") }).waitFor();
  await card.getByText("now", { exact: true }).waitFor();

  const said = requests(ben.page, "/api/presence");
  await flip(ben, "Show when I am here");
  await card.getByRole("heading", { name: is("Ben", "Offline") }).waitFor({ timeout: REACHES_WITHIN_MS });
  await row(/^Ben ?, Offline/).waitFor();
  await ana.page.getByText("2 people, 1 here now").waitFor();
  await ana.page.keyboard.press("Escape");
  await ana.page.reload();
  await listed.getByText("not shared").waitFor();
  said.length = 0;
  await ben.page.keyboard.press("Shift");
  await ben.say("I am not here.");
  await row(/unread/).first().waitFor();
  assert.deepEqual(said, [], "and the device says nothing");
  await Promise.all([ana.isClean(), ben.isClean()]);
});

test("nobody has gone while a tab of theirs is open", async (t) => {
  const { server, windows: [ana, ben], apis } = await scene(t, ["Ana", "Ben"]);
  const second = await new Window(await newPage(ben.page.context())).open();
  await second.isLive();
  const panel = await openMembers(ana, 2);
  await line(panel, "Ben", "Active").waitFor();
  const gone = await everSaid(ana.page, "Ben, Offline");
  await ben.page.close({ runBeforeUnload: true });
  // The other tab has the stream by now, or will.
  await apis[0].post("Are you there?");
  await second.sees("Are you there?");
  await second.say("Yes.");
  await ana.sees("Yes.");
  assert.equal(await gone(), false);
  await second.page.close({ runBeforeUnload: true });
  await line(panel, "Ben", "Offline").waitFor({ timeout: REACHES_WITHIN_MS });
  // And on another device.
  const there = server.api();
  await there.signIn("Ben");
  await new Window(await newPerson(ana.page.context().browser(), server, { as: there })).open();
  await line(panel, "Ben", "Active").waitFor();
});

test("after a break nobody is known to be here, or not", async (t) => {
  const { windows: [ana, ben], proxy, apis } = await scene(t, ["Ana", "Ben"], { proxied: true });
  await ben.page.context().close();
  const panel = await openMembers(ana, 2);
  await line(panel, "Ben", "Offline").waitFor();
  await line(panel, "Ana", "Active").waitFor();
  await proxy.refuse();
  proxy.cut();
  await line(panel, "Ben").waitFor();
  await line(panel, "Ana").waitFor();
  assert.equal(await panel.getByRole("heading", { name: /Here now|Away|Offline/ }).count(), 0, "nothing is claimed");
  await proxy.accept();
  await line(panel, "Ben", "Offline").waitFor();
  await line(panel, "Ana", "Active").waitFor();
  assert.equal((await apis[0].call("GET", `/api/presence?members=${(await apis[0].snapshot()).me.id}`)).presence[0].level, "active");
  await ana.isClean();
});
