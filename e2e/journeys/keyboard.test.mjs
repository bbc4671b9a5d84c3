// No mouse anywhere: from opening the place to signing out; and typing Chinese, where Enter belongs to the input method first.

import assert from "node:assert/strict";
import { test } from "node:test";

import { launchBrowser, newPerson } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";
import { eventually } from "../support/wait.mjs";
import { hasFocus, PASSWORD, scene, Window } from "./chat.mjs";

test("the whole way by keyboard", async (t) => {
  const server = await startServer({ test: t });
  const browser = await launchBrowser({ test: t });
  const page = await newPerson(browser, server);
  const ana = new Window(page);
  const { keyboard } = page;
  const press = async (...keys) => {
    for (const key of keys) await keyboard.press(key);
  };
  /** Goes on by Tab until an element has the keyboard. */
  const tabTo = async (locator) => {
    await locator.waitFor();
    const focused = () => locator.evaluate((element) => element === document.activeElement);
    for (let tabs = 0; tabs < 40 && !(await focused()); tabs += 1) await press("Tab");
    assert.ok(await focused(), `${locator} is reached by Tab`);
  };
  await page.goto("/");
  await hasFocus("the place's name", page.getByLabel("Name of the place"));
  await keyboard.type("The Terrace");
  await press("Tab");
  await keyboard.type("Ana");
  await press("Tab");
  await keyboard.type(PASSWORD);
  await press("Enter");

  await hasFocus("the composer", ana.composer);
  for (const text of ["one", "two", "three"]) {
    await keyboard.type(text);
    await press("Enter");
    await ana.sees(text);
  }
  await keyboard.type("two");
  await press("Shift+Enter");
  await keyboard.type("lines");
  await press("Control+Enter");
  await ana.rowsWhen("four are sent", (rows) => rows.length === 4 && rows[3].text === "two\nlines" && !rows[3].note);

  // The timeline is one stop, and the arrows walk in it.
  const row = (text) => ana.timeline.getByRole("listitem", { name: new RegExp(`^Ana,? ${text} \\d`) });
  await press("Shift+ArrowUp");
  await hasFocus("the newest message", row("two lines"));
  await press("ArrowUp");
  await hasFocus("the one above", row("three"));
  await press("Home");
  await hasFocus("the first", row("one"));
  await press("End", "ArrowUp", "ArrowUp");
  await hasFocus("the second", row("two"));
  await press("Tab");
  await hasFocus("the composer", ana.composer);
  await press("Shift+Tab");
  await hasFocus("the message that was left", row("two"));
  await keyboard.type("typed from the timeline");
  await hasFocus("the composer", ana.composer);
  assert.equal(await ana.composer.inputValue(), "typed from the timeline");
  await press("Enter", "F6");
  await hasFocus("what is beside the room", page.getByRole("complementary", { name: "Room details" }));
  await press("F6");
  const open = ana.rail.getByRole("link", { name: "general" });
  await hasFocus("the open room in the rail", open);

  const menu = ana.rail.getByRole("button", { name: "The Terrace: people, invites and settings" });
  await press("Shift+Tab");
  await hasFocus("a new room", ana.rail.getByRole("button", { name: "Add a room" }));
  await press("Shift+Tab");
  await hasFocus("the place's menu", menu);
  await press("Enter");
  await hasFocus("the first item", page.getByRole("menuitem", { name: "People", exact: true }));
  await press("ArrowDown");
  await hasFocus("the second item", page.getByRole("menuitem", { name: "Invite people…" }));
  await press("Enter");
  const invite = page.getByRole("dialog", { name: "Invite people" });
  await hasFocus("its heading", invite.getByRole("heading", { name: "Invite people" }));
  await tabTo(invite.getByRole("button", { name: "Make a link" }));
  await press("Enter");
  await hasFocus("the link", invite.getByLabel("Invite link"));
  await press("Escape");
  await hasFocus("the place's menu", menu);
  await press("Enter");
  await hasFocus("the first item", page.getByRole("menuitem", { name: "People", exact: true }));
  await press("ArrowUp");
  await hasFocus("the last item", page.getByRole("menuitem", { name: "Settings" }));
  await press("Enter");
  const settings = page.getByRole("dialog", { name: "Settings" });
  await settings.waitFor();
  await hasFocus("its heading", settings.getByRole("heading", { name: "Settings" }));
  await tabTo(settings.getByRole("link", { name: "Appearance" }));
  await press("Enter");
  await tabTo(settings.getByRole("radio", { name: "System" }));
  await press("ArrowRight", "ArrowRight");
  await eventually("the page is dark", () => page.evaluate(() => document.documentElement.dataset.theme === "dark"));
  await tabTo(settings.getByRole("link", { name: "Language and time" }));
  await press("Enter");
  await tabTo(settings.getByRole("combobox", { name: "Language" }));
  await press("End");
  const chinese = page.getByRole("dialog", { name: "设置" });
  await chinese.waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-CN");
  await hasFocus("the list that was used", chinese.getByRole("combobox", { name: "语言" }));
  await press("Home");
  await settings.waitFor();
  await tabTo(settings.getByRole("link", { name: "Devices" }));
  await press("Enter");
  await tabTo(settings.getByRole("button", { name: "Sign out", exact: true }));
  await press("Enter");

  await hasFocus("the name", page.getByRole("textbox", { name: "Name" }));
  await keyboard.type("ana");
  await press("Tab");
  await keyboard.type(PASSWORD);
  await press("Enter");
  await hasFocus("the composer", ana.composer);
  await ana.sees("typed from the timeline");

  // Before everything else, two links lead past the rooms.
  await press("F6", "F6");
  await hasFocus("the open room in the rail", open);
  await press("Shift+Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab");
  await hasFocus("a way past the rooms", page.getByRole("link", { name: "Skip to messages" }));
  await press("Enter");
  await hasFocus("the newest message", row("typed from the timeline"));
  await ana.isClean();
});

