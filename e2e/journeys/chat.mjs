// The chat as a person meets it: windows found by role and accessible name, and read through the labels that a screen
// reader uses. No journey knows a class of the style sheets.

import assert from "node:assert/strict";

import { people } from "../support/api.mjs";
import { assertClean, launchBrowser, newPerson } from "../support/browser.mjs";
import { startProxy } from "../support/proxy.mjs";
import { startServer } from "../support/server.mjs";
import { eventually } from "../support/wait.mjs";

/** What everybody's password is, unless a journey is about passwords. */
export const PASSWORD = "a long sentence";

/**
 * One row of the timeline as it is on screen. `key` is the message id, or the client id of an own message; `note` is what
 * stands below the text: "Will be sent", or why it was not.
 *
 * @typedef {{ key: string, by: string, text: string, note: string }} Row
 */

/** A browser window on the first room. */
export class Window {
  /** @param {import("playwright-core").Page} page */
  constructor(page) {
    this.page = page;
  }

  /** Where one writes. */
  get composer() {
    return this.page.getByRole("textbox", { name: "Message # general" });
  }

  /** What was said. */
  get timeline() {
    return this.page.getByRole("log", { name: "Messages in # general" });
  }

  /** The rooms, the place's menu, and the state of the connection. */
  get rail() {
    return this.page.getByRole("navigation", { name: "Rooms" });
  }

  /** The strip above the messages, when it says this. The announcer says it too, but not as a paragraph. */
  strip(/** @type {RegExp} */ words) {
    return this.page.getByRole("paragraph").filter({ hasText: words });
  }

  /** The row of a message. @param {string | RegExp} text */
  row(text) {
    return this.timeline.getByRole("listitem").filter({ hasText: text });
  }

  /** Goes to an address and waits until one can write. */
  async open(path = "/") {
    await this.page.goto(path);
    await this.composer.waitFor();
    return this;
  }

  /** Waits until the rail says that the stream is open. */
  async isLive() {
    await this.rail.getByText(/^Live/).waitFor();
    return this;
  }

  /** Opens a page of the settings, from the rail. @returns {Promise<import("playwright-core").Locator>} the dialog */
  async settings(page) {
    await this.rail.getByRole("button", { name: "Settings", exact: true }).click();
    const settings = this.page.getByRole("dialog", { name: "Settings" });
    await settings.getByRole("link", { name: page }).click();
    await settings.getByRole("heading", { name: page }).waitFor();
    return settings;
  }

  /** Signs out on this device, as a person does. */
  async signOut() {
    const settings = await this.settings("Devices");
    await settings.getByRole("button", { name: "Sign out", exact: true }).click();
  }

  /** Opens the place's menu and chooses from it. */
  async choose(item) {
    await this.rail.getByRole("button", { name: /: people, invites and settings$/ }).click();
    await this.page.getByRole("menuitem", { name: item, exact: true }).click();
  }

  /** Writes and presses Enter. */
  async say(text) {
    await this.composer.fill(text);
    await this.composer.press("Enter");
  }

  /** Waits until somebody's text is on screen. */
  async sees(text) {
    await this.row(text).waitFor();
  }

  /** The rows as they are now, top to bottom. @returns {Promise<Row[]>} */
  rows() {
    return this.timeline.evaluate((log) =>
      [...log.querySelectorAll("li[aria-labelledby]")].map((row) => {
        const [by, said] = row.getAttribute("aria-labelledby").split(" ").map((id) => document.getElementById(id));
        const below = document.createRange();
        below.setStartAfter(said);
        below.setEndAfter(row);
        const note = below.toString();
        return { key: said.id.replace("said-", ""), by: by.textContent.replace(/, $/, ""), text: said.innerText, note };
      }),
    );
  }

  /** Waits until the rows satisfy `enough`, and returns them. */
  async rowsWhen(what, enough) {
    let rows = [];
    await eventually(what, async () => enough((rows = await this.rows()))).catch((error) => {
      const seen = rows.slice(-12).map(({ by, text, note }) => `${by}: ${text} ${note}`);
      throw new Error(`${error.message}; the last rows:\n  ${seen.join("\n  ")}`, { cause: error });
    });
    return rows;
  }

  /** Fails if the page broke its policy, threw an error or wrote one to the console. */
  isClean() {
    return assertClean(this.page);
  }
}

/**
 * Waits until a window shows exactly what the server has of the room: every message once, in the order of the log.
 *
 * @param {Window} window
 * @param {import("../support/api.mjs").Api} api whoever sits at that window
 */
export async function agrees(window, api) {
  const [{ me }, history] = [await api.snapshot(), await api.history()];
  const wanted = history.map((message) => (message.author === me.id ? message.client_id : message.id));
  const rows = await window.rowsWhen(`the window shows the ${wanted.length} messages of the server`, (rows) => {
    const keys = rows.map((row) => row.key);
    return keys.length === wanted.length && keys.every((key, at) => key === wanted[at]) && rows.every((row) => !row.note);
  });
  assert.deepEqual(rows.map((row) => row.text), history.map((message) => message.body));
}

/**
 * A place with people, and a window for each of them on its first room, live.
 *
 * @param {import("node:test").TestContext} test
 * @param {string[]} names
 * @param {import("playwright-core").BrowserContextOptions & { proxied?: boolean, args?: string[] }} [options] `proxied`: the
 *   windows reach the server through `proxy`; `args`: further ones of `teahouse serve`
 */
export async function scene(test, names, { proxied = false, args, ...options } = {}) {
  const server = await startServer({ test, args });
  const browser = await launchBrowser({ test });
  const proxy = proxied ? await startProxy(server, { test }) : undefined;
  const apis = await people(server, ...names);
  const windows = [];
  for (const api of apis) {
    const page = await newPerson(browser, proxy ?? server, { as: api, ...options });
    windows.push(await new Window(page).open());
  }
  await Promise.all(windows.map((window) => window.isLive()));
  return { server, browser, proxy, apis, windows };
}

/** Waits until an element has the keyboard. */
export async function hasFocus(what, locator) {
  await eventually(`${what} has the focus`, () => locator.evaluate((element) => element === document.activeElement));
}
