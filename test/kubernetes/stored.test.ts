import { decodeStored, encodeStored, ObjectError, type TreeObject } from "../../src/kubernetes/stored";
import { Writer } from "../../src/proto/wire";
import { seeded } from "../support/seeded";

const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: "web",
    namespace: "default",
    creationTimestamp: "2026-11-27T20:00:00Z",
    labels: { b: "2", a: "1" },
  },
  spec: { containers: [{ name: "web", image: "nginx", resources: { limits: { cpu: "0.5" } } }] },
};

test("an object of Kubernetes comes back as kubectl prints it", () => {
  const { encoding, apiVersion, kind, object, isKnownKind } = decodeStored(encodeStored(pod));
  expect({ encoding, apiVersion, kind, isKnownKind }).toEqual({
    ...{ encoding: "protobuf", apiVersion: "v1", kind: "Pod", isKnownKind: true },
  });
  expect(object).toEqual({
    ...pod,
    spec: { containers: [{ name: "web", image: "nginx", resources: { limits: { cpu: "500m" } } }] },
    status: {},
  });
});

test("integers that a float cannot hold are exact", () => {
  const object = {
    ...pod,
    metadata: { name: "web", generation: 9_007_199_254_740_993n },
    spec: { containers: [] },
  };
  expect(decodeStored(encodeStored(object)).object?.["metadata"]).toEqual(object.metadata);
});

test("custom resources are stored as JSON with sorted keys", () => {
  const object = { kind: "Backup", apiVersion: "example.com/v1", spec: { b: 1, a: "<x>" } };
  const value = encodeStored(object);
  expect(value.toString()).toBe(
    '{"apiVersion":"example.com/v1","kind":"Backup","spec":{"a":"\\u003cx\\u003e","b":1}}\n',
  );
  expect(decodeStored(value)).toMatchObject({ encoding: "json", kind: "Backup", object, isKnownKind: false });
});

test("values that are no objects have an encoding and no object", () => {
  const encodings = ["k8s:enc:aescbc:v1:key1:\u0001", "hello", '{"a":1}', "{", ""].map((text) => {
    const { encoding, object } = decodeStored(Buffer.from(text));
    return [encoding, object];
  });
  expect(encodings).toEqual([
    ["encrypted", undefined],
    ...Array.from({ length: 4 }, () => ["unknown", undefined]),
  ]);
});

function envelope(apiVersion: string, kind: string, raw: Uint8Array): Buffer {
  const type = new Writer();
  type.string(10, apiVersion);
  type.string(18, kind);
  const writer = new Writer();
  writer.bytes(10, type.finish());
  writer.bytes(18, raw);
  writer.string(26, "");
  writer.string(34, "");
  return Buffer.concat([Buffer.from("k8s\0"), writer.finish()]);
}

/** Some fields of every wire type. */
function strangeFields(): Uint8Array {
  const inner = new Writer();
  inner.string(10, "text");
  inner.int64(16, -1n);
  const writer = new Writer();
  writer.uint64(8000, 7n);
  writer.string(8010, "text");
  writer.bytes(8018, inner.finish());
  writer.bytes(8026, Uint8Array.of(0xff, 0xfe));
  writer.fixed(8033, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0x80));
  writer.fixed(8045, Uint8Array.of(1, 0, 0, 0x80));
  writer.string(8050, "a");
  writer.string(8050, "b");
  return Uint8Array.from(writer.finish());
}

const strangeTree = {
  "#1000": 7,
  "#1001": "text",
  "#1002": { "#1": "text", "#2": 0xffff_ffff_ffff_ffffn },
  "#1003": { "#bytes": "//4=" },
  "#1004": { "#fixed64": 0x8000_0000_0000_0001n },
  "#1005": { "#fixed32": 0x8000_0001 },
  "#1006": ["a", "b"],
};

test("fields that no release knows are shown with their numbers and are kept", () => {
  const known = encodeStored(pod);
  const raw = known.subarray(known.indexOf("\n\u0003web") - 2, known.length - 4);
  const value = envelope("v1", "Pod", Buffer.concat([raw, strangeFields()]));
  const { object } = decodeStored(value);
  expect(object).toMatchObject({ metadata: { name: "web" }, ...strangeTree });
  expect(encodeStored(object as TreeObject)).toEqual(value);
});

test("a kind that no release knows is shown field by field, with its metadata, and is kept", () => {
  const known = encodeStored(pod);
  const start = known.indexOf("\n\u0003web");
  const metadata = known.subarray(start, start + (known[start - 1] as number));
  const writer = new Writer();
  writer.bytes(10, metadata);
  writer.raw(strangeFields());
  const value = envelope("example.com/v1", "Odd", Buffer.from(writer.finish()));
  const { object, isKnownKind } = decodeStored(value);
  expect(isKnownKind).toBe(false);
  expect(object).toEqual({
    apiVersion: "example.com/v1",
    kind: "Odd",
    metadata: pod.metadata,
    ...strangeTree,
  });
  expect(encodeStored(object as TreeObject)).toEqual(value);
});

