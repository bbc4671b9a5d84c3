// Before the program has loaded there is something to see: whose place this is, and where things will be.

import assert from "node:assert/strict";
import { test } from "node:test";

import { assertAccessible, launchBrowser, newPage, newPerson } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";
import { eventually } from "../support/wait.mjs";
import { PASSWORD, Window } from "./chat.mjs";

/** Holds the program back until `release` is called. */
async function holdProgram(page) {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await page.route(/\.wasm$/, async (route) => {
    await released;
    await route.continue();
  });
  return release;
}

/** Text and boxes that are painted, whatever the accessibility tree says of them. */
function painted(page) {
  return page.evaluate(() => {
    const shown = (element) => element.checkVisibility() && element.getBoundingClientRect().width > 4;
    const generated = [...document.body.querySelectorAll("*")].filter(shown)
      .map((element) => getComputedStyle(element, "::after").content).filter((text) => text.startsWith('"'));
    return {
      at: performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
      boxes: [...document.body.querySelectorAll("svg, span")].filter(shown).length,
      generated,
    };
  });
}

test("a door and a room are drawn before the program is there", async (t) => {
  const server = await startServer({ test: t });
  const browser = await launchBrowser({ test: t });
  const page = await newPerson(browser, server);
  let release = await holdProgram(page);
  await page.goto("/", { waitUntil: "commit" });
  await page.getByRole("heading", { name: "Teahouse · 茶馆" }).waitFor({ state: "attached" });
  const door = await eventually("something is painted", async () => {
    const seen = await painted(page);
    return seen.at && seen;
  });
  assert.ok(door.boxes > 3 && door.generated.includes('"Teahouse"'), JSON.stringify(door));
  await assertAccessible(page, "the door before the program");
  release();
  await page.getByLabel("Name of the place").fill("The Terrace");
  await page.getByLabel("Your name").fill("Ana");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.keyboard.press("Enter");
  await new Window(page).isLive();

  // Whoever has been here sees the place's name at once.
  const again = await newPage(page.context());
  release = await holdProgram(again);
  await again.goto("/", { waitUntil: "commit" });
  const room = await eventually("the room is painted", async () => {
    const seen = await painted(again);
    return seen.at && seen;
  });
  assert.ok(room.boxes > 8 && room.generated.includes('"The Terrace"'), JSON.stringify(room));
  t.diagnostic(`first contentful paint without the program: door ${door.at.toFixed(0)} ms, room ${room.at.toFixed(0)} ms`);
  await assertAccessible(again, "the room before the program");
  release();
  await new Window(again).isLive();
  assert.equal(await again.getByRole("heading", { name: "Teahouse · 茶馆" }).count(), 0);
  await new Window(page).isClean();
  await new Window(again).isClean();
});

test("a server that does not answer at the start is said, and tried again", async (t) => {
  const server = await startServer({ test: t });
  const browser = await launchBrowser({ test: t });
  const page = await newPerson(browser, server);
  await page.route("**/api/**", (route) => route.abort());
  await page.goto("/");
  const again = page.getByRole("button", { name: "Try now" });
  await again.waitFor();
  await assertAccessible(page, "the strip over the skeleton");
  await page.unroute("**/api/**");
  await again.click();
  await page.getByLabel("Name of the place").waitFor();
  await new Window(page).isClean();
});
