// Calls that no client makes: unknown methods, wrong headers, bytes that are no message. Over node's HTTP/2 client.
import http2 from "node:http2";
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
      // grpc-go sends an empty message with OK, and repeats the suffix of the content type.
      const text = String(value ?? "").replace(/^(application\/grpc)\+.*/, "$1");
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
