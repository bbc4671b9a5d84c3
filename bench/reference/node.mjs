// The classic tutorial's chat server: Node's own http module, one write for each client.
import http from "node:http";

const clients = new Set();
let id = 0;

const server = http.createServer((request, response) => {
  if (request.method === "GET") {
    response.writeHead(200, {
      "Content-Type": "text/event-stream",
      "Cache-Control": "no-cache",
      Connection: "keep-alive",
    });
    response.write("event: hello\ndata: {}\n\n");
    clients.add(response);
    request.on("close", () => clients.delete(response));
    return;
  }
  let body = "";
  request.on("data", (part) => (body += part));
  request.on("end", () => {
    id += 1;
    for (const client of clients) {
      client.write(`event: message_posted\nid: ${id}\ndata: ${body}\n\n`);
    }
    response.writeHead(204).end();
  });
});

server.requestTimeout = 0;
server.listen(0, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
process.on("SIGTERM", () => process.exit(0));
