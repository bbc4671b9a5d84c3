// A thousand messages arrive in an open room while somebody types in it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { scene } from "./chat.mjs";

const BURST = 1_000;
/** Posts under way at once. */
const AT_ONCE = 16;
/** The longest that the page may be busy in one go, in milliseconds of work. */
const TASK_MAX_MS = 100;

/** Notes long tasks, how long a key takes until the next frame, and every row that was ever put into the timeline. */
async function watch(window) {
  await window.timeline.evaluate((log) => {
    globalThis.noted = { tasks: [], keys: [], doubled: 0 };
    const { noted } = globalThis;
    new PerformanceObserver((list) => noted.tasks.push(...list.getEntries().map((task) => task.duration))).observe({
      type: "longtask",
    });
    addEventListener("input", ({ timeStamp }) =>
      requestAnimationFrame(() => noted.keys.push(performance.now() - timeStamp)), true);
    const drawn = new Set();
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) {
        for (const row of addedNodes) {
          if (row.localName !== "li" || !row.hasAttribute("aria-labelledby")) continue;
          const labels = row.getAttribute("aria-labelledby");
          if (drawn.has(labels)) noted.doubled += 1;
          drawn.add(labels);
        }
      }
    }).observe(log.querySelector("ol"), { childList: true });
  });
}

async function post(api, count) {
  let next = 0;
  const worker = async () => {
    while (next < count) await api.post(`message ${(next += 1)} of a burst, with a few *more* words in it`);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** The longest tasks of the page's main thread by the processor time they took: other programs do not count. */
async function busiest(browser, page, during) {
  await browser.startTracing(page, { categories: ["toplevel", "disabled-by-default-devtools.timeline", "devtools.timeline"] });
  await during();
  const { traceEvents } = JSON.parse(await browser.stopTracing());
  const main = new Set(
    traceEvents.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain").map(({ pid, tid }) => `${pid}/${tid}`),
  );
  const tasks = traceEvents.filter(({ name, ph, pid, tid }) => /RunTask$/.test(name) && ph === "X" && main.has(`${pid}/${tid}`));
  return Math.max(...tasks.map(({ tdur, dur }) => (tdur ?? dur) / 1_000));
}

test("a burst of a thousand messages loses nothing and leaves the composer usable", async (t) => {
  const { browser, apis, windows: [ana] } = await scene(t, ["Ana", "Ben"], { args: ["--post-rate", "0"] });
  await watch(ana);
  const sentence = "I can write all the while.";
  const longest = await busiest(browser, ana.page, async () => {
    const arriving = post(apis[1], BURST);
    let written = 0;
    const writing = async () => {
      while (!done) {
        await ana.composer.fill("");
        await ana.composer.pressSequentially(sentence);
        assert.equal(await ana.composer.inputValue(), sentence);
        written += 1;
      }
    };
    let done = false;
    const typing = writing();
    await arriving;
    done = true;
    await typing;
    assert.ok(written > 0);
    const history = await apis[0].history();
    const rows = await ana.rowsWhen("the newest message is there", (rows) => rows.at(-1)?.key === history.at(-1).id);
    assert.equal(history.length, BURST);
    assert.ok(rows.length >= 200 && rows.length <= 300, `${rows.length} rows`);
    assert.deepEqual(rows.map(({ key }) => key), history.slice(-rows.length).map(({ id }) => id));
  });
  const noted = await ana.page.evaluate(() => globalThis.noted);
  const keys = noted.keys.toSorted((a, b) => a - b);
  t.diagnostic(`longest task ${longest.toFixed(0)} ms of work; by the clock ${Math.max(0, ...noted.tasks)} ms`);
  t.diagnostic(`a key to the next frame: median ${keys[keys.length >> 1].toFixed(0)} ms, longest ${keys.at(-1).toFixed(0)} ms`);
  assert.equal(noted.doubled, 0, "no row was drawn twice");
  assert.ok(longest <= TASK_MAX_MS, `a task of ${longest} ms`);
  await ana.isClean();
});
