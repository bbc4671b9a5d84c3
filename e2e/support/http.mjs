// `fetch` over a chosen version of HTTP, with a certificate of one's own: what the one of Node does not offer.

import { request as plain } from "node:http";
import { connect, constants } from "node:http2";
import { Agent, request as secure } from "node:https";

/** Statuses whose answers have no body, which `Response` insists on. */
const WITHOUT_BODY = new Set([204, 304]);

/** @typedef {{ ca?: string, localAddress?: string }} Options `ca`: whom to trust; `localAddress`: where to come from */

/**
 * `fetch` over HTTP/1.1.
 *
 * @param {Options} [options]
 * @returns {typeof fetch}
 */
export function overHttp1({ ca, localAddress } = {}) {
  const agent = new Agent({ ca, keepAlive: false });
  return (url, { method = "GET", headers = {}, body, signal } = {}) =>
    new Promise((resolve, reject) => {
      const isSecure = new URL(url).protocol === "https:";
      const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
      const options = { method, headers: { ...headers, ...length }, signal, localAddress };
      const sent = isSecure ? secure(url, { ...options, agent }) : plain(url, options);
      sent.on("error", reject);
      sent.on("response", (answer) => {
        resolve(response(answer.statusCode, pairs(answer.headers), method, answer));
      });
      sent.end(body);
    });
}

/**
 * `fetch` over HTTP/2, each request on a connection of its own, so that they can be cut one by one.
 *
 * @param {Options} [options]
 * @returns {typeof fetch}
 */
export function overHttp2({ ca, localAddress } = {}) {
  return (url, { method = "GET", headers = {}, body, signal } = {}) =>
    new Promise((resolve, reject) => {
      const { origin, pathname, search } = new URL(url);
      const session = connect(origin, { ca, localAddress });
      session.on("error", reject);
      const stream = session.request({ ":method": method, ":path": pathname + search, ...headers }, { endStream: false });
      stream.on("error", reject);
      stream.on("close", () => session.close());
      signal?.addEventListener("abort", () => stream.close(constants.NGHTTP2_CANCEL));
      stream.on("response", (head) => {
        const { ":status": status, ...rest } = head;
        resolve(response(status, pairs(rest), method, stream));
      });
      stream.end(body);
    });
}

/** Headers as `Headers` takes them, several of one name apart. */
function pairs(headers) {
  return Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)]));
}

function response(status, headers, method, stream) {
  if (method === "HEAD" || WITHOUT_BODY.has(status)) {
    stream.resume();
    return new Response(null, { status, headers });
  }
  return new Response(bodyOf(stream), { status, headers });
}

/** The bytes of an answer. One that breaks off is a `TypeError`, as with the `fetch` of Node. */
function bodyOf(stream) {
  let hasEnded = false;
  return new ReadableStream({
    start(body) {
      const end = (act) => {
        if (!hasEnded) act();
        hasEnded = true;
      };
      stream.on("data", (bytes) => hasEnded || body.enqueue(new Uint8Array(bytes)));
      stream.on("end", () => end(() => body.close()));
      for (const event of ["aborted", "error", "close"]) {
        stream.on(event, () => end(() => body.error(new TypeError("terminated"))));
      }
    },
    cancel() {
      hasEnded = true;
      stream.destroy();
    },
  });
}
