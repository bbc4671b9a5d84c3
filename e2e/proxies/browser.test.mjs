// The whole way as people go it: a browser, HTTPS and HTTP/2, a real proxy, the server behind it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { PASSWORD, Window } from "../journeys/chat.mjs";
import { launchBrowser, newPerson } from "../support/browser.mjs";
import { overHttp2 } from "../support/http.mjs";
import { WAYS, openPlace, setupCode } from "./place.mjs";

for (const way of WAYS.filter(({ proxy, over }) => proxy && over === overHttp2)) {
  test(`two people talk ${way.name}`, async (t) => {
    const { server, front, ana } = await openPlace(t, { ...way, isOpen: false });
    const browser = await launchBrowser({ test: t });
    const visit = () => newPerson(browser, front, { ignoreHTTPSErrors: true });

    const first = await visit();
    await first.goto("/");
    await first.getByLabel("Name of the place").fill("The Terrace");
    await first.getByLabel("Your name").fill("Ana");
    await first.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await first.getByLabel("Set-up code").fill(await setupCode(server));
    await first.keyboard.press("Enter");
    const anas = await new Window(first).isLive();

    await ana.signIn("Ana", PASSWORD, { as: "token" });
    const second = await visit();
    await second.goto((await ana.invite()).url);
    await second.getByLabel("Your name").fill("Ben");
    await second.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await second.keyboard.press("Enter");
    const bens = await new Window(second).isLive();

    for (const [from, to, text] of [[anas, bens, "Is the kettle on?"], [bens, anas, "It is."]]) {
      await from.say(text);
      await to.sees(text);
    }
    const [cookie] = await first.context().cookies();
    assert.deepEqual([cookie.name, cookie.secure, cookie.httpOnly], ["__Host-sid", true, true]);
    const spoken = await first.evaluate(() => performance.getEntriesByType("resource").map((entry) => entry.nextHopProtocol));
    assert.deepEqual([...new Set(spoken.filter((protocol) => protocol !== ""))], ["h2"]);
    await anas.isClean();
    await bens.isClean();
  });
}
