// Every screen, in both languages, both themes, on a desk, a tablet and a phone: nothing for axe-core to find, nothing that the
// policy blocks, nothing that sticks out of the window. With SCREENSHOTS=DIRECTORY it leaves a picture of each.

import { test } from "node:test";

import { launchBrowser, newPerson, VIEWPORTS } from "../support/browser.mjs";
import { people } from "../support/api.mjs";
import { startServer } from "../support/server.mjs";
import { PASSWORD } from "./chat.mjs";
import { inspect } from "./inspect.mjs";
import { LANGUAGES, WORDS } from "./words.mjs";

const SAID = [
  "Good morning. The **spring** tea has arrived:\n\n- Longjing, 200 g\n- Biluochun, 50 g\n\n> No oolong this time.",
  "林师傅说：**注意：**水温不要超过80度。",
  "```js\nconst pot = await boil({ water: '0.5 l', degrees: 80, and: 'a line that is much too long for a phone, so that it scrolls' });\n```",
  "https://example.org/a/very/long/address/without/any/space/in/it/that/has/to/be/broken/somewhere/or/it/sticks/out?of=the&window=1",
  "| tea | grams |\n|---|---|\n| Longjing | 200 |\n| Biluochun | 50 |",
];

for (const [language, locale] of Object.entries(LANGUAGES)) {
  const w = WORDS[language];
  const room = "# general";

  test(`the doors, ${language}`, async (t) => {
    const server = await startServer({ test: t });
    const browser = await launchBrowser({ test: t });
    const page = await newPerson(browser, server, { locale });
    const look = (screen) => inspect(page, language, screen);
    await page.goto("/setup");
    await page.getByRole("heading", { name: w("setup_title") }).waitFor();
    await look("setup");
    await page.getByRole("button", { name: w("setup_next") }).click();
    await page.getByRole("alert").first().waitFor();
    await look("setup-wrong");
    await page.route("**/api/setup", (route) =>
      route.request().method() === "GET" ? route.fulfill({ json: { needed: true, code_needed: true, guests: false } }) : route.fallback());
    await page.reload();
    await page.getByLabel(w("setup_code")).waitFor();
    await look("setup-code");
    await page.unrouteAll();

    const [ana] = await people(server, "Ana", "林美");
    for (const body of SAID) await ana.post(body);
    const { url } = await ana.invite();
    await page.goto("/signin");
    await page.getByRole("button", { name: w("in_go") }).waitFor();
    await look("signin");
    await page.route("**/api/setup", (route) => route.fulfill({ json: { needed: false, code_needed: false, guests: true } }));
    await page.reload();
    await page.getByRole("button", { name: w("guest_door") }).click();
    await page.getByRole("button", { name: w("join_guest_go") }).waitFor();
    await look("signin-guest");
    await page.getByRole("button", { name: w("join_have") }).click();
    await page.unrouteAll();
    await page.getByRole("textbox", { name: w("in_name") }).fill("Ana");
    await page.getByLabel(w("in_password"), { exact: true }).fill("not this one");
    await page.keyboard.press("Enter");
    await page.getByText(w("in_bad")).waitFor();
    await look("signin-wrong");
    await page.route("**/api/session", (route) =>
      route.request().method() !== "POST" ? route.fallback() : route.fulfill({
        status: 429,
        contentType: "application/problem+json",
        headers: { "retry-after": "600" },
        body: JSON.stringify({ type: "urn:teahouse:problem:rate_limited", title: "Slow down.", status: 429, code: "rate_limited", request_id: "test" }),
      }));
    await page.getByLabel(w("in_password"), { exact: true }).fill(PASSWORD);
    await page.keyboard.press("Enter");
    await page.getByText(w("in_slow").split("{s}")[0]).waitFor();
    await look("signin-slow");
    await page.unrouteAll();

    await page.goto(url);
    await page.getByRole("button", { name: w("join_go") }).waitFor();
    await look("join");
    await page.goto("/join/no-such-invite");
    await page.getByRole("heading", { name: w("join_dead_t") }).waitFor();
    await look("join-dead");
    await page.context().addCookies([{ ...ana.browserCookie }]);
    await page.goto(url);
    await page.getByRole("button", { name: w("join_as_go", { a: "Ana" }) }).waitFor();
    await look("join-signed-in");
    await ana.call("PATCH", "/api/workspace", { guests: true });
    const guests = await ana.call("POST", "/api/invites", { role: "guest" });
    await page.context().clearCookies();
    await page.goto(guests.url);
    await page.getByRole("button", { name: w("join_guest_go") }).waitFor();
    await look("join-guest");
    await page.getByRole("textbox", { name: w("setup_you") }).fill("林美");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").first().waitFor();
    await look("join-taken");
    const device = await ana.call("POST", "/api/device-links", {});
    await page.goto(device.url);
    await page.getByRole("heading", { name: w("move_t", { a: "Ana" }) }).waitFor();
    await look("move");
    await page.goto("/move/no-such-link");
    await page.getByRole("heading", { name: w("link_dead_t") }).waitFor();
    await look("link-dead");
    const mei = (await ana.snapshot()).members.find((member) => member.name === "林美");
    const reset = await ana.call("POST", `/api/people/${mei.id}/reset-link`, {});
    await page.goto(reset.url);
    await page.getByLabel(w("pw_new"), { exact: true }).waitFor();
    await look("reset");
  });

  test(`the room, ${language}`, async (t) => {
    const server = await startServer({ test: t });
    const browser = await launchBrowser({ test: t });
    const [ana, mei] = await people(server, "Ana", "林美");
    const page = await newPerson(browser, server, { as: ana, locale });
    const look = (screen, widths) => inspect(page, language, screen, widths);
    await page.goto("/");
    await page.getByRole("heading", { name: w("empty_room_t", { room }) }).waitFor();
    await look("room-empty");
    for (const [at, body] of SAID.entries()) await (at % 2 ? mei : ana).post(body);
    const log = page.getByRole("log", { name: w("room_log", { room }) });
    await log.getByText("Biluochun").last().waitFor();
    await log.getByRole("listitem").last().hover();
    await look("room");

    const rail = page.getByRole("navigation", { name: w("nav_rooms") });
    await rail.getByRole("button", { name: w("place_menu", { team: "The Terrace" }) }).click();
    await page.getByRole("menuitem").first().waitFor();
    await look("menu", ["desktop"]);
    await page.getByRole("menuitem", { name: w("place_invite") }).click();
    const invite = page.getByRole("dialog", { name: w("invite_t") });
    await invite.waitFor();
    await look("invite");
    await invite.getByRole("button", { name: w("invite_make") }).click();
    await invite.getByRole("button", { name: w("invite_copy") }).click();
    await look("invite-made");
    await page.keyboard.press("Escape");
    await rail.getByRole("button", { name: w("nav_settings"), exact: true }).click();
    const settings = page.getByRole("dialog", { name: w("set_title") });
    await settings.waitFor();
    await look("settings");
    await ana.call("POST", "/api/tokens", { label: "Kiln sensor", access: "post" });
    for (const part of ["profile", "look", "privacy", "language", "password", "devices", "tokens"]) {
      await page.goto(`/rooms/general#settings/${part}`);
      await page.locator("#settings-page").waitFor();
      if (part === "devices") {
        await settings.getByRole("button", { name: w("dev_move") }).click();
        await settings.getByRole("button", { name: w("dev_move_new") }).waitFor();
      }
      if (part === "tokens") {
        await settings.getByLabel(w("tok_name")).fill("A script");
        await settings.getByRole("button", { name: w("tok_new") }).click();
        await settings.getByRole("button", { name: w("tok_copy") }).waitFor();
      }
      await look(`settings-${part}`);
    }
    await page.keyboard.press("Escape");
    await settings.waitFor({ state: "hidden" });
    await page.goto("/rooms/general#place");
    await page.getByRole("dialog", { name: w("ws_title") }).waitFor();
    await look("place");

    for (const name of ["Tomás", "Ada"]) await server.api().join((await ana.invite()).code, name);
    await page.goto("/people");
    const row = page.getByRole("row").filter({ hasText: "林美" });
    await row.waitFor();
    await look("people");
    await row.getByRole("combobox").selectOption("owner");
    await page.getByRole("dialog", { name: w("role_owner_t", { a: "林美" }) }).waitFor();
    await look("ask");
    await page.keyboard.press("Escape");
    await row.getByRole("button", { name: w("people_more", { a: "林美" }) }).click();
    await page.getByRole("button", { name: w("card_reset") }).waitFor();
    await look("card");
    await page.getByRole("button", { name: w("card_reset") }).click();
    const link = page.getByRole("dialog", { name: w("reset_t", { a: "林美" }) });
    await link.getByRole("button", { name: w("invite_copy") }).waitFor();
    await look("reset-link");
    await page.keyboard.press("Escape");
    await row.getByRole("button", { name: w("people_more", { a: "林美" }) }).click();
    await page.getByRole("button", { name: w("card_ban") }).click();
    const ban = page.getByRole("dialog", { name: w("ban_t", { a: "林美" }) });
    await ban.getByRole("radio").last().check();
    await look("ban");
    await page.keyboard.press("Escape");
    const account = (await ana.snapshot()).members.find((member) => member.name === "林美");
    await ana.call("PUT", `/api/people/${account.id}/ban`, { reason: "Links to a shop", purge: "day" });
    await page.goto("/audit");
    await page.getByText("Links to a shop").waitFor();
    await look("audit");

    await page.goto("/rooms/no-such-room");
    await page.getByRole("heading", { name: w("room_gone_t") }).waitFor();
    await look("room-gone");
    await page.setViewportSize(VIEWPORTS.phone);
    await page.goto("/rooms/general");
    await page.getByRole("link", { name: w("nav_back") }).click();
    await page.getByRole("main", { name: w("nav_rooms") }).getByRole("button", { name: w("place_menu", { team: "The Terrace" }) }).waitFor();
    await look("rooms", ["phone"]);
  });

  test(`what goes wrong, ${language}`, async (t) => {
    const server = await startServer({ test: t });
    const browser = await launchBrowser({ test: t });
    const [ana] = await people(server, "Ana");
    const page = await newPerson(browser, server, { as: ana, locale });
    const look = (screen) => inspect(page, language, screen);
    const composer = page.getByRole("textbox", { name: w("comp_label", { room }) });
    await page.goto("/");
    await composer.waitFor();
    await ana.post(SAID[0]);
    await page.route(/\/messages$/, (route) => route.fulfill({
      status: 400,
      contentType: "application/problem+json",
      body: JSON.stringify({ type: "urn:teahouse:problem:too_long", title: "No.", status: 400, code: "too_long", request_id: "test" }),
    }));
    await composer.fill("this will not be taken");
    await composer.press("Enter");
    await page.getByRole("group", { name: w("msg_failed_refused") }).waitFor();
    await composer.fill("x".repeat(17_000));
    await page.getByRole("alert").filter({ hasText: w("comp_over", { n: "616" }) }).waitFor();
    await look("failed");
    await composer.fill("");
    await page.unrouteAll();

    await server.kill();
    const strip = (words) => page.getByRole("paragraph").filter({ hasText: words.split("{s}")[0] });
    await strip(w("conn_wait")).waitFor();
    await composer.fill("this one waits");
    await composer.press("Enter");
    await page.getByText(w("msg_queued")).waitFor();
    await look("reconnecting");
    await page.context().setOffline(true);
    await strip(w("conn_off")).waitFor();
    await look("offline");
    await page.context().setOffline(false);
    await server.start();
    await page.getByText(w("live_ok").split("{ms}")[0]).first().waitFor();
    await server.kill("SIGTERM");
    await strip(w("bye_stop")).waitFor();
    await look("restarting");
    await server.start();
    await page.getByText(w("live_ok").split("{ms}")[0]).first().waitFor();
    await ana.signOut();
    await page.getByRole("dialog", { name: w("out_t") }).waitFor();
    await look("signed-out");
  });

  test(`a guest, and the end of an account, ${language}`, async (t) => {
    const server = await startServer({ test: t });
    const browser = await launchBrowser({ test: t });
    const [ana] = await people(server, "Ana");
    await ana.call("PATCH", "/api/workspace", { guests: true });
    const invite = await ana.call("POST", "/api/invites", { role: "guest" });
    for (const name of ["Sam", "Kim"]) {
      const guest = server.api();
      const { me } = await guest.call("POST", `/api/join/${invite.code}`, { name });
      const page = await newPerson(browser, server, { as: guest, locale });
      const look = (screen) => inspect(page, language, screen);
      await page.goto("/");
      await page.getByText(w("guest_strip")).waitFor();
      await page.getByText(w("live_ok").split("{ms}")[0]).first().waitFor();
      if (name === "Sam") {
        await look("guest");
        await page.getByRole("button", { name: w("guest_make") }).click();
        await page.getByRole("dialog", { name: w("guest_acc_t") }).waitFor();
        await look("guest-account");
        await page.keyboard.press("Escape");
        await page.getByRole("textbox", { name: w("comp_label", { room }) }).fill("It was a mistake, the link was meant for");
        await ana.call("PUT", `/api/people/${me.id}/ban`, {});
        await page.getByRole("heading", { name: w("banned_t", { team: "The Terrace" }) }).waitFor();
        await look("banned");
      } else {
        await ana.call("PATCH", `/api/people/${me.id}`, { active: false });
        await page.getByRole("heading", { name: w("off_t") }).waitFor();
        await look("inactive");
      }
    }
  });
}
