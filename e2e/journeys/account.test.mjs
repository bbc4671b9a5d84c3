// What is one's own: another device, tokens, another password, and the pages of the settings as entries of the history.

import assert from "node:assert/strict";
import { test } from "node:test";

import { newPerson, VIEWPORTS } from "../support/browser.mjs";
import { eventually } from "../support/wait.mjs";
import { PASSWORD, scene, Window } from "./chat.mjs";

test("a session moves to another device, once, and is ended from here", async (t) => {
  const { server, browser, windows: [ana] } = await scene(t, ["Ana"]);
  const settings = await ana.settings("Devices");
  await settings.getByRole("button", { name: "Move to another device" }).click();
  const link = await settings.getByLabel("Invite link").inputValue();
  await settings.getByText(/^[45]:\d\d left$/).waitFor();
  const phone = await newPerson(browser, server, { viewport: VIEWPORTS.phone, hasTouch: true, isMobile: true });
  await phone.goto(link);
  await phone.getByRole("heading", { name: "Sign in as Ana?" }).waitFor();
  await phone.getByRole("button", { name: "Sign in as Ana" }).click();
  await new Window(phone).composer.waitFor();
  await settings.getByText(/ is signed in\.$/).waitFor();
  const late = await newPerson(browser, server);
  await late.goto(link);
  await late.getByRole("heading", { name: "This link does not work" }).waitFor();

  await settings.getByRole("button", { name: /^Sign out: / }).click();
  await phone.getByRole("dialog", { name: "You were signed out" }).waitFor();
  await settings.getByText("Signed out", { exact: true }).waitFor();
});

test("a token is shown once, narrowed, and ends when it is revoked", async (t) => {
  const { server, windows: [ana] } = await scene(t, ["Ana"]);
  const settings = await ana.settings("Tokens");
  await settings.getByLabel("What is it for?").fill("Kiln sensor");
  await settings.getByLabel("It may").selectOption("read");
  await settings.getByRole("button", { name: "New token" }).click();
  const token = await settings.locator("code").innerText();
  const ask = (method, path, body) => fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  assert.equal((await ask("GET", "/api/snapshot")).status, 200);
  assert.equal((await ask("POST", "/api/rooms", { name: "Kiln", kind: "open" })).status, 403);
  await settings.getByRole("link", { name: "Devices" }).click();
  await settings.getByRole("link", { name: "Tokens" }).click();
  await settings.getByRole("button", { name: "Revoke: Kiln sensor" }).waitFor();
  assert.equal(await settings.getByText(token).count(), 0, "it is shown once");
  await settings.getByRole("button", { name: "Revoke: Kiln sensor" }).click();
  await settings.getByText("Revoked").waitFor();
  assert.equal((await ask("GET", "/api/snapshot")).status, 401);
});

test("another password signs the other browser out, and keeps its draft", async (t) => {
  const { server, browser, windows: [ana] } = await scene(t, ["Ana"]);
  const there = server.api();
  await there.signIn("Ana");
  const other = await new Window(await newPerson(browser, server, { as: there })).open();
  await other.isLive();
  await other.composer.fill("half a thought");
  const settings = await ana.settings("Password");
  await settings.getByLabel("Current password", { exact: true }).fill("not this one");
  await settings.getByLabel("New password", { exact: true }).fill("another long sentence");
  await settings.getByRole("button", { name: "Change the password" }).click();
  await settings.getByText("This is not your current password.").waitFor();
  await settings.getByLabel("Current password", { exact: true }).fill(PASSWORD);
  await settings.getByRole("button", { name: "Change the password" }).click();
  await settings.getByText("The password is changed. Other devices are signed out.").waitFor();

  const notice = other.page.getByRole("dialog", { name: "You were signed out" });
  await notice.getByLabel("Password", { exact: true }).fill("another long sentence");
  await notice.getByRole("button", { name: "Sign in" }).click();
  await notice.waitFor({ state: "hidden" });
  assert.equal(await other.composer.inputValue(), "half a thought");
  await ana.isClean();
});

test("somebody else takes over a page that was signed out, and finds nothing of the first", async (t) => {
  const { apis: [ana], windows: [window] } = await scene(t, ["Ana", "Mei"]);
  await window.composer.fill("a secret of Ana's");
  await ana.signOut();
  const notice = window.page.getByRole("dialog", { name: "You were signed out" });
  await notice.getByRole("button", { name: "Someone else? Drafts of Ana are removed first." }).click();
  await window.page.getByRole("textbox", { name: "Name" }).fill("Mei");
  await window.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await window.page.getByRole("button", { name: "Sign in" }).click();
  await window.isLive();
  assert.equal(await window.composer.inputValue(), "");
  const left = await window.page.evaluate(() => Object.values(localStorage).join(" "));
  assert.ok(!left.includes("secret"), left);
});

test("the settings are pages of the history, and texts are saved when they are left", async (t) => {
  const { windows: [ana, mei] } = await scene(t, ["Ana", "Mei"]);
  const { page } = ana;
  const settings = await ana.settings("Profile");
  await settings.getByLabel("Name shown").fill("Ana Prado");
  await settings.getByLabel("Sign-in name").fill("mei");
  await ana.page.getByText("Ana Prado").first().waitFor();
  await settings.getByLabel("About you").focus();
  await settings.getByText("That name is taken.").waitFor();
  await settings.getByLabel("About you").fill("Pours");
  await settings.getByRole("link", { name: "Privacy" }).click();
  await settings.getByRole("switch", { name: "Show when I am here" }).uncheck();
  await page.goBack();
  await settings.getByRole("heading", { name: "Profile" }).waitFor();
  assert.equal(await settings.getByLabel("Name shown").inputValue(), "Ana Prado");
  assert.equal(await settings.getByLabel("About you").inputValue(), "Pours");
  await settings.getByRole("button", { name: "Close" }).click();
  await settings.waitFor({ state: "hidden" });
  await eventually("the address is the room's", () => new URL(page.url()).hash === "");
  await ana.say("under another name");
  await mei.timeline.getByText("Ana Prado").waitFor();
  await page.goto("/#settings/privacy");
  await eventually("it is still off", async () => !(await settings.getByRole("switch", { name: "Show when I am here" }).isChecked()));
});

test("on a phone the settings are a list first, then one page with a way back", async (t) => {
  const { windows: [ana] } = await scene(t, ["Ana"]);
  const { page } = ana;
  await page.setViewportSize(VIEWPORTS.phone);
  await page.goto("/#settings");
  const settings = page.getByRole("dialog", { name: "Settings" });
  await settings.getByRole("link", { name: "Appearance" }).click();
  await settings.getByRole("radio", { name: "Dark" }).check();
  assert.equal(await settings.getByRole("link", { name: "Profile" }).count(), 0, "one page at a time");
  await settings.getByRole("button", { name: "Back to settings" }).click();
  await settings.getByRole("link", { name: "Profile" }).waitFor();
});
