// A close look at a screen: in both themes, on a desk, a tablet and a phone, nothing for axe-core to find, nothing that the policy
// blocks, nothing that sticks out of the window. With SCREENSHOTS=DIRECTORY it leaves a picture of each.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { assertAccessible, assertClean, VIEWPORTS } from "../support/browser.mjs";

const PICTURES = process.env.SCREENSHOTS;
const CHECKED = ["desktop", "tablet", "phone"];

/** What sticks out of the window sideways, unless it is made to scroll. */
function overflow(page) {
  return page.evaluate(() => {
    const scrolls = (element) => element !== null && (/auto|scroll/.test(getComputedStyle(element).overflowX) && element.closest("pre, table")
      || scrolls(element.parentElement));
    const out = [...document.body.querySelectorAll("*")].filter((element) => {
      const box = element.getBoundingClientRect();
      return box.width > 1 && box.height > 1 && (box.right > innerWidth + 1 || box.left < -1) && !scrolls(element);
    });
    const wide = document.documentElement.scrollWidth > innerWidth ? ["the page scrolls sideways"] : [];
    return [...wide, ...out.map((element) => element.outerHTML.slice(0, 120))];
  });
}

/**
 * Looks at a screen as it is now.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} language for the name of the picture
 * @param {string} screen what is being looked at
 * @param {string[]} [widths] where it can be seen
 */
export async function inspect(page, language, screen, widths = CHECKED) {
  const before = page.viewportSize();
  for (const width of widths) {
    await page.setViewportSize(VIEWPORTS[width]);
    for (const theme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme: theme });
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
      const name = `${screen}-${language}-${theme}-${VIEWPORTS[width].width}`;
      if (PICTURES) {
        await mkdir(PICTURES, { recursive: true });
        await page.screenshot({ path: join(PICTURES, `${name}.png`) });
      }
      await assertAccessible(page, name);
      assert.deepEqual(await overflow(page), [], `${name}: nothing sticks out`);
    }
  }
  await page.setViewportSize(before);
  await assertClean(page);
}
