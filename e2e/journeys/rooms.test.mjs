// Rooms as people make, find, share, mute, archive and lose them, and what is said between a few. Each sees of it what they
// may, at once, wherever they are.

import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually } from "../support/wait.mjs";
import { hasFocus, scene } from "./chat.mjs";

/** The parts of a window that belong to one room. */
function room(page, title) {
  return {
    link: page.getByRole("navigation", { name: "Rooms" }).getByRole("link", { name: new RegExp(`^${title.replace("# ", "")}( ?,|$)`) }),
    heading: page.getByRole("heading", { level: 1, name: title.replace("# ", ""), exact: true }),
    composer: page.getByRole("textbox", { name: `Message ${title}` }),
    log: page.getByRole("log", { name: `Messages in ${title}` }),
    message: (text) => page.getByRole("log", { name: `Messages in ${title}` }).getByRole("listitem").filter({ hasText: text }),
  };
}

/** Writes and sends. */
async function say({ composer }, text) {
  await composer.fill(text);
  await composer.press("Enter");
}

test("a closed room is made, shared with its history, and taken away again", async (t) => {
  const { windows: [ana, mei], apis } = await scene(t, ["Ana", "Mei"]);
  const [hers, his] = [room(ana.page, "# Kiln plans"), room(mei.page, "# Kiln plans")];
  await ana.rail.getByRole("button", { name: "Add a room" }).click();
  const dialog = ana.page.getByRole("dialog", { name: "New room" });
  await dialog.getByLabel("Name", { exact: true }).fill("Kiln plans");
  assert.equal(await dialog.getByLabel("Address").inputValue(), "kiln-plans");
  await dialog.getByText("This address is free.").waitFor();
  await dialog.getByRole("radio", { name: /^Closed/ }).check();
  await dialog.getByRole("button", { name: "Make the room" }).click();
  await hasFocus("the composer of the new room", hers.composer);
  await say(hers, "The glaze goes on twice.");
  await hers.message("The glaze goes on twice.").waitFor();
  // Nobody else hears that it exists.
  await ana.page.getByRole("link", { name: "All rooms" }).click();
  await mei.page.getByRole("link", { name: "All rooms" }).click();
  await ana.page.getByRole("listitem").filter({ hasText: "Kiln plans" }).getByText("Joined").waitFor();
  await mei.page.getByText("1 room", { exact: true }).waitFor();
  assert.equal(await mei.page.getByText("Kiln plans").count(), 0);

  await hers.link.click();
  await ana.page.getByRole("button", { name: "1 member" }).click();
  const panel = ana.page.getByRole("complementary", { name: "Members" });
  await panel.getByRole("button", { name: "Add people" }).click();
  await panel.getByRole("combobox", { name: "Add people" }).fill("me");
  await panel.getByRole("option", { name: /Mei/ }).waitFor();
  await ana.page.keyboard.press("Enter");
  await panel.getByRole("button", { name: "Add", exact: true }).click();
  await panel.getByRole("button", { name: /^Mei/ }).waitFor();
  await his.link.click();
  await his.message("The glaze goes on twice.").waitFor();
  await say(his, "And dries for a day.");
  await hers.message("And dries for a day.").waitFor();
  await his.composer.fill("About the rent");

  await panel.getByRole("button", { name: /^Mei/ }).click();
  await ana.page.getByRole("dialog", { name: "About Mei" }).getByRole("button", { name: "Remove from # Kiln plans" }).click();
  const notice = mei.page.getByRole("heading", { name: "You are no longer in # Kiln plans" });
  await notice.waitFor();
  await hasFocus("the notice", notice);
  assert.equal(await mei.page.getByText("The glaze goes on twice.").count(), 0, "its messages are gone");
  assert.equal(await his.link.count(), 0);
  await mei.page.getByText("About the rent").waitFor();
  await mei.page.getByRole("link", { name: "Go to # general" }).click();
  await mei.composer.waitFor();
  assert.equal((await apis[1].request("GET", "/api/rooms/kiln-plans")).status, 404);
  await Promise.all([ana.isClean(), mei.isClean()]);
});

test("a direct message is begun by one and seen by the other when something was said", async (t) => {
  const { windows: [ana, mei] } = await scene(t, ["Ana", "Mei"]);
  await ana.rail.getByRole("button", { name: "New direct message" }).click();
  const dialog = ana.page.getByRole("dialog", { name: "New direct message" });
  await hasFocus("the names", dialog.getByRole("combobox", { name: "Who is it for?" }));
  await ana.page.keyboard.type("mei");
  await dialog.getByRole("option", { name: /Mei/ }).waitFor();
  await ana.page.keyboard.press("Enter");
  await dialog.getByRole("button", { name: "Remove Mei" }).waitFor();
  await dialog.getByRole("button", { name: "Start" }).click();
  const [hers, his] = [room(ana.page, "Mei"), room(mei.page, "Ana")];
  await hasFocus("the composer", hers.composer);
  assert.equal(await his.link.count(), 0, "choosing people says nothing to them");
  await say(hers, "Do you have the key?");
  await his.link.waitFor();
  await mei.rail.getByText("1 unread").waitFor({ state: "attached" });
  await his.link.click();
  await his.message("Do you have the key?").waitFor();
  await say(his, "Found it.");
  await hers.message("Found it.").waitFor();
  // The same people have the same conversation: their name leads to it.
  await ana.rail.getByRole("link", { name: /^general/ }).click();
  await mei.rail.getByRole("link", { name: /^general/ }).click();
  await mei.say("Morning.");
  await ana.row("Morning.").getByRole("button", { name: "Mei", includeHidden: true }).click();
  await ana.page.getByRole("dialog", { name: "About Mei" }).getByRole("button", { name: "Message" }).click();
  await hers.message("Found it.").waitFor();
  await Promise.all([ana.isClean(), mei.isClean()]);
});

