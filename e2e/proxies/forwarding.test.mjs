// Who a request comes from, when it comes through a proxy: what the proxy saw, never what the client claims.

import assert from "node:assert/strict";
import { test } from "node:test";

import { SseReader } from "../support/sse.mjs";
import { eventually } from "../support/wait.mjs";
import { WAYS, openPlace } from "./place.mjs";

/** The addresses that a client may claim to come from. */
const CLAIMS = {
  "x-forwarded-for": "203.0.113.7",
  "x-real-ip": "203.0.113.8",
  forwarded: "for=203.0.113.9;host=evil.example;proto=http",
  "x-forwarded-host": "evil.example",
  "x-forwarded-proto": "http",
};

for (const way of WAYS.filter(({ proxy }) => proxy)) {
  test(`the server knows who comes ${way.name}`, async (t) => {
    const { server, visitor } = await openPlace(t, way);
    for (const localAddress of ["127.0.0.2", "127.0.0.3"]) {
      const answer = await visitor({ localAddress }).request("GET", "/api/session", undefined, CLAIMS);
      assert.equal(answer.status, 401);
      const id = answer.headers.get("x-request-id");
      const line = await eventually("the request is logged", () => server.stderr.split("\n").find((line) => line.includes(id)));
      assert.match(line, new RegExp(`client=${localAddress.replaceAll(".", "\\.")}\\b`));
    }
    assert.doesNotMatch(server.stderr, /203\.0\.113|evil\.example/);
  });

  test(`streams are counted by who opens them ${way.name}`, async (t) => {
    const { ana, visitor } = await openPlace(t, { ...way, args: ["--max-streams-per-address", "2"] });
    const from = (localAddress) => {
      const { fetch } = visitor({ localAddress });
      return SseReader.open(`${ana.url}/chat`, { headers: { ...ana.headers, ...CLAIMS }, fetch, test: t });
    };
    await from("127.0.0.2");
    const second = await from("127.0.0.2");
    await assert.rejects(from("127.0.0.2"), /429.*rate_limited/);
    await from("127.0.0.3");
    second.close();
    await eventually("who has left makes room", () => from("127.0.0.2"));
  });

  test(`nobody opens the place ${way.name} without the code`, async (t) => {
    const { server, visitor } = await openPlace(t, { ...way, isOpen: false });
    const people = { workspace: "Mine", name: "Mallory", password: "a long sentence" };
    for (const claims of [{}, CLAIMS, { "x-forwarded-for": "127.0.0.1" }]) {
      const answer = await visitor().request("POST", "/api/setup", people, claims);
      assert.deepEqual([answer.status, answer.body.code], [403, "wrong_setup_code"]);
    }
    const { body } = await server.api().request("GET", "/api/setup");
    assert.deepEqual(body, { needed: true, code_needed: false, guests: false });
  });

  test(`links are made from the public address ${way.name}`, async (t) => {
    const { ana, front } = await openPlace(t, way);
    const { body } = await ana.request("POST", "/api/invites", {}, CLAIMS);
    assert.ok(body.url.startsWith(`${front.url}/join/`), body.url);
  });
}
