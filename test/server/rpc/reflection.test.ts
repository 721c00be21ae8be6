// Server reflection. protobufjs, which also reads the .proto files, rebuilds them from the descriptors.
import path from "node:path";
import protobuf from "protobufjs";
import * as v1 from "../../../src/proto/gen/grpc.reflection.v1";
import * as v1alpha from "../../../src/proto/gen/grpc.reflection.v1alpha";
import type { EmbeddedServer } from "../../../src/server/server";
import { startEmbeddedServer } from "../../../src/server/server";
import "protobufjs/ext/descriptor";
import descriptor from "protobufjs/ext/descriptor";

let server: EmbeddedServer;
beforeAll(async () => {
  server = await startEmbeddedServer({ listenClientUrls: [] });
});
afterAll(() => server.stop());

type Question = NonNullable<v1.ServerReflectionRequest["messageRequest"]>;
type Answer = v1.ServerReflectionResponse["messageResponse"];

async function ask(...questions: Question[]): Promise<Answer[]> {
  const requests = async function* () {
    for (const messageRequest of questions) yield v1.ServerReflectionRequest.create({ messageRequest });
  };
  const method = v1.ServerReflectionService.serverReflectionInfo;
  const answers: Answer[] = [];
  for await (const { messageResponse } of server.transport().duplex(method, requests(), {})) {
    answers.push(messageResponse);
  }
  return answers;
}

const symbol = (value: string): Question => ({ case: "fileContainingSymbol", value });
const listServices: Question = { case: "listServices", value: "" };

interface DescribedFile {
  readonly name: string;
  readonly dependency: readonly string[];
}

function filesIn(answer: Answer): DescribedFile[] {
  if (answer?.case !== "fileDescriptorResponse") throw new Error(`no file: ${JSON.stringify(answer)}`);
  return answer.value.fileDescriptorProto.map(
    (bytes) => descriptor.FileDescriptorProto.decode(bytes) as unknown as DescribedFile,
  );
}

test("It lists every service of the client port, in both versions.", async () => {
  const [answer] = await ask(listServices);
  const names = answer?.case === "listServicesResponse" ? answer.value.service.map(({ name }) => name) : [];
  expect(names).toEqual([
    "etcdserverpb.Auth",
    "etcdserverpb.Cluster",
    "etcdserverpb.KV",
    "etcdserverpb.Lease",
    "etcdserverpb.Maintenance",
    "etcdserverpb.Watch",
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
    "v3electionpb.Election",
    "v3lockpb.Lock",
  ]);
  const request = v1alpha.ServerReflectionRequest.create({ messageRequest: listServices });
  const method = v1alpha.ServerReflectionService.serverReflectionInfo;
  for await (const { messageResponse } of server.transport().duplex(method, once(request), {})) {
    expect(messageResponse).toEqual(answer);
  }
});

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}

test("The descriptors of all services are those of the .proto files.", async () => {
  const [listed] = await ask(listServices);
  const services = listed?.case === "listServicesResponse" ? listed.value.service : [];
  const byName = new Map<string, DescribedFile>();
  for (const answer of await ask(...services.map(({ name }) => symbol(name)))) {
    for (const file of filesIn(answer)) byName.set(file.name, file);
  }
  const set = { file: [...byName.values()] };
  const rebuilt = (protobuf.Root as unknown as { fromDescriptor(set: object): protobuf.Root }).fromDescriptor(
    set,
  );
  rebuilt.resolveAll();
  const loaded = new protobuf.Root();
  loaded.resolvePath = (_origin, target) => path.join("proto", target);
  loaded.loadSync([...byName.keys()], { keepCase: true });
  loaded.resolveAll();
  let messages = 0;
  for (const name of namesOf(loaded)) {
    const [ours, theirs] = [rebuilt.lookup(name), loaded.lookup(name)];
    if (theirs instanceof protobuf.Type) {
      expect([name, fieldsOf(ours as protobuf.Type)]).toEqual([name, fieldsOf(theirs)]);
      messages++;
    } else if (theirs instanceof protobuf.Enum) {
      expect((ours as protobuf.Enum).values).toEqual(theirs.values);
    } else if (theirs instanceof protobuf.Service) {
      expect([name, methodsOf(ours as protobuf.Service)]).toEqual([name, methodsOf(theirs)]);
    }
  }
  expect(messages).toBeGreaterThan(100);
});

function namesOf(namespace: protobuf.NamespaceBase): string[] {
  return namespace.nestedArray.flatMap((each) => [
    each.fullName,
    ...(each instanceof protobuf.Namespace ? namesOf(each) : []),
  ]);
}

function fieldsOf(type: protobuf.Type): string[] {
  return type.fieldsArray.map((field) => {
    // protobufjs reads the descriptor of a map as what is on the wire.
    const isMap = field instanceof protobuf.MapField;
    const kind = isMap ? `${type.fullName}.StatusesEntry` : (field.resolvedType?.fullName ?? field.type);
    const isRepeated = isMap || field.repeated;
    return `${isRepeated ? "repeated " : ""}${kind} ${field.name} = ${field.id} ${field.partOf?.name ?? ""}`;
  });
}

function methodsOf(service: protobuf.Service): string[] {
  return service.methodsArray.map(
    ({ name, resolvedRequestType, resolvedResponseType, requestStream, responseStream }) =>
      `${name} ${resolvedRequestType?.fullName} ${resolvedResponseType?.fullName} ${requestStream === true} ${responseStream === true}`,
  );
}

test("A file comes with the files that it imports, but none twice in a stream.", async () => {
  const [kv, watch, again] = await ask(symbol("etcdserverpb.KV.Range"), symbol("etcdserverpb.WatchRequest"), {
    case: "fileByFilename",
    value: "mvccpb/kv.proto",
  });
  const names = (answer: Answer) => filesIn(answer).map(({ name }) => name);
  expect(names(kv)).toEqual(["etcdserverpb/kv.proto", "etcdserverpb/header.proto", "mvccpb/kv.proto"]);
  expect(names(watch)).toEqual(["etcdserverpb/watch.proto"]);
  expect(names(again)).toEqual(["mvccpb/kv.proto"]);
});

test("A field has the file of its message. An unknown name is NotFound, and the stream continues.", async () => {
  const [field, unknown, extension] = await ask(
    symbol("mvccpb.KeyValue.lease"),
    symbol("etcdserverpb.Nothing"),
    { case: "allExtensionNumbersOfType", value: "mvccpb.KeyValue" },
  );
  expect(filesIn(field).map(({ name }) => name)).toEqual(["mvccpb/kv.proto"]);
  for (const answer of [unknown, extension]) {
    expect(answer).toMatchObject({ case: "errorResponse", value: { errorCode: 5 } });
  }
});
