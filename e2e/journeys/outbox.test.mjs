// What was written is not lost: not by reloading, not by closing the tab, not by a server that refuses; and it is never sent
// under another name.

import assert from "node:assert/strict";
import { test } from "node:test";

import { newPage } from "../support/browser.mjs";
import { eventually } from "../support/wait.mjs";
import { agrees, hasFocus, PASSWORD, scene, Window } from "./chat.mjs";

const POSTS = /\/api\/rooms\/[^/]+\/messages$/;

/** Answers posts of a window as `answer` says; everything else goes on to the server. */
async function onPost(target, answer) {
  await target.route(POSTS, (route) => (route.request().method() === "POST" ? answer(route) : route.fallback()));
}

const refusal = (status, code) => (route) =>
  route.fulfill({
    status,
    contentType: "application/problem+json",
    body: JSON.stringify({ type: `urn:teahouse:problem:${code}`, title: "No.", status, code, request_id: "test" }),
  });

test("what is written while the server is away outlives a reload and a closed tab", async (t) => {
  const { proxy, apis, windows } = await scene(t, ["Ana", "Ben"], { proxied: true });
  const [ana, ben] = windows;
  await ana.say("one");
  await ben.sees("one");
  await proxy.refuse();
  proxy.cut();
  await ana.say("two");
  await ana.say("three");
  await ana.rowsWhen("both wait", (rows) => rows.slice(1).every(({ note }) => note === "Will be sent") && rows.length === 3);

  await ana.page.reload().catch(() => {}); // the browser's own page: there is no server
  await ana.page.close();
  await proxy.accept();
  const again = new Window(await newPage(ana.page.context()));
  await again.open();
  for (const text of ["two", "three"]) await ben.sees(text);
  assert.deepEqual((await apis[0].history()).map(({ body }) => body), ["one", "two", "three"]);
  await agrees(again, apis[0]);
  await agrees(ben, apis[1]);
  await again.isClean();
});

test("what is written just before the page goes away is kept", async (t) => {
  const { apis, windows: [ana] } = await scene(t, ["Ana"]);
  await onPost(ana.page, (route) => route.abort());
  await ana.composer.fill("the last word");
  // In one task: Enter, and the page is gone before IndexedDB could have answered.
  await ana.composer.evaluate((composer) => {
    composer.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    location.reload();
  });
  await ana.sees("the last word");
  assert.deepEqual(await apis[0].history(), []);
  await ana.page.unroute(POSTS);
  await ana.open();
  await eventually("it is sent", async () => (await apis[0].history()).length === 1);
  await agrees(ana, apis[0]);
});

test("nothing is sent under another account", async (t) => {
  const { apis, windows: [ana] } = await scene(t, ["Ana", "Ben"]);
  const { page } = ana;
  await onPost(page, (route) => route.abort());
  await ana.say("only Ana may say this");
  await ana.composer.fill("nor may Ben see this draft");
  await eventually("the draft is kept", () =>
    page.evaluate(() => Object.values(localStorage).some((text) => text.includes("draft"))));
  await apis[0].signOut();
  await page.getByRole("dialog", { name: "You were signed out" }).waitFor();
  await page.unroute(POSTS);

  await page.reload();
  await signIn(page, "Ben");
  await ana.isLive();
  await ana.say("Ben was here");
  await ana.rowsWhen("Ben's is the only message", (rows) => rows.length === 1 && rows[0].by === "Ben" && !rows[0].note);
  assert.equal(await ana.composer.inputValue(), "");
  await signOut(ana);

  await signIn(page, "Ana");
  await ana.sees("only Ana may say this");
  await apis[0].signIn("Ana");
  await eventually("it is sent", async () => (await apis[0].history()).length === 2);
  await agrees(ana, apis[0]);
  const { me } = await apis[0].snapshot();
  assert.equal((await apis[0].history()).at(-1).author, me.id);
  await ana.isClean();
});

test("signing out forgets what was not sent", async (t) => {
  const { apis, windows: [ana] } = await scene(t, ["Ana", "Ben"]);
  await onPost(ana.page, (route) => route.abort());
  await ana.say("never mind");
  await ana.rowsWhen("it waits", (rows) => rows.length === 1);
  await signOut(ana);
  await ana.page.unroute(POSTS);
  await signIn(ana.page, "Ana");
  await ana.isLive();
  await ana.page.getByText("Say what the room is for.").waitFor();
  const kept = await ana.page.evaluate(async () => {
    const open = indexedDB.open("teahouse");
    await new Promise((resolve) => (open.onsuccess = resolve));
    const all = open.result.transaction("outbox").objectStore("outbox").getAll();
    await new Promise((resolve) => (all.onsuccess = resolve));
    return [...all.result, ...Object.values(localStorage)].filter((text) => text.includes("never mind"));
  });
  assert.deepEqual(kept, []);
  await apis[0].signIn("Ana");
  assert.deepEqual(await apis[0].history(), []);
});

test("a refused message stays, with three ways out", async (t) => {
  const { apis, windows: [ana] } = await scene(t, ["Ana"]);
  const { page } = ana;
  await onPost(page, refusal(400, "too_long"));
  for (const text of ["first", "second", "third"]) await ana.say(text);
  const failed = (text) => ana.row(text).getByRole("group", { name: "Not sent. The server does not accept this text." });
  for (const text of ["first", "second", "third"]) await failed(text).waitFor();
  await page.getByRole("alert").filter({ hasText: "Message not sent. Press F6 to reach it." }).waitFor({ state: "attached" });

  await ana.composer.fill("half a sentence");
  await page.keyboard.press("F6");
  await page.keyboard.press("F6");
  await failed("third").getByRole("button", { name: "Delete" }).click();
  await ana.row("third").waitFor({ state: "detached" });
  await failed("second").getByRole("button", { name: "Edit" }).click();
  await ana.row("second").waitFor({ state: "detached" });
  await hasFocus("the composer", ana.composer);
  assert.equal(await ana.composer.inputValue(), "second\nhalf a sentence");

  await page.reload();
  await failed("first").waitFor();
  assert.equal(await ana.composer.inputValue(), "second\nhalf a sentence");
  await page.unroute(POSTS);
  await failed("first").getByRole("button", { name: "Try again" }).click();
  await eventually("it is sent", async () => (await apis[0].history()).length === 1);
  await hasFocus("the composer", ana.composer);
  await ana.composer.press("Enter");
  await eventually("both are sent", async () => (await apis[0].history()).length === 2);
  await agrees(ana, apis[0]);
  await ana.isClean();
});

test("a server that does not answer for half a minute is given up, and tried again on demand", async (t) => {
  const { server, apis, windows: [ana] } = await scene(t, ["Ana"]);
  const { page } = ana;
  await page.clock.install();
  await ana.open();
  await ana.isLive();
  await onPost(page, refusal(503, "unavailable"));
  await ana.say("into the silence");
  const row = ana.row("into the silence");
  const failed = row.getByRole("group", { name: "Not sent. The server did not answer." });
  for (let second = 0; second < 40 && !(await failed.isVisible()); second += 1) await page.clock.runFor(1_000);
  await failed.waitFor();
  await page.unroute(POSTS);
  await row.getByRole("button", { name: "Try again" }).click();
  await eventually("it is sent", async () => (await apis[0].history()).length === 1);
  await agrees(ana, apis[0]);
  assert.equal(server.stderr.includes("panicked"), false);
});

/** At the sign-in page. */
async function signIn(page, name) {
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Through the settings. */
async function signOut(window) {
  await window.signOut();
  await window.page.getByText("Signed out on this device. Your drafts are still here.").waitFor();
}
