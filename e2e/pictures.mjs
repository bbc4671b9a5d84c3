// Draws the README's pictures: a room as it looks on a working day, in both languages. They are made from the product, so that
// they show what it is; nothing is asserted here.
//
//   node e2e/pictures.mjs docs/images
//
// TEAHOUSE_BIN and CHROMIUM name the executables, as for the tests.

import { join } from "node:path";

import { people } from "./support/api.mjs";
import { launchBrowser, newPerson } from "./support/browser.mjs";
import { startServer } from "./support/server.mjs";

const directory = process.argv[2] ?? "docs/images";

/** How large a picture is: half again as large as it is shown, so that its words are sharp. */
const SIZE = { viewport: { width: 1360, height: 800 }, deviceScaleFactor: 1.5 };

/** What is shown of a message with code in it. */
const CODE = `\`\`\`rust
fn keep_query(old: &Uri, new: &str) -> String {
    match old.query() {
        Some(query) => format!("{new}?{query}"),
        None => new.to_owned(),
    }
}
\`\`\``;

/** What is said, by the number of the person who says it, and in which room: the one that is looked at comes last. */
const SCENES = [
  {
    picture: "room.png",
    locale: "en",
    workspace: "Longjing Works",
    names: ["Noor Haddad", "Mei Lin", "Tomás Rivera", "Sofia Marchetti", "Jun Park", "Ana Beck"],
    rooms: [
      { name: "tasting notes", by: 1, says: [[1, "The second steeping is the one to sell."], [2, "Agreed. Chestnut, then orchid."]] },
      { name: "packing", by: 4, kind: "closed", says: [[4, "Forty ceramic sets arrive at three."]] },
      {
        name: "shop site",
        by: 1,
        topic: "The new order page. Goes live on the 1st.",
        says: [
          [1, "Morning. The pre-order page held up overnight: 1,204 views, 86 orders, nothing in the error log."],
          [2, "Any of those from the _old_ links?"],
          [1, `Eleven. The redirect works, but it drops the \`?ref=\` part. Fix below, going out at noon.\n\n${CODE}`],
          [3, "Could you read the tasting text once more before it goes to print? Page two, the **Longjing 43** paragraph. Be merciless."],
          [0, "Reading it now. I would cut the last sentence."],
        ],
      },
    ],
    direct: [[1, "Do you have ten minutes before the call?"], [3, "Thank you for the photographs!"]],
    typist: 2,
  },
  {
    picture: "room-zh.png",
    locale: "zh-CN",
    workspace: "龙井工坊",
    names: ["诺儿", "林美", "托马斯", "王小雨", "朴俊", "安娜"],
    rooms: [
      { name: "品茶笔记", by: 1, says: [[1, "第二泡才是要卖的那一泡。"], [2, "同意。先是栗香，然后兰香。"]] },
      { name: "包装", by: 4, kind: "closed", says: [[4, "下午三点到四十套瓷器。"]] },
      {
        name: "网店",
        by: 1,
        topic: "新的下单页面，1号上线。",
        says: [
          [1, "早。预购页面撑过了一夜：1204次访问，86个订单，错误日志是空的。"],
          [2, "有从*旧*链接来的吗？"],
          [1, `十一个。跳转没问题，但是丢了\`?ref=\`。修好了，中午上线：\n\n${CODE}`],
          [3, "付印前能再看一遍品茶说明吗？第二页，**龙井43号**那一段。不用客气。"],
          [0, "正在看。最后一句我会删掉。"],
        ],
      },
    ],
    direct: [[1, "开会前有十分钟吗？"], [3, "照片收到了，谢谢！"]],
    typist: 2,
  },
];

/** Sets a scene and returns the reader's way to it. */
async function set(server, { workspace, names, rooms, direct }) {
  const all = await people(server, ...names);
  await all[0].call("PATCH", "/api/workspace", { name: workspace });
  let slug;
  for (const { name, by, kind = "open", topic, says } of rooms) {
    const { room } = await all[by].call("POST", "/api/rooms", { name, kind });
    slug = room.slug;
    if (topic) await all[by].call("PATCH", `/api/rooms/${slug}`, { topic });
    for (const api of all) {
      const { me } = await api.snapshot();
      if (api !== all[by]) await (kind === "open" ? api : all[by]).call("PUT", `/api/rooms/${slug}/members/${me.id}`, {});
    }
    for (const [who, body] of says) await all[who].post(body, { room: slug });
  }
  const { me } = await all[0].snapshot();
  for (const [who, body] of direct) {
    const { room } = await all[who].call("POST", "/api/rooms", { kind: "direct", members: [me.id] });
    await all[who].post(body, { room: room.slug });
  }
  return { all, slug };
}

async function draw(browser, scene) {
  const server = await startServer();
  try {
    const { all, slug } = await set(server, scene);
    const others = all.slice(1, -1).map((as) => newPerson(browser, server, { as, locale: scene.locale }));
    for (const other of await Promise.all(others)) await other.goto(`/rooms/${slug}`);
    const page = await newPerson(browser, server, { as: all[0], locale: scene.locale, ...SIZE });
    await page.goto(`/rooms/${slug}`);
    await page.getByRole("textbox").waitFor();
    await page.getByRole("complementary").getByText(scene.names[1]).waitFor();
    await all[scene.typist].call("POST", `/api/rooms/${slug}/typing`, { typing: true });
    await page.getByText(/typing|正在输入/).waitFor();
    await page.screenshot({ path: join(directory, scene.picture) });
  } finally {
    await server.close();
  }
}

const browser = await launchBrowser();
try {
  for (const scene of SCENES) await draw(browser, scene);
} finally {
  await browser.close();
}
