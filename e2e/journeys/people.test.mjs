// A community, from its opening to a ban: the owner sets up and invites by link, a member joins on a phone and makes a closed
// room, a guest sees that room alone, and whoever is banned is told within two seconds, on the page that is open.

import assert from "node:assert/strict";
import { test } from "node:test";

import { launchBrowser, newPerson, VIEWPORTS } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";
import { eventually } from "../support/wait.mjs";
import { PASSWORD, scene, Window } from "./chat.mjs";

/** How long a ban may take to reach an open page, in milliseconds (design §3). */
const REACHES_WITHIN_MS = 2_000;

/** Makes a link in the dialog of a window, and closes it. @returns {Promise<string>} */
async function inviteLink(window, { role, room } = {}) {
  await window.choose("Invite people…");
  return linkOf(window, { role, room });
}

/** Makes a link in the open dialog, and closes it. @returns {Promise<string>} */
async function linkOf(window, { role, room }) {
  const dialog = window.page.getByRole("dialog", { name: "Invite people" });
  if (role) await dialog.getByRole("radio", { name: role }).check();
  if (room) await dialog.getByLabel("Room", { exact: true }).selectOption({ label: room });
  await dialog.getByRole("button", { name: "Make a link" }).click();
  const link = await dialog.getByLabel("Invite link").inputValue();
  const picture = dialog.getByRole("img", { name: "Picture of the link for a camera" });
  await eventually("the picture is drawn", () => picture.evaluate((image) => image.naturalWidth > 0));
  await dialog.getByRole("button", { name: "Close" }).click();
  return link;
}

