// Requests whose end two servers may see at different places (RFC 9112 §11.2), so that one of them takes a part of the
// body for a request. What is hidden in each is `PATCH /healthz`, which nobody else sends and `/healthz` does not take.

/** What must never become a request of somebody else. */
const HIDDEN = "PATCH /healthz HTTP/1.1\r\nHost: HOST\r\n\r\n";

/** The first line and the host of the request that hides it. `HOST` is put in by the test. */
const POST = "POST /api/session HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n";

/** The last chunk, and then what is hidden. */
const AFTER_LAST_CHUNK = `0\r\n\r\n${HIDDEN}`;

/** A request with these header lines and this body. */
const post = (headers, body = AFTER_LAST_CHUNK) => `${POST}${headers.map((line) => `${line}\r\n`).join("")}\r\n${body}`;

/** With a length that covers what is hidden, and a transfer coding that does not. */
const both = (...coding) => post([`Content-Length: ${AFTER_LAST_CHUNK.length}`, ...coding]);

/** A chunked request. */
const chunked = (body) => post(["Transfer-Encoding: chunked"], body);

/** @type {Record<string, string>} what is sent, byte for byte (Latin-1), by what is wrong with it */
export const ATTACKS = {
  "length and chunks": both("Transfer-Encoding: chunked"),
  "chunks and length": post(["Transfer-Encoding: chunked", `Content-Length: ${AFTER_LAST_CHUNK.length}`]),
  "length 4 and chunks": post(["Content-Length: 4", "Transfer-Encoding: chunked"], `2d\r\n${HIDDEN}\r\n0\r\n\r\n`),
  "a coding that is none": both("Transfer-Encoding: xchunked"),
  "a second coding": both("Transfer-Encoding: chunked", "Transfer-Encoding: x"),
  "identity after chunked": both("Transfer-Encoding: chunked, identity"),
  "identity before chunked": both("Transfer-Encoding: identity, chunked"),
  "chunked twice": both("Transfer-Encoding: chunked, chunked"),
  "a tab before the coding": both("Transfer-Encoding:\tchunked"),
  "a vertical tab before the coding": both("Transfer-Encoding: \x0bchunked"),
  "a quoted coding": both('Transfer-Encoding: "chunked"'),
  "a space before the colon": both("Transfer-Encoding : chunked"),
  "a space before the name": both(" Transfer-Encoding: chunked"),
  "a folded coding": both("Transfer-Encoding:", " chunked"),
  "a coding after a bare line feed": both("X: x\nTransfer-Encoding: chunked"),
  "a coding after a bare carriage return": both("X: x\rTransfer-Encoding: chunked"),
  "a NUL before the coding": both("Transfer-Encoding: \0chunked"),
  "an underscore in the name": both("Transfer_Encoding: chunked"),
  "two lengths": post(["Content-Length: 0", `Content-Length: ${HIDDEN.length}`], HIDDEN),
  "two lengths in one line": post([`Content-Length: 0, ${HIDDEN.length}`], HIDDEN),
  "a length with a sign": post([`Content-Length: +${HIDDEN.length}`], HIDDEN),
  "a negative length": post(["Content-Length: -1"], HIDDEN),
  "a length in hexadecimal": post([`Content-Length: 0x${HIDDEN.length.toString(16)}`], HIDDEN),
  "a length with a blank in it": post(["Content-Length: 4 5"], HIDDEN),
  "a length that overflows": post(["Content-Length: 18446744073709551616"], HIDDEN),
  "a chunk size that overflows": chunked(`10000000000000000\r\n${HIDDEN}`),
  "a chunk size with a sign": chunked(`+0\r\n\r\n${HIDDEN}`),
  "a chunk size with a prefix": chunked(`0x0\r\n\r\n${HIDDEN}`),
  "a chunk size that is none": chunked(`;\r\n\r\n${HIDDEN}`),
  "a chunk that is longer than it says": chunked(`1\r\nxx\r\n0\r\n\r\n${HIDDEN}`),
  "a bare line feed after a chunk size": chunked(`2\nxx\n0\n\n${HIDDEN}`),
  "a bare line feed in a chunk's extension": chunked(`1;a\nxx\r\n2d\r\n0\r\n\r\n${HIDDEN}\r\n0\r\n\r\n`),
  "an extension of a megabyte": chunked(`0;${"a".repeat(1024 * 1024)}\r\n\r\n${HIDDEN}`),
  "a trailer that sets the length": chunked(`0\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`),
  "bare line feeds": post([`Content-Length: ${AFTER_LAST_CHUNK.length}`, "Transfer-Encoding: chunked"]).replaceAll("\r\n", "\n"),
  "HTTP/1.0 with chunks": both("Transfer-Encoding: chunked").replace("HTTP/1.1", "HTTP/1.0"),
  "a body of a GET": `GET /api/session HTTP/1.1\r\nHost: HOST\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  "another host in the target": `GET http://evil.example/api/session HTTP/1.1\r\nHost: HOST\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  "a request line that is split": `GET /api/session\r\nX: HTTP/1.1\r\nHost: HOST\r\n\r\n${HIDDEN}`,
  "an upgrade to HTTP/2": `GET /api/session HTTP/1.1\r\nHost: HOST\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
};
