// A phone shows one page at a time, and each is an entry of the history: rooms, then the room. Deep links work anywhere.

import assert from "node:assert/strict";
import { test } from "node:test";

import { newPerson, VIEWPORTS } from "../support/browser.mjs";
import { scene, Window } from "./chat.mjs";

const path = (page) => new URL(page.url()).pathname;

test("rooms and room are entries of the history on a phone", async (t) => {
  const { server, browser, apis } = await scene(t, ["Ana"]);
  const page = await newPerson(browser, server, { as: apis[0], viewport: VIEWPORTS.phone, hasTouch: true, isMobile: true });
  const ana = await new Window(page).open();
  const rooms = page.getByRole("main", { name: "Rooms" });
  const place = page.getByRole("heading", { name: "The Terrace" });
  assert.equal(path(page), "/rooms/general");
  await rooms.waitFor({ state: "hidden" });

  await page.goBack();
  await place.waitFor();
  assert.equal(path(page), "/");
  await ana.composer.waitFor({ state: "hidden" });
  await rooms.getByRole("link", { name: "general" }).tap();
  await ana.composer.waitFor();
  assert.equal(path(page), "/rooms/general");
  assert.equal(await ana.composer.evaluate((composer) => composer === document.activeElement), false, "no keyboard is raised");
  await page.getByRole("link", { name: "Back to rooms" }).tap();
  await place.waitFor();
  await page.goBack();
  await ana.composer.waitFor();
  await page.goForward();
  await place.waitFor();

  await rooms.getByRole("link", { name: "general" }).tap();
  await ana.composer.tap();
  await page.keyboard.type("one line");
  await page.keyboard.press("Enter");
  await page.keyboard.type("and another");
  assert.equal(await ana.composer.inputValue(), "one line\nand another", "the key of a screen keyboard breaks the line");
  await page.getByRole("button", { name: "Send" }).tap();
  await ana.rowsWhen("it is sent", (rows) => rows.length === 1 && rows[0].text === "one line\nand another" && !rows[0].note);
  await ana.isClean();
});

test("addresses lead where they say, and nowhere else", async (t) => {
  const { server, browser, apis, windows: [ana] } = await scene(t, ["Ana"]);
  const { page } = ana;
  const { rooms: [room] } = await apis[0].snapshot();
  const { code } = await apis[0].invite();
  for (const [from, to] of [
    ["/", "/rooms/general"],
    [`/rooms/${room.id}`, `/rooms/${room.id}`],
    ["/rooms/general/", "/rooms/general/"],
    ["/setup", "/rooms/general"],
    ["/signin/", "/rooms/general"],
  ]) {
    await page.goto(from);
    await page.waitForURL(`**${to}`);
    await ana.composer.waitFor();
  }
  for (const lost of ["/rooms/no-such-room", "/rooms/%E5%A4%A7"]) {
    await page.goto(lost);
    await page.getByRole("heading", { name: "This room is not here" }).waitFor();
    await page.getByRole("link", { name: "Go to # general" }).click();
    await ana.composer.waitFor();
    assert.equal(path(page), "/rooms/general", lost);
  }
  await page.goto(`/join/${code}`);
  await page.getByRole("heading", { name: "Join # general as Ana?" }).waitFor();
  await page.getByRole("button", { name: "Join as Ana" }).click();
  await ana.composer.waitFor();
  await ana.isClean();

  const guest = await newPerson(browser, server, { viewport: VIEWPORTS.phone });
  for (const [from, heading] of [
    ["/rooms/general", "Sign in"],
    ["/setup", "Sign in"],
    ["/join/nonsense", "This invite does not work"],
    [`/join/${code}`, "Ana invited you to # general"],
  ]) {
    await guest.goto(from);
    await guest.getByRole("heading", { name: heading }).waitFor();
  }
  await new Window(guest).isClean();
});