test("what was deleted can be undone for a while, and what others wrote only after a question", async (t) => {
  const { windows: [ana, mei], apis } = await scene(t, ["Ana", "Mei"]);
  await mei.say("One too many.");
  await mei.say("This stays.");
  await ana.sees("This stays.");
  await mei.row("One too many.").focus();
  await mei.page.keyboard.press("Delete");
  await mei.page.getByText("Message deleted.").waitFor();
  await mei.page.keyboard.press("z");
  await mei.sees("One too many.");
  assert.equal(await ana.row("One too many.").count(), 1, "nobody else has noticed");
  await mei.row("One too many.").focus();
  await mei.page.keyboard.press("Enter");
  await mei.page.getByRole("menuitem", { name: "Delete" }).click();
  await mei.page.getByRole("button", { name: "Undo" }).waitFor();
  // Leaving the room means it.
  await mei.page.getByRole("link", { name: "All rooms" }).click();
  await ana.row("This message was deleted").waitFor();
  assert.equal(await ana.row("One too many.").count(), 0);

  await ana.row("This stays.").focus();
  await ana.page.keyboard.press("Delete");
  const asked = ana.page.getByRole("dialog", { name: "Delete this message?" });
  await asked.getByText("This stays.").waitFor();
  await asked.getByRole("button", { name: "Delete" }).click();
  await eventually("both are gone", async () => (await apis[0].history()).every((message) => message.deleted));
  await eventually("two tombstones", async () => (await ana.row("This message was deleted").count()) === 2);
  await Promise.all([ana.isClean(), mei.isClean()]);
});

test("a room is joined in place, silenced, left, and archived", async (t) => {
  const { windows: [ana, mei], apis } = await scene(t, ["Ana", "Mei"]);
  await apis[0].call("POST", "/api/rooms", { name: "deliveries", kind: "open", topic: "Boxes and lists" });
  const [hers, his] = [room(ana.page, "# deliveries"), room(mei.page, "# deliveries")];
  await mei.page.getByRole("link", { name: "All rooms" }).click();
  await mei.page.getByRole("searchbox", { name: "Find a room" }).fill("boxes");
  await mei.page.getByText("1 room", { exact: true }).waitFor();
  await mei.page.getByRole("button", { name: "Join # deliveries" }).click();
  const link = mei.page.getByRole("main").getByRole("link", { name: "deliveries" });
  await hasFocus("the room that was joined", link);
  await his.link.waitFor();
  await mei.page.keyboard.press("Enter");
  await hasFocus("the composer", his.composer);

  await mei.page.getByRole("button", { name: "Notifications for this room: Mentions" }).click();
  await mei.page.getByRole("menuitemradio", { name: /^Nothing/ }).click();
  await mei.page.getByRole("button", { name: "Notifications for this room: Nothing" }).waitFor();
  await mei.page.keyboard.press("Alt+ArrowDown");
  await mei.composer.waitFor();
  await apis[0].post("Twelve boxes.", { room: "deliveries" });
  await eventually("it has arrived", async () => (await apis[1].snapshot()).reads.some((read) => read.unread === 1));
  await his.link.getByText("Muted").waitFor({ state: "attached" });
  assert.equal(await his.link.getByText("unread").count(), 0, "a muted room does not count");

  await his.link.click();
  await mei.page.getByRole("complementary", { name: "Room details" }).getByRole("button", { name: "Leave the room" }).click();
  await mei.page.getByRole("heading", { name: "You left # deliveries" }).waitFor();
  await mei.page.getByRole("button", { name: "Undo" }).click();
  await his.message("Twelve boxes.").waitFor();

  await hers.link.click();
  await ana.page.getByRole("complementary", { name: "Room details" }).getByRole("button", { name: "Room settings" }).click();
  const settings = ana.page.getByRole("dialog", { name: "Room settings" });
  await settings.getByRole("button", { name: "Archive the room" }).click();
  await ana.page.getByRole("heading", { name: "# deliveries is archived" }).waitFor();
  await ana.page.getByRole("link", { name: "Go to # general" }).click();
  await mei.page.getByText("# deliveries was archived. You can read it, not write.").waitFor();
  assert.equal(await his.composer.count(), 0);
  await Promise.all([ana.isClean(), mei.isClean()]);
});