test("Enter belongs to the input method while it composes", async (t) => {
  const { apis, windows: [ana] } = await scene(t, ["Ana"]);
  const { page } = ana;
  const devtools = await page.context().newCDPSession(page);
  const enter = (type, more) => devtools.send("Input.dispatchKeyEvent", { type, key: "Enter", code: "Enter", ...more });
  await page.evaluate(() => addEventListener("compositionend", () => (globalThis.endedAt = performance.now()), true));
  await ana.composer.focus();
  await devtools.send("Input.imeSetComposition", { text: "zhu'yi", selectionStart: 6, selectionEnd: 6 });
  // As Chromium sends it: the key is the method's ("process", 229).
  await enter("rawKeyDown", { windowsVirtualKeyCode: 229 });
  await enter("keyUp", { windowsVirtualKeyCode: 13 });
  // And as some methods do: the real key, in the middle of the composition.
  await enter("rawKeyDown", { windowsVirtualKeyCode: 13 });
  await enter("keyUp", { windowsVirtualKeyCode: 13 });
  assert.equal(await ana.composer.inputValue(), "zhu'yi");
  await devtools.send("Input.insertText", { text: "**注意：**正文" });
  assert.equal(await ana.composer.inputValue(), "**注意：**正文");
  assert.deepEqual(await apis[0].history(), []);
  // An Enter within 50 ms of the commit is still the method's; nobody is that quick.
  await page.waitForFunction(() => performance.now() - globalThis.endedAt > 50);
  await page.keyboard.press("Enter");
  await ana.rowsWhen("it is there", (rows) => rows.length === 1 && rows[0].text === "注意：正文" && !rows[0].note);
  await ana.timeline.getByRole("strong").getByText("注意：", { exact: true }).waitFor();
  assert.deepEqual((await apis[0].history()).map(({ body }) => body), ["**注意：**正文"]);
  await ana.isClean();
});
