// On a phone a finger draws the room aside, to the rooms, as the button above the room does.

import assert from "node:assert/strict";
import { test } from "node:test";

import { newPerson, VIEWPORTS } from "../support/browser.mjs";
import { eventually } from "../support/wait.mjs";
import { scene, Window } from "./chat.mjs";

/** A finger on the screen: what the browser makes of it is its own affair. */
class Finger {
  constructor(session) {
    this.session = session;
  }

  static async of(page) {
    return new Finger(await page.context().newCDPSession(page));
  }

  async #touch(type, ...points) {
    await this.session.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y]) => ({ x, y })) });
  }

  /** Puts it down and moves it over these points; it stays down. */
  async draw(first, ...points) {
    await this.#touch("touchStart", first);
    for (const point of points) await this.#touch("touchMove", point);
  }

  lift() {
    return this.#touch("touchEnd");
  }
}

/** How far the room stands to the right of its place, in pixels. */
const aside = (page) => page.locator("main").evaluate((room) => room.getBoundingClientRect().left);

/** Points from one to another, as a finger that moves leaves them. */
const way = ([x, y], [toX, toY]) => Array.from({ length: 9 }, (_, i) => [x + ((toX - x) * i) / 8, y + ((toY - y) * i) / 8]);

test("a finger draws the room aside", async (t) => {
  const { server, browser, apis } = await scene(t, ["Ana"]);
  for (let i = 0; i < 30; i++) await apis[0].post(`message ${i}`);
  await apis[0].post(`\`\`\`\n${"long ".repeat(60)}\n\`\`\``);
  const page = await newPerson(browser, server, { as: apis[0], viewport: VIEWPORTS.phone, hasTouch: true, isMobile: true });
  const ana = await new Window(page).open();
  await ana.sees("message 29");
  const finger = await Finger.of(page);
  const rooms = page.getByRole("main", { name: "Rooms" });
  const isBack = () => eventually("the room is back in its place", async () => (await aside(page)) === 0);

  await finger.draw(...way([100, 300], [200, 310]));
  await eventually("the room follows", async () => (await aside(page)) > 80);
  await finger.lift();
  await isBack();
  assert.equal(new URL(page.url()).pathname, "/rooms/general", "a third of the way is not reached");

  for (const [what, from, to] of [
    ["up and down", [100, 200], [140, 500]],
    ["to the left", [300, 300], [40, 300]],
    ["from the edge", [10, 300], [300, 300]],
  ]) {
    await finger.draw(...way(from, to));
    assert.equal(await aside(page), 0, what);
    await finger.lift();
  }
  const code = page.locator("pre").last();
  await code.scrollIntoViewIfNeeded();
  const box = await code.boundingBox();
  const middle = box.y + box.height / 2;
  await finger.draw(...way([300, middle], [100, middle]));
  await finger.lift();
  await eventually("the code has scrolled", () => code.evaluate((code) => code.scrollLeft > 0));
  await finger.draw(...way([100, middle], [350, middle]));
  assert.equal(await aside(page), 0, "code scrolls and draws nothing");
  await finger.lift();

  await finger.draw(...way([100, 300], [300, 310]));
  await finger.lift();
  await rooms.waitFor();
  assert.equal(new URL(page.url()).pathname, "/");
  await page.goBack();
  await ana.composer.waitFor();
  await isBack();
  await ana.isClean();
});