test("a place is opened, filled, and rid of somebody", async (t) => {
  const server = await startServer({ test: t });
  const browser = await launchBrowser({ test: t });
  const owner = await newPerson(browser, server);
  await owner.goto("/");
  await owner.getByLabel("Name of the place").fill("The Terrace");
  await owner.getByLabel("Your name").fill("Ana");
  await owner.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await owner.getByRole("button", { name: "Open the door" }).click();
  const ana = new Window(owner);
  await ana.isLive();

  // A member, on a phone.
  const member = await newPerson(browser, server, { viewport: VIEWPORTS.phone, hasTouch: true, isMobile: true });
  await member.goto(await inviteLink(ana));
  await member.getByRole("heading", { name: "Ana invited you to # general" }).waitFor();
  await member.getByLabel("Your name").fill("Mei");
  await member.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await member.getByRole("button", { name: "Join the room" }).click();
  await new Window(member).composer.waitFor();

  // Guests come in only where the owner lets them.
  await ana.choose("This place…");
  const place = owner.getByRole("dialog", { name: "This place" });
  await place.getByRole("switch", { name: "Guests may come in" }).check();
  await place.getByRole("button", { name: "Close" }).click();
  await place.waitFor({ state: "hidden" });

  // The member makes a closed room, of which nobody else hears.
  await member.getByRole("link", { name: "Back to rooms" }).tap();
  const rooms = member.getByRole("main", { name: "Rooms" });
  await rooms.getByRole("button", { name: "Add a room" }).tap();
  const made = member.getByRole("dialog", { name: "New room" });
  await made.getByLabel("Name", { exact: true }).fill("Tasting");
  await made.getByRole("radio", { name: /^Closed/ }).check();
  await made.getByRole("button", { name: "Make the room" }).tap();
  const written = member.getByRole("textbox", { name: "Message # Tasting" });
  await written.fill("Nine teas, and a gaiwan each.");
  await member.getByRole("button", { name: "Send" }).tap();
  await member.getByRole("link", { name: "Back to rooms" }).tap();
  await rooms.getByRole("button", { name: /: people, invites and settings$/ }).tap();
  await member.getByRole("menuitem", { name: "Invite people…" }).tap();
  const link = await linkOf({ page: member }, { role: "guest", room: "# Tasting" });
  await rooms.getByRole("link", { name: /^Tasting/ }).tap();
  assert.equal(await ana.rail.getByText("Tasting").count(), 0);

  // A guest gives a name only, and a name that is taken has two neighbours.
  const guest = await newPerson(browser, server);
  await guest.goto(link);
  await guest.getByRole("heading", { name: "Come in as a guest of # Tasting" }).waitFor();
  assert.equal(await guest.getByLabel("Password", { exact: true }).count(), 0);
  await guest.getByLabel("Your name").fill("mei");
  await guest.getByRole("button", { name: "Come in" }).click();
  await guest.getByText("That name is taken. Try mei2 or mei.The.").waitFor();
  await guest.getByLabel("Your name").fill("Sam");
  await guest.getByRole("button", { name: "Come in" }).click();
  const sam = new Window(guest);
  await sam.isLive();
  await guest.getByText("You are a guest here. You see this room and its people, nothing else.").waitFor();
  assert.equal(await sam.rail.getByRole("link").count(), 1, "one room, and nothing else");
  await sam.rail.getByRole("link", { name: /^Tasting/ }).waitFor();
  await guest.goto("/rooms/general");
  await guest.getByRole("heading", { name: "This room is not here" }).waitFor();
  await sam.rail.getByRole("link", { name: /^Tasting/ }).click();
  const said = guest.getByRole("textbox", { name: "Message # Tasting" });
  await guest.getByText("Nine teas, and a gaiwan each.").waitFor();
  await said.fill("Cheap tea, follow the link");
  await said.press("Enter");
  await member.getByText("Cheap tea, follow the link").waitFor();
  await said.fill("It was a mistake");

  // The owner bans the guest.
  await ana.choose("People");
  const row = owner.getByRole("row", { name: /Sam/ });
  await row.getByRole("button", { name: "Actions for Sam" }).click();
  await owner.getByRole("button", { name: "Ban…" }).click();
  const ban = owner.getByRole("dialog", { name: "Ban Sam?" });
  await ban.getByRole("radio", { name: "Delete all (1)" }).check();
  await ban.getByLabel("Reason").fill("Links to a shop");
  await ban.getByRole("button", { name: "Ban Sam" }).click();
  await ban.waitFor({ state: "hidden" });
  const told = guest.getByRole("heading", { name: "You can no longer use The Terrace" });
  await told.waitFor({ timeout: REACHES_WITHIN_MS });
  await guest.getByText("It was a mistake").waitFor();
  await eventually("nothing of the place is left on the device", () => guest.evaluate(async () => {
    const databases = await indexedDB.databases();
    const keys = Object.keys(localStorage).filter((key) => /account|draft|outbox|room|place/.test(key));
    if (databases.length === 0) return keys.length === 0;
    const open = await new Promise((resolve) => { indexedDB.open("teahouse").onsuccess = (event) => resolve(event.target.result); });
    const kept = await new Promise((resolve) => { open.transaction("outbox").objectStore("outbox").count().onsuccess = (event) => resolve(event.target.result); });
    return keys.length === 0 && kept === 0;
  }));
  await guest.reload();
  await guest.getByRole("heading", { name: /^Sign in/ }).waitFor();

  // Everything of it is in the log, in sentences.
  await ana.choose("Audit log");
  const entry = owner.getByRole("listitem").filter({ hasText: "Ana banned Sam" });
  await entry.getByText("Reason: Links to a shop").waitFor();
  await owner.getByText("Mei made an invite: guest, a closed room").waitFor();
  await entry.getByRole("button", { name: "Sam" }).click();
  await owner.getByRole("dialog", { name: "About Sam" }).getByText("banned", { exact: true }).waitFor();
  await owner.keyboard.press("Escape");
  await owner.getByRole("combobox", { name: "Done by" }).selectOption({ label: "Ana" });
  await owner.getByText("Mei made an invite").waitFor({ state: "hidden" });
  await owner.getByRole("combobox", { name: "Time" }).selectOption({ label: "last 24 hours" });
  await entry.waitFor();
  await owner.getByRole("searchbox", { name: "Find a person, room or address" }).fill("shop");
  await eventually("the search leaves one entry", async () => (await owner.getByRole("listitem").filter({ hasText: "Ana" }).count()) === 1);
});

