// A client that sends on after its answer, as over HTTP/1 in Go: after a little of the rest, its connection is closed.
import net from "node:net";
import { startEmbeddedServer, type EmbeddedServer } from "../../../src/server/server";

let server: EmbeddedServer;
beforeEach(async () => {
  server = await startEmbeddedServer();
});
afterEach(() => server.stop());

/** Sends the head and then pieces of the body until the connection is closed, or `pieces` are sent. */
function send(
  head: readonly string[],
  { piece = "A".repeat(16_384), pieces = Infinity }: { piece?: string; pieces?: number } = {},
): Promise<{ text: string; isClosed: boolean }> {
  const { port } = new URL(`http://${server.endpoint.replace("http://", "")}`);
  return new Promise((resolve) => {
    const socket = net.connect(Number(port), "127.0.0.1");
    let text = "";
    let sent = 0;
    const more = () => {
      if (socket.destroyed) return;
      if (sent++ < pieces) socket.write(piece, () => setImmediate(more));
    };
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      // Another request on the same connection shows that it is open.
      if (pieces === Infinity || sent < pieces) return;
      if (text.includes('"etcdserver"')) {
        resolve({ text, isClosed: false });
        socket.destroy();
      } else if (!/\r\nConnection: close\r\n/.test(text) && !text.includes("asked")) {
        text += "asked";
        socket.write("GET /version HTTP/1.1\r\nHost: x\r\n\r\n");
      }
    });
    // What still comes at a closed connection resets it.
    socket.on("error", () => undefined);
    socket.on("close", () => resolve({ text, isClosed: true }));
    socket.write(`${head.join("\r\n")}\r\nHost: x\r\n\r\n`);
    more();
  });
}

const chunk = `4000\r\n${"A".repeat(0x4000)}\r\n`;

test.each([
  ["a value that is too large", ["POST /v3/kv/put HTTP/1.1", "Content-Length: 900000000"], {}, 429],
  ["chunks without end", ["POST /v3/kv/put HTTP/1.1", "Transfer-Encoding: chunked"], { piece: chunk }, 429],
  ["a body for no call", ["POST /v3/nothing HTTP/1.1", "Content-Length: 900000000"], {}, 404],
  ["a body for a page", ["POST /version HTTP/1.1", "Content-Length: 900000000"], {}, 405],
  ["chunks for a page", ["POST /version HTTP/1.1", "Transfer-Encoding: chunked"], { piece: chunk }, 405],
])("The connection closes after the response to %s.", async (_name, head, body, status) => {
  // The end of the connection may overtake the response of a client that is slow to read.
  let { text, isClosed } = await send(head, body);
  for (let again = 0; text === "" && again < 10; again++) ({ text, isClosed } = await send(head, body));
  expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*\r\nConnection: close\r\n`));
  expect(isClosed).toBe(true);
});

test.each([
  ["no call", "POST /v3/nothing HTTP/1.1", 404],
  ["a page", "POST /version HTTP/1.1", 405],
])("A short body for %s is read, and the connection stays.", async (_name, line, status) => {
  const { text, isClosed } = await send([line, "Content-Length: 163840"], { pieces: 10 });
  expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(text).not.toContain("Connection: close");
  expect(isClosed).toBe(false);
});
