// Reads GET /chat with `curl -N`, for ever: node curl_client.mjs URL TOKEN.
//
// Each event becomes one line of JSON, {event, id, data}, on standard output. curl only brings the bytes; blocks are cut
// at empty lines, one without its empty line was cut by the connection and does not count, and the last id goes back
// as a header. This is what a shell script would do.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

const [url, token] = process.argv.slice(2);
let lastId;
let retryMs = 2000;

function take(block) {
  const fields = {};
  for (const line of block.split("\n")) {
    const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line);
    fields[name] = value;
  }
  retryMs = Number(fields.retry ?? retryMs);
  lastId = fields.id ?? lastId;
  console.log(JSON.stringify({ event: fields.event, id: fields.id ?? null, data: JSON.parse(fields.data) }));
}

for (;;) {
  const resume = lastId === undefined ? [] : ["-H", `Last-Event-ID: ${lastId}`];
  const wanted = ["-H", `Authorization: Bearer ${token}`, ...resume, `${url}/chat`];
  // 37.5 s without a byte: the server ticks every 15 s.
  const curl = spawn("curl", ["-sSN", "--fail", "--speed-limit", "1", "--speed-time", "38", ...wanted], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(curl, "close");
  let text = "";
  curl.stdout.setEncoding("utf8");
  for await (const chunk of curl.stdout) {
    const blocks = (text + chunk).split("\n\n");
    text = blocks.pop();
    blocks.forEach(take);
  }
  await ended;
  console.error("connection ended");
  await sleep(retryMs);
}
