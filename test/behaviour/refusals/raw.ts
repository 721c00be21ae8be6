// Calls that no client makes: unknown methods, wrong headers, bytes that are no message. Over node's HTTP/2 client.
import http2 from "node:http2";
import { gzipSync } from "node:zlib";
import type { Outcome } from "./run";

interface RawCase {
  readonly name: string;
  readonly headers: http2.OutgoingHttpHeaders;
  readonly body?: Buffer;
  /** Leaves the stream open after the body. */
  readonly open?: boolean;
}

const frame = (message: Buffer, flag = 0): Buffer => {
  const header = Buffer.alloc(5);
  header[0] = flag;
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
};

const path = (name: string) => ({ ":path": name });
const range = "/etcdserverpb.KV/Range";
const keyA = Buffer.from([0x0a, 1, 0x61]);
const inHex = (name: string, method: string, bytes: string): RawCase => ({
  name,
  headers: path(method),
  body: frame(Buffer.from(bytes.replaceAll(" ", ""), "hex")),
});

/** RangeRequests: key "a" where nothing is wrong. */
const damaged = [
  { name: "wire type 7", bytes: "0f" },
  { name: "field number 0", bytes: "02 00" },
  { name: "a varint of more than 64 bits", bytes: "0a0161 18 ffffffffffffffffff7f" },
  { name: "a varint of eleven bytes", bytes: "0a0161 18 ffffffffffffffffffff01" },
  { name: "a length that is right only in its lowest 32 bits", bytes: "0a 8180808010 61" },
  { name: "a tag that is right only in its lowest 32 bits", bytes: "8a80808010 01 61" },
  { name: "a known field with another wire type", bytes: "0a0161 08 05" },
  { name: "an unknown group", bytes: "0a0161 7b 08 01 7c" },
  { name: "groups in a group", bytes: "0a0161 7b 7b 0b 0c 7c 7c" },
  { name: "a group without its end", bytes: "0a0161 7b 08 01" },
  { name: "the end of another group", bytes: "0a0161 7b 74" },
  { name: "the end of no group", bytes: "0a0161 7c" },
  { name: "a length past the end", bytes: "0a 05 61" },
];

