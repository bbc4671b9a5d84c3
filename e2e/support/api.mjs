// The interface (docs/API.md) as a program or a page uses it, for setting a scene and for looking behind it.

import { randomUUID } from "node:crypto";

/** An answer that was not the expected one. `code` is the problem's, if there is one. */
export class ApiError extends Error {
  constructor(what, response, body) {
    super(`${what}: ${response.status} ${JSON.stringify(body)}`);
    this.status = response.status;
    this.code = body?.code;
    this.body = body;
  }
}

/** A client of one server, signed in as at most one person: with a cookie like a page, or with a token like a program. */
export class Api {
  #cookie;
  #token;

  /**
   * @param {string} url the server, without a path
   * @param {{ fetch?: typeof fetch }} [options] `fetch`: another than Node's own, as in `http.mjs`
   */
  constructor(url, { fetch = globalThis.fetch } = {}) {
    this.url = url;
    this.fetch = fetch;
  }

  /** What identifies this person, for `fetch`, `curl` and SSE clients. */
  get headers() {
    if (this.#token) return { authorization: `Bearer ${this.#token}` };
    return this.#cookie ? { cookie: this.#cookie } : {};
  }

  /** The token, after `signIn(…, { as: "token" })`. */
  get token() {
    return this.#token;
  }

  /** The cookie as Playwright's `context.addCookies` takes it. */
  get browserCookie() {
    const at = this.#cookie.indexOf("=");
    const [name, value] = [this.#cookie.slice(0, at), this.#cookie.slice(at + 1)];
    return { name, value, url: this.url, httpOnly: true, sameSite: "Lax" };
  }

  /**
   * One request, with the headers a browser would add for a page of this server.
   *
   * @returns {Promise<{ status: number, headers: Headers, body: any }>} `body` is the parsed JSON, or the text
   */
  async request(method, path, body, headers = {}) {
    const page = this.#token ? {} : { origin: this.url, "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" };
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const response = await this.fetch(this.url + path, {
      method,
      redirect: "manual",
      headers: { ...page, ...type, ...this.headers, ...headers },
      body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
    });
    for (const cookie of response.headers.getSetCookie()) this.#cookie = cookie.split(";")[0];
    const text = await response.text();
    const json = /\bjson\b/.test(response.headers.get("content-type") ?? "");
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
  }

  /** As `request`, but throws an `ApiError` unless the status is one of 2xx, and returns the body alone. */
  async call(method, path, body, headers) {
    const answer = await this.request(method, path, body, headers);
    if (answer.status < 200 || answer.status > 299) throw new ApiError(`${method} ${path}`, answer, answer.body);
    return answer.body;
  }

  /** Opens the workspace; this client is its owner afterwards. */
  setUp({ workspace = "The Terrace", name = "Ana", password = "a long sentence", code } = {}) {
    return this.call("POST", "/api/setup", { workspace, name, password, code });
  }

  /** Signs in; with `{ as: "token" }` as a program. */
  async signIn(name, password = "a long sentence", { as } = {}) {
    const answer = await this.call("POST", "/api/session", { name, password, as });
    if (as === "token") this.#token = answer.token;
    return answer;
  }

  /** Signs out. */
  signOut() {
    return this.call("DELETE", "/api/session");
  }

  /** A link into the first room: `{ id, code, url, qr, expires_at }`. */
  invite() {
    return this.call("POST", "/api/invites", {});
  }

  /** Joins through an invite; this client is that person afterwards. */
  join(code, name, password = "a long sentence") {
    return this.call("POST", `/api/join/${code}`, { name, password });
  }

  /** What the client shows first. */
  snapshot() {
    return this.call("GET", "/api/snapshot");
  }

  /** One page of a room's history, oldest first. */
  messages(room = "general", query = "") {
    return this.call("GET", `/api/rooms/${room}/messages${query}`);
  }

  /** All messages of a room, oldest first. */
  async history(room = "general") {
    let page = await this.messages(room, "?limit=100");
    let all = page.messages;
    while (page.more_before) {
      page = await this.messages(room, `?limit=100&before=${all[0].offset}`);
      all = [...page.messages, ...all];
    }
    return all;
  }

  /** Posts; returns `{ message, cursor }`. */
  post(body, { room = "general", clientId = randomUUID() } = {}) {
    return this.call("POST", `/api/rooms/${room}/messages`, { client_id: clientId, body });
  }
}

/**
 * A workspace with people in it: the first one opens it, the others join through one invite each.
 *
 * @param {{ api(): Api }} server
 * @param {string[]} names
 * @returns {Promise<Api[]>}
 */
export async function people(server, ...names) {
  const [first, ...others] = names;
  const owner = server.api();
  await owner.setUp({ name: first });
  const joined = [owner];
  for (const name of others) {
    const api = server.api();
    await api.join((await owner.invite()).code, name);
    joined.push(api);
  }
  return joined;
}
