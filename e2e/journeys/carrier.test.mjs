// What stands between the page and the server, and what the page makes of it: a proxy that collects, a newer server.

import assert from "node:assert/strict";
import { test } from "node:test";

import { people } from "../support/api.mjs";
import { launchBrowser, newPerson } from "../support/browser.mjs";
import { startRelay } from "../support/relay.mjs";
import { startServer } from "../support/server.mjs";
import { eventually } from "../support/wait.mjs";
import { agrees, Window } from "./chat.mjs";
import { WORDS } from "./words.mjs";

/** Ana's window behind a relay; Ben talks to the server itself. */
async function behindRelay(t, prepare = () => {}) {
  const server = await startServer({ test: t });
  const relay = await startRelay(server, { test: t });
  const apis = await people(server, "Ana", "Ben");
  await prepare(relay, apis);
  const browser = await launchBrowser({ test: t });
  const page = await newPerson(browser, relay, { as: apis[0] });
  return { server, relay, apis, browser, page, window: new Window(page) };
}

test("behind a proxy that holds the stream back the page reads batches, and the stream again when it passes", async (t) => {
  const { relay, apis, page, window } = await behindRelay(t, (relay) => (relay.collects = true));
  const [ana, ben] = apis;
  await window.open();
  await window.isLive();
  assert.ok(relay.asked.some((address) => address.includes("mode=batch")), "it asks for batches");
  for (let n = 1; n <= 3; n += 1) {
    await ben.post(`collected ${n}`);
    await window.sees(`collected ${n}`);
  }
  await window.say("sent all the same");
  await eventually("it is stored", async () => (await ana.history()).length === 4);
  await agrees(window, ana);

  relay.collects = false;
  const before = relay.asked.length;
  await page.reload();
  await window.isLive();
  await eventually("the stream is read again", async () => {
    const streams = relay.asked.slice(before).filter((address) => address.startsWith("/chat"));
    return streams.length > 1 && !streams.at(-1).includes("mode=batch");
  });
  await ben.post("as it comes");
  await window.sees("as it comes");
  await agrees(window, ana);
  await window.isClean();
});

/** Makes the server say that it is of another version. */
const ofVersion = (version, protocol) => (text) =>
  text.replace(/"version":"[^"]*"/, `"version":"${version}"`).replace(/"protocol":\d+/, `"protocol":${protocol}`);

/** Notes how often a page was loaded. */
function loads(page) {
  const count = { loads: 0 };
  page.on("load", () => (count.loads += 1));
  return count;
}

test("a page of another version is loaded anew at the next room, once, and no draft is lost", async (t) => {
  const { relay, page, window } = await behindRelay(t, (_, [ana]) => ana.call("POST", "/api/rooms", { name: "kitchen", kind: "open" }));
  await window.open();
  await window.isLive();
  const count = loads(page);
  relay.rewrite = ofVersion("99.0.0", 1);
  relay.cut();
  await eventually("the page has met the new server", () => relay.asked.filter((address) => address.startsWith("/chat")).length > 1);
  await window.isLive();
  await window.composer.fill("half a sentence");
  assert.equal(count.loads, 0, "not while somebody writes");
  const goTo = (room) => window.rail.getByRole("link", { name: room }).click();
  await goTo("kitchen");
  await page.getByRole("heading", { name: "kitchen", exact: true }).waitFor();
  await eventually("the page is loaded anew", () => count.loads === 1);
  await window.isLive();
  await goTo("general");
  await window.composer.waitFor();
  assert.equal(await window.composer.inputValue(), "half a sentence");
  assert.equal(count.loads, 1, "once, although the version is still another");
});

test("a page of another protocol is loaded anew at once, once, and then asks", async (t) => {
  const { relay, page, window } = await behindRelay(t);
  await window.open();
  await window.isLive();
  await window.composer.fill("half a sentence");
  const count = loads(page);
  relay.rewrite = ofVersion("99.0.0", 2);
  relay.cut();
  const notice = page.getByRole("dialog", { name: WORDS.en("ver_old_t") });
  await notice.waitFor();
  assert.equal(count.loads, 1);
  relay.rewrite = undefined;
  await notice.getByRole("button", { name: WORDS.en("ver_old_go") }).click();
  await window.isLive();
  assert.equal(await window.composer.inputValue(), "half a sentence");
});