const cases: readonly RawCase[] = [
  { name: "an unknown service", headers: path("/etcdserverpb.Nothing/Range"), body: frame(keyA) },
  { name: "an unknown method", headers: path("/etcdserverpb.KV/Nothing"), body: frame(keyA) },
  { name: "a path without a method", headers: path("/etcdserverpb.KV"), body: frame(keyA) },
  { name: "a path without a slash at its end", headers: path("/etcdserverpb.KV/"), body: frame(keyA) },
  { name: "the path /", headers: path("/"), body: frame(keyA) },
  { name: "a path with three parts", headers: path("/a/b/c"), body: frame(keyA) },
  {
    name: "a content type that is not gRPC's",
    headers: { ...path(range), "content-type": "application/json" },
    body: frame(keyA),
  },
  { name: "no content type", headers: { ...path(range), "content-type": undefined }, body: frame(keyA) },
  {
    name: "gRPC's content type with a suffix",
    headers: { ...path(range), "content-type": "application/grpc+proto" },
    body: frame(keyA),
  },
  {
    name: "gRPC's content type with a parameter",
    headers: { ...path(range), "content-type": "application/grpc;charset=utf-8" },
    body: frame(keyA),
  },
  {
    name: "a content type that begins like gRPC's",
    headers: { ...path(range), "content-type": "application/grpc-web" },
    body: frame(keyA),
  },
  { name: "the method GET", headers: { ...path(range), ":method": "GET" } },
  { name: "a timeout that is none", headers: { ...path(range), "grpc-timeout": "soon" }, body: frame(keyA) },
  { name: "a timeout without a unit", headers: { ...path(range), "grpc-timeout": "5" }, body: frame(keyA) },
  { name: "a timeout of 0", headers: { ...path(range), "grpc-timeout": "0n" }, body: frame(keyA) },
  { name: "a compressed message", headers: path(range), body: frame(keyA, 1) },
  {
    name: "a message in an unknown encoding",
    headers: { ...path(range), "grpc-encoding": "brotli" },
    body: frame(keyA, 1),
  },
  {
    name: "an unknown encoding that no message uses",
    headers: { ...path(range), "grpc-encoding": "brotli" },
    body: frame(keyA),
  },
  {
    name: "a message compressed with gzip",
    headers: { ...path(range), "grpc-encoding": "gzip" },
    body: frame(gzipSync(keyA), 1),
  },
  {
    name: "a message that gzip could compress but has not",
    headers: { ...path(range), "grpc-encoding": "gzip" },
    body: frame(keyA),
  },
  {
    name: "a message that gzip has not compressed, with the flag",
    headers: { ...path(range), "grpc-encoding": "gzip" },
    body: frame(keyA, 1),
  },
  {
    name: "half of a message compressed with gzip",
    headers: { ...path(range), "grpc-encoding": "gzip" },
    body: frame(gzipSync(Buffer.alloc(1000, keyA)).subarray(0, 20), 1),
  },
  {
    name: "a message that is too large without gzip",
    headers: { ...path(range), "grpc-encoding": "gzip" },
    body: frame(gzipSync(Buffer.alloc(3 << 20)), 1),
  },
  ...damaged.map(({ name, bytes }) => inHex(name, range, bytes)),
  inHex("damaged bytes on a stream of the server", "/etcdserverpb.KV/RangeStream", "0f"),
  inHex("damaged bytes on a stream of both sides", "/etcdserverpb.Watch/Watch", "0f"),
  inHex("a text that is not UTF-8", "/etcdserverpb.Auth/RoleAdd", "0a02c328"),
  inHex("a text with U+FFFD", "/etcdserverpb.Auth/RoleAdd", "0a03efbfbd"),
  {
    name: "two messages on a stream of the server",
    headers: path("/etcdserverpb.KV/RangeStream"),
    body: Buffer.concat([frame(keyA), frame(keyA)]),
  },
  { name: "a path without a slash at its start", headers: path(range.slice(1)), body: frame(keyA) },
  { name: "a flag that does not exist", headers: path(range), body: frame(keyA, 7) },
  { name: "no message", headers: path(range) },
  { name: "half a header", headers: path(range), body: frame(keyA).subarray(0, 3) },
  { name: "half a message", headers: path(range), body: frame(keyA).subarray(0, 6) },
  { name: "an empty message", headers: path(range), body: frame(Buffer.alloc(0)) },
  {
    name: "a message longer than the limit",
    headers: path(range),
    body: frame(Buffer.alloc(3 << 20)).subarray(0, 100),
    open: true,
  },
  { name: "a metadata key of the leader", headers: { ...path(range), hasleader: "true" }, body: frame(keyA) },
  { name: "no message on a stream of the server", headers: path("/etcdserverpb.Maintenance/Snapshot") },
  { name: "no message on a stream of both sides", headers: path("/etcdserverpb.Lease/LeaseKeepAlive") },
];

export async function rawOutcomes(endpoint: string): Promise<Outcome[]> {
  const session = http2.connect(endpoint);
  session.on("error", () => undefined);
  try {
    const outcomes: Outcome[] = [];
    for (const each of cases) outcomes.push({ name: each.name, outcome: await outcomeOf(session, each) });
    return outcomes;
  } finally {
    session.destroy();
  }
}

function outcomeOf(session: http2.ClientHttp2Session, { headers, body, open }: RawCase): Promise<string> {
  const all = { ":method": "POST", "content-type": "application/grpc", te: "trailers", ...headers };
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  const stream = session.request(given, { endStream: false });
  const answer: string[] = [];
  const note = (fields: http2.IncomingHttpHeaders) => {
    for (const name of [":status", "content-type", "grpc-status", "grpc-message"]) {
      const value = fields[name];
      // grpc-go sends an empty message with OK. Go's proto package has a blank or a no-break space after "proto:", by build.
      const text = String(value ?? "").replace("proto:%C2%A0", "proto: ");
      if (text !== "") answer.push(`${name}: ${text}`);
    }
  };
  stream.on("response", note);
  stream.on("trailers", note);
  stream.on("data", () => undefined);
  if (body !== undefined) stream.write(body);
  if (open !== true) stream.end();
  return new Promise((resolve) => {
    const done = () => resolve(answer.join(", ") || `reset ${stream.rstCode}`);
    stream.on("end", () => {
      done();
      stream.destroy();
    });
    stream.on("error", done);
    stream.on("close", done);
  });
}
