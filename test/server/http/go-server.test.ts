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

test("A request without one right Host header is refused, and so is an encoding of the body that Go does not know.", async () => {
  const versionWith = (...lines: string[]) =>
    answerTo(["GET /version HTTP/1.1", "Connection: close", ...lines, "", ""].join("\r\n"));
  expect(await versionWith()).toEqual(refusal("400 Bad Request: missing required Host header"));
  expect(await versionWith("Host: a/b")).toEqual(refusal("400 Bad Request: malformed Host header"));
  expect(await versionWith("Host: a", "Host: a")).toEqual(refusal("400 Bad Request"));
  for (const encoding of ["identity", "gzip, chunked"]) {
    expect(await versionWith("Host: a", `Transfer-Encoding: ${encoding}`)).toEqual([
      ...refusal("501 Not Implemented").slice(0, -1),
      "Unsupported transfer encoding",
    ]);
  }
  expect((await versionWith("Host: [::1%25a]:1"))[0]).toBe("HTTP/1.1 200 OK");
});

test("A refusal has no date.", async () => {
  const socket = net.connect(server.port, "127.0.0.1");
  socket.write("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n");
  expect(await text(socket)).toBe(refusal("400 Bad Request").join("\r\n"));
});

test("Only 100-continue may be expected.", async () => {
  expect(await answerTo("GET /version HTTP/1.1\r\nHost: x\r\nExpect: x\r\n\r\n")).toEqual([
    ...["HTTP/1.1 417 Expectation Failed", "Connection: close", "Content-Length: 0", "", ""],
  ]);
});

test("The target may have a host, as proxies send it, and /v3beta/ is /v3/.", async () => {
  const post = (target: string) =>
    answerTo(
      `POST ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 14\r\n\r\n{"key":"YQ=="}\n`,
    );
  const [status, ...rest] = await post("/v3/kv/range");
  expect(status).toBe("HTTP/1.1 200 OK");
  for (const target of ["http://y:1/v3/kv/range", "HTTPS://y/v3beta/kv/range", "http:///v3/kv/range"]) {
    expect(await post(target)).toEqual([status, ...rest]);
  }
  expect(await get("/v3beta/kv/./range")).toContain("Location: /v3/kv/range");
  expect(await get("http://y/v3//kv")).toContain("Location: /v3/kv");
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
