// Compares the generated codecs with @grpc/proto-loader on the same .proto files: each reads what the other writes.
import { loadSync, type MessageTypeDefinition, type ServiceDefinition } from "@grpc/proto-loader";
import path from "node:path";
import * as authpb from "../../src/proto/gen/authpb";
import * as etcdserverpb from "../../src/proto/gen/etcdserverpb";
import * as grpcHealth from "../../src/proto/gen/grpc.health.v1";
import * as grpcReflection from "../../src/proto/gen/grpc.reflection.v1";
import * as grpcReflectionAlpha from "../../src/proto/gen/grpc.reflection.v1alpha";
import * as leasepb from "../../src/proto/gen/leasepb";
import * as membershippb from "../../src/proto/gen/membershippb";
import * as mvccpb from "../../src/proto/gen/mvccpb";
import * as raftpb from "../../src/proto/gen/raftpb";
import * as snappb from "../../src/proto/gen/snappb";
import * as v3electionpb from "../../src/proto/gen/v3electionpb";
import * as v3lockpb from "../../src/proto/gen/v3lockpb";
import * as walpb from "../../src/proto/gen/walpb";
import { decode, encode, type AnyMessageType, type ServiceDescription } from "../../src/proto/message";
import { inLoaderForm, randomMessage, seededRandom, withDefaults } from "./random-message";

const loaded = loadSync(
  [
    "etcdserverpb/rpc.proto",
    "etcdserverpb/metadata.proto",
    "etcdserverpb/raft_internal.proto",
    "v3lockpb/v3lock.proto",
    "v3electionpb/v3election.proto",
    "leasepb/lease.proto",
    "walpb/record.proto",
    "snappb/snap.proto",
    "grpc/health/v1/health.proto",
    "grpc/reflection/v1/reflection.proto",
    "grpc/reflection/v1alpha/reflection.proto",
  ],
  {
    includeDirs: [path.join(__dirname, "..", "..", "proto")],
    keepCase: true,
    longs: String,
    enums: Number,
    defaults: true,
    oneofs: false,
  },
);
type Loaded = MessageTypeDefinition<object, object>;

const generated = Object.entries({
  authpb,
  etcdserverpb,
  grpcHealth,
  grpcReflection,
  grpcReflectionAlpha,
  leasepb,
  membershippb,
  mvccpb,
  raftpb,
  snappb,
  v3electionpb,
  v3lockpb,
  walpb,
}).flatMap(([packageName, module]) =>
  Object.entries(module as Record<string, object>).map(([name, value]) => ({ packageName, name, value })),
);
// proto-loader makes an object of the map in this message; another test covers it.
const withMap = grpcHealth.HealthListResponse;
const types = generated
  .map(({ value }) => value)
  .filter((value): value is AnyMessageType => "typeName" in value)
  .filter(({ typeName }) => !typeName.startsWith(withMap.typeName));

test("exactly the messages of the .proto files have a codec", () => {
  const names = Object.entries(loaded)
    .filter(([, definition]) => "serialize" in definition)
    .map(([name]) => name)
    .filter((name) => name !== withMap.typeName);
  expect(types.map((type) => type.typeName).sort()).toEqual(names.sort());
});

describe.each(types.map((type) => [type.typeName, type] as const))("%s", (typeName, type) => {
  const loader = loaded[typeName] as Loaded;
  const random = seededRandom(typeName.length * 7919);
  const messages = [type.create(), ...Array.from({ length: 30 }, () => randomMessage(type, random))];

  test("proto-loader reads what the codec writes", () => {
    for (const message of messages) {
      const form = inLoaderForm(type, message as Record<string, unknown>);
      expect(loader.deserialize(encode(type, message))).toEqual(withDefaults(type, form));
    }
  });

  test("the codec reads what proto-loader writes", () => {
    for (const message of messages) {
      const form = inLoaderForm(type, message as Record<string, unknown>);
      expect(decode(type, loader.serialize(form))).toEqual(message);
    }
  });
});

test("a map is a list of keys and values on the wire", () => {
  const loader = loaded[withMap.typeName] as Loaded;
  const message = { statuses: ["", "b"].map((key, status) => ({ key, value: { status } })) };
  const form = { statuses: { "": { status: 0 }, b: { status: 1 } } };
  expect(loader.deserialize(encode(withMap, message))).toEqual(form);
  expect(decode(withMap, loader.serialize(form))).toEqual(message);
});

test("services have the same methods, paths and kinds of streams", () => {
  const ours = generated
    .filter(({ name }) => name.endsWith("Service"))
    .flatMap(({ value }) =>
      Object.values(value as ServiceDescription).map((method) => ({
        path: method.path,
        kind: method.kind,
        request: method.request.typeName.split(".").at(-1),
        response: method.response.typeName.split(".").at(-1),
      })),
    );
  const theirs = Object.values(loaded)
    .filter((definition): definition is ServiceDefinition => !("format" in definition))
    .flatMap((service) => Object.values(service))
    .map((method) => ({
      path: method.path,
      kind: method.requestStream ? "duplex" : method.responseStream ? "serverStream" : "unary",
      request: shortName(method.requestType),
      response: shortName(method.responseType),
    }));
  const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);
  expect(ours.sort(byPath)).toEqual(theirs.sort(byPath));
});

/** Method definitions name their messages without the package. */
function shortName(definition: { type: object }): string {
  return (definition.type as { name: string }).name;
}
