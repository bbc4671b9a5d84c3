// A TCP proxy that cuts: each connection is broken off, without a goodbye, after a number of bytes from the server.

import { createServer, connect } from "node:net";
import { once } from "node:events";

/**
 * Stands in front of `target` (an http address). `budgets` gives, connection by connection, how many bytes may come
 * back before the cut; after the last one nothing is cut any more. Ends with the test `t`.
 */
export async function scissors(t, target, budgets) {
  const { hostname, port } = new URL(target);
  const sockets = new Set();
  const left = [...budgets];
  const proxy = createServer((client) => {
    let budget = left.shift() ?? Infinity;
    const server = connect(port, hostname);
    for (const [socket, other] of [[client, server], [server, client]]) {
      sockets.add(socket);
      // A broken side breaks the other; that is what this is for.
      socket.on("error", () => other.destroy());
      socket.on("close", () => (sockets.delete(socket), other.destroy()));
    }
    client.on("data", (bytes) => server.write(bytes));
    server.on("data", (bytes) => {
      client.write(bytes.subarray(0, budget), () => budget <= 0 && client.resetAndDestroy());
      budget -= bytes.length;
    });
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  t.after(() => {
    proxy.close();
    sockets.forEach((socket) => socket.destroy());
  });
  return { url: `http://127.0.0.1:${proxy.address().port}`, cutsLeft: () => left.length };
}