test("roles are given, taken back and asked about", async (t) => {
  const { server, windows: [ana, mei] } = await scene(t, ["Ana", "Mei"]);
  const role = () => ana.page.getByRole("combobox", { name: "Role of Mei" });
  await ana.choose("People");
  await role().selectOption("admin");
  await mei.page.getByRole("button", { name: /: people, invites and settings$/ }).click();
  await mei.page.getByRole("menuitem", { name: "Audit log" }).waitFor();
  await mei.page.keyboard.press("Escape");
  await ana.page.getByRole("button", { name: "Undo: Role of Mei" }).click();
  await eventually("the role is the old one", async () => (await role().inputValue()) === "member");

  await role().selectOption("owner");
  const ask = ana.page.getByRole("dialog", { name: "Make Mei an owner?" });
  await ask.getByRole("button", { name: "Cancel" }).click();
  await ask.waitFor({ state: "hidden" });
  const api = server.api();
  await api.signIn("Mei");
  assert.equal((await api.snapshot()).me.role, "member", "nothing was given");

  // Deactivated and back.
  await ana.page.getByRole("row", { name: /Mei/ }).getByRole("button", { name: "Actions for Mei" }).click();
  await ana.page.getByRole("button", { name: "Deactivate the account" }).click();
  const off = ana.page.getByRole("dialog", { name: "Deactivate Mei?" });
  await off.getByRole("button", { name: "Deactivate the account" }).click();
  await mei.page.getByRole("heading", { name: "Your account is inactive" }).waitFor();
  await ana.page.getByRole("row", { name: /Mei.*inactive/ }).getByRole("button", { name: "Actions for Mei" }).click();
  await ana.page.getByRole("button", { name: "Reactivate the account" }).click();
  await role().waitFor();
});

test("the place's rules decide what members are offered", async (t) => {
  const { windows: [ana, mei] } = await scene(t, ["Ana", "Mei"]);
  const menu = async (window) => {
    await window.page.getByRole("button", { name: /: people, invites and settings$/ }).click();
    const items = await window.page.getByRole("menuitem").allInnerTexts();
    await window.page.keyboard.press("Escape");
    return items;
  };
  assert.deepEqual(await menu(ana), ["People", "Invite people…", "Audit log", "This place…", "Settings"]);
  assert.deepEqual(await menu(mei), ["People", "Invite people…", "Settings"]);
  await ana.choose("This place…");
  const place = ana.page.getByRole("dialog", { name: "This place" });
  await place.getByRole("radiogroup", { name: "Who may invite people" }).getByRole("radio", { name: "Owner and admins" }).check();
  await eventually("the menu is shorter", async () => (await menu(mei)).length === 2);
  await place.getByLabel("Name of the place").fill("The Garden");
  await place.getByLabel("Name of the place").press("Tab");
  await mei.rail.getByRole("button", { name: /^The Garden: / }).waitFor();
  await mei.page.goto("/audit");
  await mei.page.getByRole("heading", { name: "This room is not here" }).waitFor();
});

test("where guests may come in at the door, a name is enough", async (t) => {
  const { server, browser, apis: [ana] } = await scene(t, ["Ana"], { args: ["--guests"] });
  const page = await newPerson(browser, server);
  await page.goto("/");
  await page.getByRole("heading", { name: /^Sign in/ }).waitFor();
  await page.getByRole("button", { name: "Come in as a guest" }).click();
  await page.getByLabel("Your name").fill("Ana");
  await page.getByRole("button", { name: "Come in" }).click();
  await page.getByRole("alert").filter({ hasText: /taken/ }).waitFor();
  await page.getByLabel("Your name").fill("Sam");
  await page.keyboard.press("Enter");
  const sam = new Window(page);
  await sam.composer.waitFor();
  assert.equal(await sam.rail.getByRole("link").count(), 1);
  await sam.isClean();

  await ana.call("PATCH", "/api/workspace", { guests: false });
  const late = await newPerson(browser, server);
  const asked = late.waitForResponse((response) => response.url().endsWith("/api/setup"));
  await late.goto("/signin");
  await asked;
  await late.getByRole("button", { name: "Sign in" }).waitFor();
  assert.equal(await late.getByRole("button", { name: "Come in as a guest" }).count(), 0);
});
