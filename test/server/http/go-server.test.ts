// What Go's HTTP server does before any page. The responses were recorded from etcd 3.7.1.
import net from "node:net";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { refuseBytes } from "../../../src/server/http/go-server";
import { startEmbeddedServer, type EmbeddedServer } from "../../../src/server/server";

let server: EmbeddedServer;
beforeAll(async () => {
  server = await startEmbeddedServer();
});
afterAll(() => server.stop());

/** The lines of the response to one request, without the date and what CORS adds. */
async function answerTo(request: string): Promise<string[]> {
  const { port } = new URL(`http://${server.endpoint.replace("http://", "")}`);
  const socket = net.connect(Number(port), "127.0.0.1");
  socket.write(request);
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  return answer.split("\r\n").filter((line) => !/^(Date|Access-Control-)/.test(line));
}

const get = (target: string, method = "GET") =>
  answerTo(`${method} ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);

test("The location of a redirect is escaped once more, and all of it if it has a character that URLs do not have.", async () => {
  const location = async (target: string) => (await get(target)).find((line) => line.startsWith("Location"));
  expect(await location("/v3//a%41'!(%2f")).toBe("Location: /v3/a%2541%27%21%28%252f");
  expect(await location("/v3//kv/'\"~;,@=&$+:?a='")).toBe("Location: /v3/kv/%2527%2522~;,@=&$+:?a='");
});

test("The response to a HEAD request that is redirected has no length.", async () => {
  expect(await get("/v3//a", "HEAD")).toEqual([
    "HTTP/1.1 307 Temporary Redirect",
    "Content-Type: text/html; charset=utf-8",
    "Location: /v3/a",
    "Connection: close",
    "",
    "",
  ]);
});

const refusal = (status: string) => [
  `HTTP/1.1 ${status}`,
  "Content-Type: text/plain; charset=utf-8",
  "Connection: close",
  "",
  status,
];

test("A target with a bad escape, and a request that is no HTTP, are refused, and the connection ends.", async () => {
  const bad = refusal("400 Bad Request");
  expect(await answerTo("GET /v3/%zz HTTP/1.1\r\nHost: x\r\n\r\n")).toEqual(bad);
  expect(await answerTo("GET /version HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n")).toEqual(bad);
});

test("Headers may have a megabyte, and a request with more is refused.", async () => {
  const token = `Authorization: ${"x".repeat(900_000)}`;
  const [status] = await answerTo(
    `GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${token}\r\n\r\n`,
  );
  expect(status).toBe("HTTP/1.1 200 OK");
  const socket = new PassThrough();
  refuseBytes(Object.assign(new Error(), { code: "HPE_HEADER_OVERFLOW" }), socket);
  expect((await text(socket)).split("\r\n")).toEqual(refusal("431 Request Header Fields Too Large"));
});

test("A response says that the connection closes only if it does.", async () => {
  expect(await get("/version")).toContain("Connection: close");
  const open = "GET /version HTTP/1.1\r\nHost: x\r\n\r\n";
  const closing = "GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  const lines = await answerTo(open + closing);
  expect(lines.filter((line) => line.startsWith("Connection"))).toEqual(["Connection: close"]);
});
