// Nobody slips a request past a proxy, and nobody's answer goes to somebody else.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectPlain } from "node:net";
import { describe, test } from "node:test";
import { connect as connectSecure } from "node:tls";

import { overHttp1 } from "../support/http.mjs";
import { eventually, within } from "../support/wait.mjs";
import { WAYS, openPlace } from "./place.mjs";
import { ATTACKS } from "./smuggling.mjs";

/** How often somebody else asks after each attack: more often than a proxy has idle connections to the server. */
const VICTIMS = 4;

/** The answers to what is hidden, as the attacker may see them: a method that `/healthz` does not take. */
const answersIn = (text) => text.match(/HTTP\/1\.[01] 405\b/g)?.length ?? 0;

/** How many requests with the hidden method have reached the server. */
const hiddenRequests = ({ stderr }) => stderr.split("\n").filter((line) => /PATCH.*answered/.test(line)).length;

/** Sends bytes and returns everything that comes back, until `settled` or the end of the connection. */
async function attack({ front }, text, settled) {
  const { protocol, hostname, port, host } = new URL(front.url);
  const options = { host: hostname === "localhost" ? "127.0.0.1" : hostname, port: Number(port) };
  const isSecure = protocol === "https:";
  const socket = isSecure ? connectSecure({ ...options, ca: front.ca, servername: "localhost" }) : connectPlain(options);
  let answer = "";
  let hasEnded = false;
  socket.on("data", (bytes) => (answer += bytes.toString("latin1")));
  socket.on("error", () => {}); // "close" follows
  socket.on("close", () => (hasEnded = true));
  await within("a connection", once(socket, isSecure ? "secureConnect" : "connect"));
  socket.write(Buffer.from(text.replaceAll("HOST", host), "latin1"));
  // Some are rightly left waiting for the rest of their body: then nothing comes, and that is an answer too.
  await eventually("an answer", () => hasEnded || /^HTTP/.test(answer), { deadlineMs: 500 }).catch(() => {});
  await settled();
  socket.destroy();
  return answer;
}

describe("smuggling", { concurrency: 3 }, () => {
  for (const way of WAYS.filter(({ over }) => over === overHttp1)) {
    test(`no request is smuggled ${way.name}`, async (t) => {
      const place = await openPlace(t, way);
      const victims = async (what) => {
        for (let i = 0; i < VICTIMS; i++) {
          const { status, body } = await place.ana.request("GET", "/api/session");
          assert.deepEqual([status, body.me?.name], [200, "Ana"], `somebody else's answer after ${what}`);
        }
      };
      await place.visitor().request("PATCH", "/healthz");
      await eventually("the method is seen in the log", () => hiddenRequests(place.server) === 1);
      for (const [what, text] of Object.entries(ATTACKS)) {
        const before = hiddenRequests(place.server);
        const answer = await attack(place, text, () => victims(what));
        const reached = hiddenRequests(place.server) - before;
        assert.ok(reached <= answersIn(answer), `${what}: ${reached} reached the server; the sender saw\n${answer}`);
        // A proxy may say that it knows no such coding (501), or that it could not read a body on (502).
        assert.doesNotMatch(answer, /^HTTP\/1\.[01] (500|503|504)/m, what);
      }
    });
  }
});
