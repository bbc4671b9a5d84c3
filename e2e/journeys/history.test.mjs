// A long room: older pages come as one scrolls, the view stays where it is, and the page never holds more than it should.

import assert from "node:assert/strict";
import { test } from "node:test";

import { newPerson } from "../support/browser.mjs";
import { eventually } from "../support/wait.mjs";
import { agrees, scene, Window } from "./chat.mjs";

/** Messages in the long room, and how many of them a window holds at most. */
const LONG = 360;
const HELD = 300;
/** How far a row may move when a page is put above it, in CSS pixels: less than anybody sees. */
const STILL_PX = 2;

/** Posts so many messages of different heights; returns them as the server has them. */
async function fill(api, count) {
  for (let n = 0; n < count; n += 20) {
    const batch = Array.from({ length: Math.min(20, count - n) }, (_, at) => n + at + 1);
    await Promise.all(batch.map((number) => api.post(`message ${number}${number % 7 ? "" : "\nand a second line"}`)));
  }
  return api.history();
}

/** Where the rows stand: the first one wholly in view, and whether the last one is. */
function view(window) {
  return window.timeline.evaluate((log) => {
    const box = log.getBoundingClientRect();
    const rows = [...log.querySelectorAll("li[aria-labelledby]")];
    const top = rows.find((row) => row.getBoundingClientRect().top >= box.top);
    return {
      first: top?.getAttribute("aria-labelledby"),
      top: top?.getBoundingClientRect().top,
      atFoot: rows.at(-1).getBoundingClientRect().bottom <= box.bottom + 1,
      scrolled: log.scrollTop,
    };
  });
}

/** Waits until nothing has moved for three frames, and says where things are. */
async function settled(window) {
  await window.timeline.evaluate(async (log) => {
    for (let still = 0, last = NaN; still < 3; still = log.scrollTop + log.scrollHeight === last ? still + 1 : 0) {
      last = log.scrollTop + log.scrollHeight;
      await new Promise(requestAnimationFrame);
    }
  });
  return view(window);
}

function topOf(window, labels) {
  return window.timeline.evaluate(
    (log, labels) => log.querySelector(`li[aria-labelledby="${labels}"]`).getBoundingClientRect().top,
    labels,
  );
}

test("scrolling up loads older pages, and nothing that is in view moves", async (t) => {
  const { server, browser, apis } = await scene(t, ["Ana"]);
  const history = await fill(apis[0], LONG);
  const ana = new Window(await newPerson(browser, server, { as: apis[0] }));
  // Pages are held back, so that the moment they come is the test's.
  const held = [];
  await ana.page.route(/\/messages\?.*\bbefore=/, (route) => held.push(route));
  await ana.open();
  await ana.sees(`message ${LONG}`);
  assert.ok((await settled(ana)).atFoot, "a read room opens at its foot");

  const beginning = ana.page.getByRole("heading", { name: "This is the beginning of # general" });
  const box = await ana.timeline.boundingBox();
  await ana.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  let pages = 0;
  while ((await beginning.count()) === 0) {
    if (held.length === 0) {
      await ana.page.mouse.wheel(0, -600);
      await settled(ana);
      continue;
    }
    assert.equal(held.length, 1, "one page at a time");
    const before = await settled(ana);
    const [oldest] = await ana.rows();
    await held.pop().continue();
    await ana.rowsWhen("the older page is there", (rows) => rows[0].key !== oldest.key);
    await settled(ana);
    const moved = Math.abs((await topOf(ana, before.first)) - before.top);
    assert.ok(moved <= STILL_PX, `page ${(pages += 1)}: what was in view moved by ${moved} px`);
    const rows = await ana.rows();
    assert.ok(rows.length <= HELD, `${rows.length} rows`);
    const at = history.findIndex(({ client_id: id }) => id === rows[0].key);
    assert.deepEqual(rows.map(({ key }) => key), history.slice(at, at + rows.length).map(({ client_id: id }) => id));
  }

  await apis[0].post("and one more");
  const pill = ana.page.getByRole("button", { name: "Jump to the latest" });
  await pill.click();
  await ana.sees("and one more");
  await eventually("the pill leads to the very end", async () => (await view(ana)).atFoot);
  await pill.waitFor({ state: "hidden" });

  await ana.composer.press("Shift+ArrowUp");
  await ana.page.keyboard.press("Home");
  await eventually("Home leads away from the foot", async () => !(await view(ana)).atFoot);
  await ana.page.keyboard.press("End");
  await eventually("End leads back", async () => (await view(ana)).atFoot && (await pill.count()) === 0);
  await ana.isClean();
});

test("what arrives while one reads above is counted, and moves nothing", async (t) => {
  const { apis, windows: [ana] } = await scene(t, ["Ana", "Ben"]);
  await fill(apis[0], 80);
  await agrees(ana, apis[0]);
  await ana.timeline.hover();
  await ana.page.mouse.wheel(0, -500);
  await eventually("the foot is left", async () => !(await view(ana)).atFoot);
  const before = await settled(ana);
  for (const text of ["one", "two", "three"]) await apis[1].post(text);
  const pill = ana.page.getByRole("button", { name: /^3 new messages\s*\. Jump to the latest$/ });
  await pill.waitFor();
  const after = await settled(ana);
  assert.deepEqual([after.first, Math.abs(after.top - before.top) <= STILL_PX], [before.first, true]);
  await pill.click();
  await eventually("the foot is back", async () => (await view(ana)).atFoot);
  await apis[1].post("four");
  await ana.sees("four");
  await eventually("the foot is held", async () => (await view(ana)).atFoot);
  await ana.isClean();
});

test("a room opens at the line above what is new", async (t) => {
  const { server, browser, apis, windows } = await scene(t, ["Ana", "Ben"]);
  await windows[1].page.close(); // or it reads along
  await fill(apis[0], 60);
  const { rooms: [room] } = await apis[1].snapshot();
  const seen = (await apis[1].history())[19];
  await apis[1].call("PUT", `/api/rooms/${room.id}/read`, { offset: seen.offset, rev: 0 });
  const ben = new Window(await newPerson(browser, server, { as: apis[1] }));
  await ben.open();
  const line = ben.timeline.getByText(/^New since /);
  await line.waitFor();
  await settled(ben);
  const [box, log] = [await line.boundingBox(), await ben.timeline.boundingBox()];
  const share = (box.y - log.y) / log.height;
  assert.ok(share > 0.15 && share < 0.35, `the line stands at ${Math.round(share * 100)} % of the height`);
  await ben.row("message 20").waitFor();
  assert.equal((await view(ben)).atFoot, false);
  await ben.page.keyboard.press("Escape");
  await line.waitFor({ state: "hidden" });
  await eventually("Escape leads to the foot", async () => (await view(ben)).atFoot);
});