test("bytes in the place of an object are kept", () => {
  const value = envelope("v1", "Pod", Uint8Array.of(0x0a, 0xff, 1));
  const { object } = decodeStored(value);
  expect(object).toEqual({ apiVersion: "v1", kind: "Pod", "#bytes": "Cv8B" });
  expect(encodeStored(object as TreeObject)).toEqual(value);
});

test("a known field with another type is kept as a number, and its zero value is not added", () => {
  const spec = new Writer();
  spec.uint64(16, 7n);
  const raw = new Writer();
  raw.bytes(18, spec.finish());
  raw.string(10, "");
  const value = envelope("v1", "Pod", Buffer.from(raw.finish()));
  const { object } = decodeStored(value);
  expect(object).toMatchObject({ spec: { "#2": 7 } });
  expect(decodeStored(encodeStored(object as TreeObject)).object).toMatchObject({ spec: { "#2": 7 } });
});

test("text that is not UTF-8 and times beyond the calendar are kept", () => {
  const metadata = new Writer();
  metadata.bytes(10, Uint8Array.of(0xff));
  const time = new Writer();
  time.int64(8, 1n << 60n);
  metadata.bytes(66, time.finish());
  const raw = new Writer();
  raw.bytes(10, metadata.finish());
  const { object } = decodeStored(envelope("v1", "ConfigMap", Buffer.from(raw.finish())));
  expect(object?.["metadata"]).toEqual({
    name: { "#bytes": "/w==" },
    creationTimestamp: { "#1": 1n << 60n },
  });
  expect(decodeStored(encodeStored(object as TreeObject)).object).toEqual(object);
});

test("a kind that Kubernetes has removed is decoded", () => {
  const object = {
    apiVersion: "settings.k8s.io/v1alpha1",
    kind: "PodPreset",
    metadata: { name: "a" },
    spec: { selector: {} },
  };
  expect(decodeStored(encodeStored(object))).toMatchObject({
    encoding: "protobuf",
    isKnownKind: true,
    object,
  });
});

test("a key may have any name", () => {
  const data = JSON.parse('{"__proto__":"a","constructor":"b","10":"c","9":"d","":"e"}') as TreeObject;
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data };
  const decoded = decodeStored(encodeStored(object)).object?.["data"] as TreeObject;
  expect(Object.entries(decoded).sort()).toEqual(Object.entries(data).sort());
});

const misfits: readonly (readonly [object: unknown, message: string])[] = [
  [{}, "the object has no apiVersion and kind"],
  [{ ...pod, spec: { container: [] } }, "spec.container: PodSpec has no such field"],
  [{ ...pod, spec: { containers: "x" } }, "spec.containers: not a list"],
  [{ ...pod, spec: { containers: [{ name: 7 }] } }, "spec.containers[0].name: not text"],
  [{ ...pod, spec: { priority: 1.5 } }, "spec.priority: not an integer"],
  [{ ...pod, spec: { priority: 2 ** 31 } }, "spec.priority: not an integer of 32 bits"],
  [{ ...pod, spec: { hostNetwork: "yes" } }, "spec.hostNetwork: not true or false"],
  [
    { ...pod, metadata: { creationTimestamp: "today" } },
    "metadata.creationTimestamp: not a time such as 2006-01-02T15:04:05Z",
  ],
  [
    { ...pod, metadata: { creationTimestamp: "2026-02-30T00:00:00Z" } },
    "metadata.creationTimestamp: not a time such as 2006-01-02T15:04:05Z",
  ],
  [
    { ...pod, spec: { overhead: { cpu: "many" } } },
    'spec.overhead["cpu"]: not a quantity such as 500m or 1Gi',
  ],
  [{ apiVersion: "v1", kind: "Secret", data: { a: "?" } }, 'data["a"]: not text in base64'],
];

test.each(misfits.map(([object, message]) => [message, object] as const))("%s", (message, object) => {
  expect(() => encodeStored(object as TreeObject)).toThrow(new ObjectError(message));
});

test("no bytes make the decoder fail, and it keeps what it read", () => {
  const random = seeded(13);
  const seeds = [encodeStored(pod), envelope("v1", "Odd", strangeFields())];
  for (let i = 0; i < 1500; i++) {
    const value = Buffer.from(seeds[i % seeds.length] as Buffer);
    for (let changes = 1 + random(4); changes > 0; changes--)
      value[4 + random(value.length - 4)] = random(256);
    const { encoding, object, isKnownKind } = decodeStored(value);
    if (encoding === "protobuf" && !isKnownKind && object?.["kind"] && object["apiVersion"]) {
      expect(decodeStored(encodeStored(object as TreeObject, "protobuf")).object).toEqual(object);
    }
  }
});

test("a message in a message in a message … is shown as far as it goes", () => {
  let schema: Uint8Array = Uint8Array.of();
  for (let depth = 0; depth < 2000; depth++) {
    const writer = new Writer(schema.length + 8);
    writer.bytes((28 << 3) + 2, schema);
    schema = Uint8Array.from(writer.finish());
  }
  const version = new Writer();
  version.bytes((4 << 3) + 2, schema);
  expect(
    decodeStored(envelope("apiextensions.k8s.io/v1", "Odd", Buffer.from(version.finish()))).encoding,
  ).toBe("protobuf");
});
