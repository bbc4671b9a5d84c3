// The screens of rooms and of who is in them, as `screens.test.mjs` looks at the others.

import { test } from "node:test";

import { people } from "../support/api.mjs";
import { launchBrowser, newPerson, VIEWPORTS } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";
import { inspect } from "./inspect.mjs";
import { LANGUAGES, WORDS } from "./words.mjs";

/** A place with a closed room, conversations and people who are here, away and gone; its owner's page is open. */
async function scene(t, locale) {
  const server = await startServer({ test: t });
  const browser = await launchBrowser({ test: t });
  const apis = await people(server, "Ana", "林美", "Tomás Rivera", "Sam Whitcombe");
  const ids = await Promise.all(apis.map(async (api) => (await api.snapshot()).me.id));
  const [ana, mei, tomas] = apis;
  const { room } = await ana.call("POST", "/api/rooms", { name: "kiln-plans", kind: "closed", topic: "Two firings a week", members: ids.slice(1, 4) });
  await ana.call("POST", "/api/rooms", { name: "deliveries", kind: "open", topic: "Boxes and lists" });
  await mei.call("POST", "/api/rooms", { name: "glass-orders", kind: "open", topic: "Cups and pots" });
  for (const [api, to] of [[mei, 1], [tomas, 2]]) {
    const direct = await api.call("POST", "/api/rooms", { kind: "direct", members: [ids[0]] });
    await api.post(`Good morning from ${to}.`, { room: direct.room.id });
  }
  await mei.post("The glaze goes on twice.", { room: room.id });
  const others = [];
  for (const api of [mei, tomas]) {
    const page = await newPerson(browser, server, { as: api, locale });
    await page.goto("/rooms/kiln-plans");
    others.push(page);
  }
  const page = await newPerson(browser, server, { as: ana, locale });
  await page.goto("/rooms/kiln-plans");
  return { page, others, tomas };
}

for (const [language, locale] of Object.entries(LANGUAGES)) {
  const w = WORDS[language];
  const room = "# kiln-plans";

  test(`who is in a room, ${language}`, async (t) => {
    const { page, others: [mei], tomas } = await scene(t, locale);
    const look = (screen, widths) => inspect(page, language, screen, widths);
    const details = page.getByRole("complementary", { name: w("room_details") });
    await details.getByText(w("panel_here", { n: "3" })).waitFor();
    await tomas.call("POST", "/api/presence", { level: "away" });
    await details.getByRole("button", { name: w("pres_away") }).waitFor();
    const write = mei.getByRole("textbox", { name: w("comp_label", { room }) });
    const typed = setInterval(() => void write.pressSequentially("a").catch(() => clearInterval(typed)), 1_000);
    t.after(() => clearInterval(typed));
    await page.getByText(w("typing_one", { a: "林美" })).waitFor();
    await look("panel-details", ["desktop", "tablet"]);
    clearInterval(typed);
    await page.getByRole("button", { name: w("room_members", { n: "4" }) }).click();
    const members = page.getByRole("complementary", { name: w("panel_members") });
    await members.getByRole("heading", { name: w("people_gone", { n: "1" }) }).waitFor();
    await look("panel-members", ["desktop", "tablet"]);
    await members.getByRole("button", { name: w("people_add"), exact: true }).click();
    await members.getByRole("combobox", { name: w("people_add") }).fill("s");
    await look("panel-add", ["desktop"]);
    await members.getByRole("button", { name: w("people_add"), exact: true }).click();
    await members.getByRole("button", { name: /^Tomás/ }).click();
    await page.getByRole("dialog", { name: w("card_title", { a: "Tomás Rivera" }) }).waitFor();
    await look("card-room");
    await page.keyboard.press("Escape");
    await page.setViewportSize(VIEWPORTS.phone);
    for (const [side, label] of [["details", w("room_details")], ["members", w("panel_members")]]) {
      await page.goto(`/rooms/kiln-plans/${side}`);
      await page.getByRole("complementary", { name: label }).getByRole("button", { name: w("pres_away") }).waitFor();
      await look(`panel-${side}`, ["phone"]);
    }
    await page.goto("/rooms/kiln-plans");
    await page.getByRole("link", { name: w("nav_back") }).click();
    await page.getByRole("main", { name: w("nav_rooms") }).getByRole("link", { name: new RegExp(w("pres_away")) }).waitFor();
    await look("rail", ["phone"]);
  });

  test(`rooms, made and changed, ${language}`, async (t) => {
    const { page } = await scene(t, locale);
    const look = (screen, widths) => inspect(page, language, screen, widths);
    const rail = page.getByRole("navigation", { name: w("nav_rooms") });
    await rail.getByRole("button", { name: w("nav_addroom") }).click();
    const made = page.getByRole("dialog", { name: w("room_new_t") });
    await made.getByLabel(w("room_name"), { exact: true }).fill("Spring tea");
    await made.getByText(w("room_addr_free")).waitFor();
    await made.getByRole("radio").last().check();
    await look("new-room");
    await page.keyboard.press("Escape");
    await rail.getByRole("button", { name: w("nav_newdm") }).click();
    const direct = page.getByRole("dialog", { name: w("dm_title") });
    await direct.getByRole("combobox").fill("s");
    await direct.getByRole("option").first().waitFor();
    await look("new-direct");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.getByRole("complementary", { name: w("room_details") }).getByRole("button", { name: w("room_set_t") }).click();
    await page.getByRole("dialog", { name: w("room_set_t") }).waitFor();
    await look("room-settings");
    await page.keyboard.press("Escape");
    await page.goto("/rooms");
    await page.getByRole("main").getByText("glass-orders").waitFor();
    await look("all-rooms");
    await page.getByRole("searchbox", { name: w("browse_find") }).fill("no such room");
    await page.getByText(w("browse_none_b")).waitFor();
    await look("all-rooms-none", ["desktop", "phone"]);
  });
}
