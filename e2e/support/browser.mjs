// Chromium, and pages that remember everything they complained about.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { chromium } from "playwright-core";

/** The executable: `cargo xtask test` finds it and names it. */
const EXECUTABLE = process.env.CHROMIUM;

/** A browser that does only what the test does. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--no-first-run",
  "--disable-component-update",
  "--disable-sync",
];

/** The widths at which the design is drawn, in CSS pixels. */
export const VIEWPORTS = {
  phone: { width: 390, height: 844 },
  tablet: { width: 768, height: 1024 },
  desktop: { width: 1440, height: 900 },
};

/**
 * Chromium with a fresh profile.
 *
 * @param {{ test?: import("node:test").TestContext }} [options] `test`: closes the browser with the test
 */
export async function launchBrowser({ test } = {}) {
  if (!EXECUTABLE) throw new Error("CHROMIUM does not name the browser: run `cargo xtask test --only browser`");
  const browser = await chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });
  test?.after(() => browser.close());
  return browser;
}

/** What a page complained about, by page. */
const complaints = new WeakMap();

/** The name under which a page reports violations of its Content-Security-Policy to the test. */
const REPORT = "reportViolationToTest";

/**
 * A page whose policy violations, uncaught errors and error messages are remembered: see `assertClean`.
 *
 * @param {import("playwright-core").BrowserContext} context
 */
export async function newPage(context) {
  const page = await context.newPage();
  const heard = [];
  complaints.set(page, heard);
  page.on("pageerror", (error) => heard.push(`uncaught: ${error.stack ?? error}`));
  page.on("crash", () => heard.push("the page crashed"));
  page.on("console", (message) => {
    // A refused or broken request is often what the test is about; the page shows it, and the test looks there.
    if (message.type() === "error" && !/^Failed to load resource|net::ERR_/.test(message.text())) {
      heard.push(`console: ${message.text()}`);
    }
  });
  await page.exposeFunction(REPORT, (violation) => heard.push(`policy: ${violation}`));
  await page.addInitScript((report) => {
    document.addEventListener("securitypolicyviolation", (event) => {
      window[report](`${event.effectiveDirective} blocked ${event.blockedURI} (${event.sourceFile}:${event.lineNumber})`);
    });
  }, REPORT);
  return page;
}

/**
 * A page in a context of its own: one person on one device.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {{ url: string }} server a server or a proxy: what relative addresses refer to
 * @param {import("playwright-core").BrowserContextOptions & { as?: import("./api.mjs").Api }} [options]
 *   `as`: signed in as the person of this client
 */
export async function newPerson(browser, server, { as, ...options } = {}) {
  const context = await browser.newContext({
    baseURL: server.url,
    viewport: VIEWPORTS.desktop,
    locale: "en",
    reducedMotion: "reduce",
    ...options,
  });
  if (as) await context.addCookies([{ ...as.browserCookie, url: server.url }]);
  return newPage(context);
}

/**
 * Fails if the page broke its Content-Security-Policy, threw an error or wrote one to the console.
 *
 * @param {import("playwright-core").Page} page a page from `newPage` or `newPerson`
 */
export async function assertClean(page) {
  await page.evaluate(() => document.readyState); // what the page has said by now has arrived after this
  assert.deepEqual(complaints.get(page), [], "the page complained");
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * What axe-core finds on the page as it is now. The debugger's `evaluate` is not subject to the page's policy, so the
 * page is checked as it is shipped.
 *
 * @param {import("playwright-core").Page} page
 * @returns {Promise<import("axe-core").Result[]>}
 */
export async function axe(page) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return violations;
}

/**
 * Fails with a readable list if axe-core finds anything.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} screen what is being looked at, for the error text
 */
export async function assertAccessible(page, screen) {
  const violations = await axe(page);
  const lines = violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${violation.help}\n    ${node.target.join(" ")}\n    ${node.failureSummary}`),
  );
  assert.equal(lines.length, 0, `axe-core on ${screen}:\n  ${lines.join("\n  ")}`);
}
