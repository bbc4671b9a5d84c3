// What is rare to see: a long replay under way, and a server that speaks a newer language than the page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { people } from "../support/api.mjs";
import { launchBrowser, newPerson } from "../support/browser.mjs";
import { ReplayHolder } from "../support/held-replay.mjs";
import { startServer } from "../support/server.mjs";
import { openChat } from "../support/sse.mjs";
import { inspect } from "./inspect.mjs";
import { LANGUAGES, WORDS } from "./words.mjs";

/** How many messages are missed: enough to be worth saying. */
const MISSED = 26;

for (const [language, locale] of Object.entries(LANGUAGES)) {
  const w = WORDS[language];
  const room = "# general";

  test(`a long replay says how far it is, ${language}`, async (t) => {
    const server = await startServer({ test: t });
    const [ana] = await people(server, "Ana");
    const holder = await new ReplayHolder(server.url).accept();
    t.after(() => holder.close());
    const browser = await launchBrowser({ test: t });
    const page = await newPerson(browser, holder, { as: ana, locale });
    await page.goto("/");
    await page.getByText(w("live_ok").split("{ms}")[0]).first().waitFor();
    for (let i = 0; i < 2; i++) await ana.post(`before ${i}`);
    await page.getByText("before 1").waitFor();

    await page.context().setOffline(true);
    holder.hold();
    await page.getByRole("paragraph").filter({ hasText: w("conn_off") }).waitFor();
    for (let i = 0; i < MISSED; i++) await ana.post(`missed ${i}`);
    await page.context().setOffline(false);
    const strip = page.getByRole("paragraph").filter({ hasText: w("conn_replay", { n: String(MISSED) }) });
    await strip.waitFor();
    const progress = page.getByRole("progressbar", { name: w("conn_replay", { n: String(MISSED) }) });
    assert.equal(Number(await progress.evaluate((bar) => bar.value)), MISSED);
    await inspect(page, language, "replay");

    holder.release();
    await strip.waitFor({ state: "detached" });
    await page.getByRole("log", { name: w("room_log", { room }) }).getByText(`missed ${MISSED - 1}`).waitFor();
    await inspect(page, language, "replayed");
  });

  test(`a page that is too old for the server can only be reloaded, ${language}`, async (t) => {
    const server = await startServer({ test: t });
    const [ana] = await people(server, "Ana");
    const browser = await launchBrowser({ test: t });
    const page = await newPerson(browser, server, { as: ana, locale });
    const hello = await (await openChat(ana, { test: t })).next("hello", ({ event }) => event === "hello");
    const newer = JSON.stringify({ ...hello.data, protocol: hello.data.protocol + 1 });
    await page.route("**/chat*", (route) => route.fulfill({
      contentType: "text/event-stream; charset=utf-8",
      body: `event: hello\nid: ${hello.id}\ndata: ${newer}\n\n`,
    }));
    await page.goto("/");
    const notice = page.getByRole("dialog", { name: w("ver_old_t") });
    await notice.waitFor();
    await inspect(page, language, "too-old");
    await page.keyboard.press("Escape");
    await notice.waitFor();

    await page.unrouteAll();
    await notice.getByRole("button", { name: w("ver_old_go") }).click();
    await page.getByText(w("live_ok").split("{ms}")[0]).first().waitFor();
    assert.equal(await notice.isVisible(), false);
  });
}
