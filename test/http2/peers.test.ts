// Our connection against node:http2 and against itself, in both roles, with random bodies in random chunks.
import http2 from "node:http2";
import type { Duplex } from "node:stream";
import { backgroundClock } from "../../src/clock";
import type { Http2Connection } from "../../src/http2/connection";
import type { HeaderField } from "../../src/http2/hpack/table";
import { valueOf } from "../../src/http2/message-rules";
import { overSocket } from "../../src/http2/over-socket";
import type { Http2Stream } from "../../src/http2/stream";
import { seeded } from "../support/seeded";
import { pipe } from "./pipe";

const clock = backgroundClock;
const windows = { streamWindowBytes: 100_000, connectionWindowBytes: 150_000 };

interface Answer {
  status: string | undefined;
  body: Buffer;
  trailer: string | undefined;
}
type Call = (path: string, parts: readonly Buffer[]) => Promise<Answer>;
interface Client {
  readonly call: Call;
  close(): void;
}

/** Sends the request's body back, with the path as a trailer. */
const servers: Record<string, (end: Duplex) => void> = {
  ours: (end) => {
    overSocket(end, { role: "server", clock, ...windows, onStream: echo });
  },
  "node:http2": (end) => {
    const server = http2.createServer();
    server.on("stream", (stream, headers) => {
      stream.respond({ ":status": 200 }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "x-path": String(headers[":path"]) }));
      stream.pipe(stream);
    });
    server.emit("connection", end);
  },
};

function echo(stream: Http2Stream): void {
  stream.respond([{ name: ":status", value: "200" }]);
  stream.events = {
    onData(chunk) {
      if (!stream.write(chunk)) stream.pause();
    },
    onDrain: () => stream.resume(),
    onEnd: () => stream.sendTrailers([{ name: "x-path", value: valueOf(stream.headers, ":path") ?? "" }]),
  };
}

const clients: Record<string, (end: Duplex, random: (below: number) => number) => Client> = {
  ours: (end, random) => {
    const connection = overSocket(end, { role: "client", clock, ...windows });
    return {
      call: (path, parts) => callOurs(connection, path, parts, random),
      close: () => connection.close(),
    };
  },
  "node:http2": (end) => {
    const session = http2.connect("http://x", { createConnection: () => end });
    return { call: (path, parts) => callNode(session, path, parts), close: () => session.close() };
  },
};

function callOurs(
  connection: Http2Connection,
  path: string,
  parts: readonly Buffer[],
  random: (below: number) => number,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const answer: Answer = { status: undefined, body: Buffer.alloc(0), trailer: undefined };
    const chunks: Buffer[] = [];
    const headers: HeaderField[] = [
      { name: ":method", value: "POST" },
      { name: ":scheme", value: "http" },
      { name: ":path", value: path },
      { name: ":authority", value: "x" },
      { name: "x-long", value: "v".repeat(random(20) === 0 ? 20_000 : 10) },
    ];
    const stream = connection.request(headers, {
      events: {
        onHeaders: (fields) => (answer.status = valueOf(fields, ":status")),
        onData(chunk) {
          chunks.push(chunk);
          if (random(5) > 0) return;
          stream.pause();
          setImmediate(() => stream.resume());
        },
        onTrailers: (fields) => (answer.trailer = valueOf(fields, "x-path")),
        onClose: (error) => (error ? reject(error) : resolve({ ...answer, body: Buffer.concat(chunks) })),
      },
    });
    for (const part of parts) stream.write(part);
    stream.end();
  });
}

function callNode(
  session: http2.ClientHttp2Session,
  path: string,
  parts: readonly Buffer[],
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const answer: Answer = { status: undefined, body: Buffer.alloc(0), trailer: undefined };
    const chunks: Buffer[] = [];
    const stream = session.request({ ":method": "POST", ":path": path });
    stream.on("response", (headers) => (answer.status = String(headers[":status"])));
    stream.on("trailers", (headers) => (answer.trailer = String(headers["x-path"])));
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", reject);
    stream.on("close", () => resolve({ ...answer, body: Buffer.concat(chunks) }));
    for (const part of parts) stream.write(part);
    stream.end();
  });
}

describe.each([
  ["ours", "node:http2"],
  ["node:http2", "ours"],
  ["ours", "ours"],
])("client %s, server %s", (clientName, serverName) => {
  test("Every body comes back whole, with its trailers.", async () => {
    const random = seeded(11);
    const [left, right] = pipe(random);
    servers[serverName]?.(right);
    const client = clients[clientName]?.(left, random) as Client;
    for (let round = 0; round < 12; round++) {
      const calls = Array.from({ length: 1 + random(12) }, async (_each, i) => {
        const path = `/${round}/${i}`;
        const parts = Array.from({ length: random(4) }, () =>
          Buffer.alloc(random(4) === 0 ? random(200_000) : random(300), random(256)),
        );
        const { status, body, trailer } = await client.call(path, parts);
        expect([status, trailer]).toEqual(["200", path]);
        expect(body.equals(Buffer.concat(parts))).toBe(true);
      });
      await Promise.all(calls);
    }
    client.close();
    await new Promise((resolve) => left.once("close", resolve));
  });
});
