// The stream keeps to the protocol on every way: directly, and through nginx and Caddy with the recipes of `deploy/`.

import { describe, test } from "node:test";

import { CHECKS } from "./conformance.mjs";
import { WAYS, openPlace } from "./place.mjs";

// They mostly wait for heartbeats, so they do it together.
describe("the stream", { concurrency: WAYS.length }, () => {
  for (const way of WAYS) {
    test(`the stream, ${way.name}`, async (t) => {
      const place = await openPlace(t, way);
      for (const [name, check] of Object.entries(CHECKS)) await t.test(name, (t) => check(t, place));
    });
  }
});
