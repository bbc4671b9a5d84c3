// How a visit ends, and goes on: signed out elsewhere, a session that is none, a server that restarts.

import assert from "node:assert/strict";
import { test } from "node:test";

import { launchBrowser, newPage, newPerson } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";
import { agrees, hasFocus, PASSWORD, scene, Window } from "./chat.mjs";

test("signing out in one place ends the other window's stream, and nothing written there is lost", async (t) => {
  const { apis, windows: [ana, ben] } = await scene(t, ["Ana", "Ben"]);
  const { page } = ana;
  await ana.say("before");
  await ana.composer.fill("half a sentence");
  await apis[0].signOut();

  const notice = page.getByRole("dialog", { name: "You were signed out" });
  await notice.waitFor();
  const password = notice.getByLabel("Password", { exact: true });
  await hasFocus("the password", password);
  assert.equal(await notice.getByRole("textbox", { name: "Name" }).inputValue(), "Ana");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  assert.ok(await notice.isVisible(), "it cannot be put away: the page cannot go on");
  await ben.say("said meanwhile");

  await password.fill("not the password");
  await page.keyboard.press("Enter");
  await notice.getByText("Name and password do not match.").waitFor();
  await hasFocus("the password", password);
  await password.fill(PASSWORD);
  await page.keyboard.press("Enter");
  await notice.waitFor({ state: "hidden" });
  await ana.isLive();
  await ana.sees("said meanwhile");
  assert.equal(await ana.composer.inputValue(), "half a sentence");
  await ana.composer.press("Enter");
  await ben.sees("half a sentence");
  await apis[0].signIn("Ana");
  await agrees(ana, apis[0]);
  await ana.isClean();
});

test("two windows of one browser sign out and in together", async (t) => {
  const { windows: [first] } = await scene(t, ["Ana"]);
  const second = await new Window(await newPage(first.page.context())).open();
  await second.isLive();
  await first.signOut();
  await first.page.getByText("Signed out on this device. Your drafts are still here.").waitFor();
  await second.page.getByRole("heading", { name: /^Sign in/ }).waitFor();
  await first.page.getByRole("textbox", { name: "Name" }).fill("ANA");
  await first.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await first.page.keyboard.press("Enter");
  await first.isLive();
  await second.isLive();
  await first.say("back");
  await second.sees("back");
  await first.isClean();
  await second.isClean();
});

test("whoever has no session, or one that is none, gets the sign-in page and then the room", async (t) => {
  const server = await startServer({ test: t });
  const browser = await launchBrowser({ test: t });
  await server.api().setUp();
  const page = await newPerson(browser, server);
  await page.context().addCookies([{ name: "sid", value: "0".repeat(43), url: server.url, httpOnly: true }]);
  await page.goto("/rooms/general");
  await page.getByRole("heading", { name: "Sign in to The Terrace" }).or(page.getByRole("heading", { name: "Sign in" })).first().waitFor();
  assert.equal(new URL(page.url()).pathname, "/signin");
  const [name, password] = [page.getByRole("textbox", { name: "Name" }), page.getByLabel("Password", { exact: true })];
  await hasFocus("the name", name);
  await name.fill("Ana");
  await password.fill("something else");
  await page.getByRole("button", { name: "Show the password" }).click();
  assert.equal(await password.getAttribute("type"), "text");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").filter({ hasText: "Name and password do not match." }).waitFor();
  await hasFocus("the password", password);
  assert.equal(await password.inputValue(), "");
  await password.fill(PASSWORD);
  await page.keyboard.press("Enter");
  const window = new Window(page);
  await window.isLive();
  await window.say("here I am");
  await window.sees("here I am");
  await window.isClean();
});

test("a server that restarts says so, and the room goes on", async (t) => {
  const { server, apis, windows } = await scene(t, ["Ana", "Ben"]);
  const [ana, ben] = windows;
  await ana.say("before");
  await ben.sees("before");
  const { code } = await server.kill("SIGTERM");
  assert.equal(code, 0, "an open stream does not hold a server back");
  const restarting = /^The server is restarting\. Back in about \d+ s\. You can keep writing\.$/;
  for (const window of windows) {
    await window.strip(restarting).waitFor();
    await window.rail.getByText("Restarting", { exact: true }).waitFor();
  }
  await ana.say("meanwhile");
  await server.start();
  for (const window of windows) {
    await window.isLive();
    await window.strip(restarting).waitFor({ state: "hidden" });
  }
  await ben.sees("meanwhile");
  for (const [at, window] of windows.entries()) await agrees(window, apis[at]);
  for (const window of windows) await window.isClean();
});

test("a link that seems alive but is dead is noticed, and a device without a network says so", async (t) => {
  const { proxy, apis, windows: [ana] } = await scene(t, ["Ana", "Ben"], { proxied: true });
  const { page } = ana;
  await page.clock.install();
  await ana.open();
  await ana.isLive();
  // Nothing moves any more, and nobody is told: only the missing heartbeats can.
  proxy.freeze();
  await apis[1].post("said into the dead link");
  for (let second = 0; second < 60 && (await ana.strip(/^Reconnecting/).count()) === 0; second += 1) {
    await page.clock.runFor(1_000);
  }
  await ana.strip(/^Reconnecting/).waitFor();
  proxy.cut();
  proxy.thaw();
  await page.getByRole("button", { name: "Try now" }).click();
  await ana.sees("said into the dead link");

  await page.context().setOffline(true);
  await proxy.refuse();
  proxy.cut();
  await ana.strip(/^You are offline\. Messages will be sent when you are back\.$/).waitFor();
  await ana.say("for later");
  await proxy.accept();
  await page.context().setOffline(false);
  await ana.rowsWhen("it was sent", (rows) => rows.at(-1).text === "for later" && !rows.at(-1).note);
  await agrees(ana, apis[0]);
  await ana.isClean();
});
