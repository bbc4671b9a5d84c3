// Ten tabs and one stream: all update, a second account hears nothing, and signing out is for all of them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually } from "../support/wait.mjs";
import { agrees } from "./chat.mjs";
import { leaderOf, streams, tabs } from "./tabs.mjs";

for (const locks of [true, false]) {
  const means = locks ? "Web Locks" : "a lease";

  test(`ten tabs update over one stream, by ${means}`, async (t) => {
    const { server, apis, windows } = await tabs(t, 10, { locks });
    const [ana, ben] = apis;
    for (let n = 1; n <= 20; n += 1) await ben.post(`message ${n}`);
    await windows[7].say("from the eighth tab");
    await Promise.all(windows.map((window) => window.sees("from the eighth tab")));
    for (const window of windows) await agrees(window, ana);
    assert.deepEqual(streams(server), { opened: 1, open: 1 });
    leaderOf(windows);
    for (const window of windows) await window.isClean();
  });

  test(`a tab that is closed hands its stream over, by ${means}`, async (t) => {
    const { server, apis, windows } = await tabs(t, 3, { locks });
    const leader = leaderOf(windows);
    const others = windows.filter((window) => window !== leader);
    await leader.page.close({ runBeforeUnload: true });
    await apis[1].post("while nobody had the stream");
    for (const window of others) await agrees(window, apis[0]);
    await eventually("one stream is open", () => streams(server).open === 1);
    assert.equal(streams(server).opened, 2);
  });
}

test("signing out in one tab clears and closes all", async (t) => {
  const { server, windows } = await tabs(t, 3);
  await windows[2].composer.fill("a draft of Ana's");
  const { page } = windows[1];
  await windows[1].signOut();
  for (const window of windows) {
    await window.page.getByRole("heading", { name: /^Sign in/ }).waitFor();
    assert.equal(await window.page.getByText("a draft of Ana's").count(), 0);
  }
  await eventually("every stream has ended", () => streams(server).open === 0);
  const left = await page.evaluate(() => Object.keys(localStorage).filter((key) => /account|draft|outbox/.test(key)));
  assert.deepEqual(left, []);
});

test("a second account in the same browser hears nothing of the first", async (t) => {
  const { server, context, apis, windows } = await tabs(t, 2, { names: ["Ana", "Ben", "Cho"] });
  const [ana, ben, cho] = apis;
  const ids = await Promise.all([ana, ben].map(async (api) => (await api.snapshot()).me.id));
  const spy = await context.newPage();
  await spy.goto("/healthz");
  await spy.evaluate((ids) => {
    globalThis.heard = ids.map(() => []);
    globalThis.channels = ids.map((id, at) => {
      const channel = new BroadcastChannel(`teahouse.tabs/1001/${id}`);
      channel.onmessage = ({ data }) => globalThis.heard[at].push(JSON.stringify(data));
      return channel;
    });
  }, ids);
  const heard = (at) => spy.evaluate((at) => globalThis.heard[at].join("\n"), at);
  await cho.post("for Ana's tabs");
  await eventually("Ana's tabs speak", async () => (await heard(0)).includes("for Ana's tabs"));

  await context.clearCookies();
  await context.addCookies([{ ...ben.browserCookie, url: server.url }]);
  await windows[1].open();
  for (const window of windows) {
    await window.isLive();
    await window.rail.getByText("Ben").waitFor();
  }
  await cho.post("for Ben's tabs");
  for (const window of windows) await agrees(window, ben);
  await eventually("Ben's tabs speak", async () => (await heard(1)).includes("for Ben's tabs"));
  assert.ok(!(await heard(0)).includes("for Ben's tabs"), "Ana's channel is silent");
  assert.ok(!(await heard(1)).includes("for Ana's tabs"));
  await eventually("one stream is open", () => streams(server).open === 1);
});
