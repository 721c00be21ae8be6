// Calls with headers that no client library sends, over our HTTP/2 connection, which sends any.
import net from "node:net";
import { backgroundClock } from "../../../src/clock";
import type { HeaderField } from "../../../src/http2/hpack/table";
import { overSocket } from "../../../src/http2/over-socket";
import type { Outcome } from "./run";

type Fields = readonly (readonly [name: string, value: string])[];

const usual: Fields = [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", "/etcdserverpb.KV/Range"],
  [":authority", "x"],
  ["content-type", "application/grpc"],
  ["te", "trailers"],
];
const replaced = (name: string, value: string): Fields =>
  usual.map(([each, old]) => [each, each === name ? value : old]);
const without = (...names: string[]): Fields => usual.filter(([name]) => !names.includes(name));
const and = (...more: Fields): Fields => [...usual, ...more];
const bytesOf = (text: string) => Buffer.from(text).toString("latin1");

const base64 = ["", "a", "ab", "YWI=", "YW==", "YW=", "YWI==", "a b", "\x80bcd", "-_-_", "Y=WJ", "=", "===="];
const longBase64 = ["YWJj,YWJj", "YWJjZ", "YWJjZA=", "YWJjZA==", "YWI=YWI=", "?%41"];
const timeouts = [
  "",
  "1",
  "S",
  "1n",
  "0S",
  "99999999H",
  "123456789S",
  "-1S",
  "1 S",
  " 1S",
  "1X",
  "1\xff",
  '"S',
];
const paths = ["", "*", "x", "x\xff", bytesOf("/€"), "/x/\x7f", "//x", "/x ", "/etcdserverpb.KV/Range?a=b"];
const longPaths = [bytesOf("/etcdserverpb.KV/é"), "/etcdserverpb.KV/\xe2\x82", "/etcdserverpb.K\xff/Range"];
const types = ["", "Application/GRPC", "application/grpc+PROTO", "application/grpc+", "application/grpcx"];
const methods = ["", "post", "POST ", "OPTIONS", "P\xff"];

const named = (name: string, fields: Fields): readonly [string, Fields] => [name, fields];

const cases: readonly (readonly [string, Fields])[] = [
  ...[...base64, ...longBase64].map((value) => named(`a-bin: ${value}`, and(["a-bin", value]))),
  named("two wrong -bin", and(["a-bin", "?"], ["b-bin", "!"])),
  named("grpc-trace-bin: ?", and(["grpc-trace-bin", "?"])),
  ...timeouts.map((value) => named(`grpc-timeout: ${value}`, and(["grpc-timeout", value]))),
  named("grpc-timeout: 5S, x", and(["grpc-timeout", "5S"], ["grpc-timeout", "x"])),
  named("grpc-timeout: 5S, 0S", and(["grpc-timeout", "5S"], ["grpc-timeout", "0S"])),
  named("grpc-timeout: 0S, 5S", and(["grpc-timeout", "0S"], ["grpc-timeout", "5S"])),
  named("grpc-timeout: x, and a wrong -bin", and(["grpc-timeout", "x"], ["a-bin", "?"])),
  named("grpc-timeout: 0S, and GET", [...replaced(":method", "GET"), ["grpc-timeout", "0S"]]),
  ...[...paths, ...longPaths].map((value) => named(`:path: ${value}`, replaced(":path", value))),
  ...methods.map((value) => named(`:method: ${value}`, replaced(":method", value))),
  ...types.map((value) => named(`content-type: ${value}`, replaced("content-type", value))),
  named("content-type: text/plain, gRPC's", [["content-type", "text/plain"], ...usual]),
  named("content-type: gRPC's, text/plain", and(["content-type", "text/plain"])),
  named("content-type: gRPC's, application/grpc+a", and(["content-type", "application/grpc+a"])),
  named("content-type: a, b", [...without("content-type"), ["content-type", "a"], ["content-type", "b"]]),
  ...[":method", ":scheme", ":path", ":authority", "te", "content-type"].flatMap((name) => [
    named(`no ${name}`, without(name)),
    named(`${name} twice`, [...usual.filter(([each]) => each === name), ...usual]),
  ]),
  named(":path after te", [...without(":path"), [":path", "/etcdserverpb.KV/Range"]]),
  named(":protocol", [[":protocol", "a"], ...usual]),
  named(":status", [[":status", "200"], ...usual]),
  ...["", "gzip", "Trailers"].map((value) => named(`te: ${value}`, replaced("te", value))),
  ...["connection", "keep-alive", "upgrade", "transfer-encoding"].map((name) =>
    named(name, and([name, "close"])),
  ),
  named("host", and(["host", "y"])),
  named("host twice", and(["host", "y"], ["host", "y"])),
  named("host twice, no :authority", [...without(":authority"), ["host", "y"], ["host", "z"]]),
  named("host twice, and a content type", [...replaced("content-type", "x"), ["host", "y"], ["host", "y"]]),
  ...["\0", "\n", "\t", "\x01", "\x7f", "\xff", " b", "b "].map((value) =>
    named(`a: ${JSON.stringify(value)}`, and(["a", value])),
  ),
  ...["A", "a b", "\xe9"].map((name) => named(`the name ${name}`, and([name, "b"]))),
  named("grpc-encoding: gzip, a", and(["grpc-encoding", "gzip"], ["grpc-encoding", "a"])),
  named("grpc-encoding: a, identity", and(["grpc-encoding", "a"], ["grpc-encoding", "identity"])),
  named("grpc-encoding: a, and a wrong path", [...replaced(":path", "/a"), ["grpc-encoding", "a"]]),
];

export async function headerOutcomes(endpoint: string): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [name, fields] of cases) outcomes.push({ name, outcome: await outcomeOf(endpoint, fields) });
  return outcomes;
}

const range = Buffer.from([0, 0, 0, 0, 3, 0x0a, 1, 0x61]);

/** Each call has one connection, as a wrong one may end it. */
function outcomeOf(endpoint: string, fields: Fields): Promise<string> {
  const { port, hostname } = new URL(endpoint);
  const socket = net.connect(Number(port), hostname);
  const connection = overSocket(socket, { role: "client", clock: backgroundClock });
  const answer: string[] = [];
  const note = (received: readonly HeaderField[]) =>
    void answer.push(...received.map(({ name, value }) => `${name}: ${value}`));
  return new Promise((resolve) => {
    const stream = connection.request(
      fields.map(([name, value]) => ({ name, value })),
      {
        events: {
          onHeaders: note,
          onTrailers: note,
          onClose(error) {
            resolve(answer.length > 0 ? answer.join(", ") : `reset ${error?.code}`);
            socket.destroy();
          },
        },
      },
    );
    stream.write(range);
    stream.end();
  });
}
