// A cache in front of the server keeps nothing that belongs to one person, though it is set up to keep whatever it may.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Api, people } from "../support/api.mjs";
import { CACHING, startNginx } from "../support/nginx.mjs";
import { startServer } from "../support/server.mjs";

const cacheStatus = (answer) => answer.headers.get("x-cache-status");

test("an nginx that caches for everybody gives nobody what is another's", async (t) => {
  const server = await startServer({ test: t });
  const apis = await people(server, "Ana", "Ben");
  const nginx = await startNginx(server, { test: t, recipe: CACHING });
  const get = (path, headers = {}) => fetch(nginx.url + path, { headers, redirect: "manual" });
  const [ana, ben] = apis.map(({ headers }) => headers);

  const { code } = await apis[0].invite();
  const room = (await apis[0].snapshot()).rooms[0].id;
  const person = (await apis[1].snapshot()).me.id;
  const rooms = [`/api/rooms/${room}`, `/api/rooms/general/messages`];
  const paths = ["/api/session", "/api/snapshot", "/api/rooms", ...rooms, `/api/people/${person}`, "/api/setup", `/api/invites/${code}`];
  for (const path of paths) {
    for (const headers of [ana, ben, {}, ana]) {
      const through = await get(path, headers);
      assert.notEqual(cacheStatus(through), "HIT", path);
      assert.equal(through.headers.get("set-cookie"), null, path);
      const direct = await fetch(server.url + path, { headers });
      assert.equal(through.status, direct.status, path);
      if (direct.ok) assert.deepEqual(await through.json(), await direct.json(), path);
    }
  }

  for (const name of ["Ana", "Ben", "Ana"]) {
    const api = new Api(nginx.url);
    await api.signIn(name);
    const answer = await api.request("GET", "/api/session");
    assert.equal(answer.body.me.name, name);
    assert.equal(cacheStatus(answer), "MISS");
  }
});

test("the page's files are kept by a cache, and the page is asked for again", async (t) => {
  const server = await startServer({ test: t });
  const nginx = await startNginx(server, { test: t, recipe: CACHING });
  const page = await (await fetch(`${nginx.url}/`)).text();
  assert.notEqual(cacheStatus(await fetch(`${nginx.url}/`)), "HIT");
  const [file] = /\/[\w-]+-[0-9a-f]{16}\.css/.exec(page);
  for (const [encoding, status] of [["identity", "MISS"], ["br", "MISS"], ["identity", "HIT"], ["br", "HIT"]]) {
    const answer = await fetch(nginx.url + file, { headers: { "accept-encoding": encoding } });
    assert.deepEqual([answer.status, cacheStatus(answer)], [200, status], encoding);
    assert.match(await answer.text(), /[{}]/);
  }
});
