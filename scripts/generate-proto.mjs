// Compiles proto/**/*.proto into static TypeScript codecs: src/proto/gen/<package>.ts, one file per proto package, and
// src/proto/gen/descriptors.ts, the files' descriptors for server reflection.
// protobufjs only parses the files. The generated code uses only src/proto/wire.ts and src/proto/message.ts.
import { mkdirSync, readFileSync, writeFileSync, existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor/index.js";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const protoDir = path.join(root, "proto");
const outDir = path.join(root, "src", "proto", "gen");
const entryFiles = [
  "etcdserverpb/rpc.proto",
  "v3lockpb/v3lock.proto",
  "v3electionpb/v3election.proto",
  "leasepb/lease.proto",
  "etcdserverpb/metadata.proto",
  "etcdserverpb/raft_internal.proto",
  "walpb/record.proto",
  "snappb/snap.proto",
  "grpc/health/v1/health.proto",
  "grpc/reflection/v1/reflection.proto",
  "grpc/reflection/v1alpha/reflection.proto",
];

const SCALARS = {
  int64: { ts: "bigint", zero: "0n", wire: 0 },
  uint64: { ts: "bigint", zero: "0n", wire: 0 },
  int32: { ts: "number", zero: "0", wire: 0 },
  uint32: { ts: "number", zero: "0", wire: 0 },
  bool: { ts: "boolean", zero: "false", wire: 0 },
  string: { ts: "string", zero: '""', wire: 2 },
  bytes: { ts: "Uint8Array", zero: "emptyBytes", wire: 2 },
};

const camel = (name) => name.replace(/_(\w)/g, (_, c) => c.toUpperCase());
const lowerFirst = (name) => name[0].toLowerCase() + name.slice(1);
const pascal = (name) => camel(name).replace(/^./, (c) => c.toUpperCase());
const isPackage = (it) =>
  it instanceof protobuf.Namespace && !(it instanceof protobuf.Type) && !(it instanceof protobuf.Service);
const packageOf = (it) => (isPackage(it) ? it.fullName.slice(1) : packageOf(it.parent));
/** `Compare.CompareResult` → `Compare_CompareResult`: TypeScript gets flat names. */
const localName = (type) => type.fullName.slice(packageOf(type).length + 2).replaceAll(".", "_");

function loadRoot() {
  const pbRoot = new protobuf.Root();
  pbRoot.resolvePath = (_origin, target) => path.join(protoDir, target);
  pbRoot.loadSync(entryFiles, { keepCase: true });
  pbRoot.resolveAll();
  return pbRoot;
}

/** The packages that have messages: `grpc` and `grpc.health` have none. */
function packagesIn(namespace) {
  return namespace.nestedArray
    .filter(isPackage)
    .flatMap((each) => (each.nestedArray.every(isPackage) ? packagesIn(each) : [each]));
}

/** On the wire, a map is a repeated message of key and value. */
function mapsAsMessages(type) {
  for (const field of type.fieldsArray.filter((each) => each.map)) {
    const entry = new protobuf.Type(`${pascal(field.name)}Entry`)
      .add(new protobuf.Field("key", 1, field.keyType))
      .add(new protobuf.Field("value", 2, field.type));
    type.remove(field);
    type.add(entry);
    type.add(new protobuf.Field(field.name, field.id, entry.name, "repeated"));
  }
  type.nestedArray.filter((each) => each instanceof protobuf.Type).forEach(mapsAsMessages);
}

function describeField(field) {
  const message = field.resolvedType instanceof protobuf.Type;
  const isEnum = field.resolvedType instanceof protobuf.Enum;
  const kind = message ? "message" : isEnum ? "enum" : field.type;
  if (!message && !isEnum && !SCALARS[kind]) throw new Error(`${field.fullName}: ${kind} has no codec`);
  return {
    no: field.id,
    name: field.name,
    prop: camel(field.name),
    kind,
    repeated: field.repeated,
    oneof: field.partOf?.name,
    type: field.resolvedType,
    wire: message ? 2 : isEnum ? 0 : SCALARS[kind].wire,
    packed: field.repeated && field.packed,
    // proto2 writes a scalar that is set, also when it is zero.
    hasPresence: !field.repeated && (message || (field.hasPresence && !field.partOf)),
  };
}

/** Returns the module of one package. `ref` gives a type's name and imports it from another package. */
function emitPackage(namespace) {
  const imports = new Map();
  const ref = (type) => {
    if (packageOf(type) !== packageOf(namespace)) {
      const names = imports.get(packageOf(type)) ?? new Set();
      imports.set(packageOf(type), names.add(localName(type)));
    }
    return localName(type);
  };
  const tsType = (f) => (f.kind === "message" || f.kind === "enum" ? ref(f.type) : SCALARS[f.kind].ts);

  const body = [];
  const emitEnum = (type) => {
    const name = localName(type);
    const members = Object.entries(type.values).map(([k, v]) => `  ${k}: ${v},`);
    body.push(
      `export const ${name} = {\n${members.join("\n")}\n} as const;`,
      `/** Open, as in proto3: a newer peer may send other numbers. */\nexport type ${name} = number;\n`,
    );
  };

  const emitMessage = (type) => {
    const name = localName(type);
    const fields = type.fieldsArray.map(describeField).sort((a, b) => a.no - b.no);
    const plain = fields.filter((f) => !f.oneof);
    const oneofs = type.oneofsArray.map((o) => ({
      prop: camel(o.name),
      name: o.name,
      fields: fields.filter((f) => f.oneof === o.name),
    }));

    const members = plain.map((f) => {
      const t = tsType(f);
      if (f.repeated) return `  ${f.prop}: ${t}[];`;
      return f.hasPresence ? `  ${f.prop}?: ${t} | undefined;` : `  ${f.prop}: ${t};`;
    });
    for (const o of oneofs) {
      const cases = o.fields.map((f) => `    | { case: "${f.prop}"; value: ${tsType(f)} }`);
      members.push(`  ${o.prop}?:\n${cases.join("\n")}\n    | undefined;`);
    }
    const zero = (f) =>
      f.repeated ? "[]" : f.hasPresence ? "undefined" : f.kind === "enum" ? "0" : SCALARS[f.kind].zero;

    const value = (f, access) => {
      const tag = (f.no << 3) | (f.kind !== "message" && f.wire);
      const full = f.kind === "message" ? (f.no << 3) | 2 : tag;
      if (f.kind === "message") return `w.message(${full}, ${ref(f.type)}, ${access});`;
      return `w.${f.kind === "enum" ? "int32" : f.kind}(${full}, ${access});`;
    };
    const nonZero = (f, access) => {
      if (f.hasPresence) return `${access} !== undefined`;
      if (f.kind === "bytes") return `${access}.length > 0`;
      if (f.kind === "bool") return access;
      return `${access} !== ${zero(f)}`;
    };
    const writes = [];
    for (const f of fields) {
      const access = `m.${f.prop}`;
      if (f.oneof) {
        const o = oneofs.find((x) => x.name === f.oneof);
        writes.push(`    if (m.${o.prop}?.case === "${f.prop}") ${value(f, `m.${o.prop}.value`)}`);
      } else if (f.packed && f.wire === 0) {
        writes.push(`    if (${access}.length > 0) w.packed(${(f.no << 3) | 2}, ${access});`);
      } else if (f.repeated) {
        writes.push(`    for (const item of ${access}) ${value(f, "item")}`);
      } else {
        writes.push(`    if (${nonZero(f, access)}) ${value(f, access)}`);
      }
    }

    const readValue = (f) => {
      if (f.kind === "message") return `r.message(${ref(f.type)})`;
      return `r.${f.kind === "enum" ? "int32" : f.kind}()`;
    };
    const reads = fields.flatMap((f) => {
      const tag = (f.no << 3) | f.wire;
      if (f.oneof) {
        const o = oneofs.find((x) => x.name === f.oneof);
        return [
          `        case ${tag}:`,
          `          ${o.prop} = { case: "${f.prop}", value: ${readValue(f)} };`,
          `          break;`,
        ];
      }
      if (f.repeated) {
        const lines = [
          `        case ${tag}:`,
          `          ${f.prop}.push(${readValue(f)});`,
          `          break;`,
        ];
        if (f.packed && f.wire === 0)
          lines.push(
            `        case ${(f.no << 3) | 2}:`,
            `          r.packed(${f.prop});`,
            `          break;`,
          );
        return lines;
      }
      return [`        case ${tag}:`, `          ${f.prop} = ${readValue(f)};`, `          break;`];
    });
    const locals = [
      ...plain.map((f) =>
        f.repeated
          ? `    const ${f.prop}: ${tsType(f)}[] = [];`
          : `    let ${f.prop}: ${tsType(f)}${f.hasPresence ? " | undefined" : ""} = ${zero(f)};`,
      ),
      ...oneofs.map((o) => `    let ${o.prop}: ${name}["${o.prop}"] = undefined;`),
    ];
    const props = [...plain.map((f) => f.prop), ...oneofs.map((o) => o.prop)];
    const info = fields.map((f) => {
      const parts = [`no: ${f.no}`, `name: "${f.name}"`, `prop: "${f.prop}"`, `kind: "${f.kind}"`];
      if (f.repeated) parts.push("repeated: true");
      if (f.oneof) parts.push(`oneof: "${camel(f.oneof)}"`, `oneofGoName: "${pascal(f.oneof)}"`);
      if (f.kind === "message") parts.push(`type: () => ${ref(f.type)}`);
      if (f.kind === "enum") parts.push(`names: () => ${ref(f.type)}`);
      return `    { ${parts.join(", ")} },`;
    });
    const unused = fields.length === 0;

    body.push(
      members.length > 0
        ? `export interface ${name} {\n${members.join("\n")}\n}`
        : `export type ${name} = Record<never, never>;`,
      ...(unused ? [] : [`let ${name}_fields: readonly FieldInfo[] | undefined;`]),
      `export const ${name}: MessageType<${name}> = {`,
      `  typeName: "${type.fullName.slice(1)}",`,
      // Most commands never read them, and making those of all messages takes a twentieth of a cold start.
      unused
        ? "  fields: [],"
        : `  get fields() { return (${name}_fields ??= [\n${info.join("\n")}\n  ]); },`,
      `  create: (init) => ({ ${plain.map((f) => `${f.prop}: ${zero(f)}`).join(", ")}${plain.length > 0 ? ", " : ""}...init }),`,
      `  write(${unused ? "_w, _m" : "w, m"}) {${writes.length > 0 ? `\n${writes.join("\n")}\n  ` : ""}},`,
      `  read(r, end) {`,
      ...locals,
      `    while (r.pos < end) {`,
      `      const tag = r.tag();`,
      `      switch (tag) {`,
      ...reads,
      `        default:`,
      `          r.skip(tag);`,
      `      }`,
      `    }`,
      `    return { ${props.join(", ")} };`,
      `  },`,
      `};\n`,
    );
    for (const nested of type.nestedArray) emitType(nested);
  };

  const emitService = (service) => {
    const methods = service.methodsArray.map((m) => {
      const kind = m.requestStream ? "duplex" : m.responseStream ? "serverStream" : "unary";
      return [
        `  ${lowerFirst(m.name)}: {`,
        `    path: "/${service.fullName.slice(1)}/${m.name}",`,
        `    kind: "${kind}",`,
        `    request: ${ref(m.resolvedRequestType)},`,
        `    response: ${ref(m.resolvedResponseType)},`,
        `  },`,
      ].join("\n");
    });
    body.push(
      `export const ${service.name}Service = {\n${methods.join("\n")}\n} as const satisfies ServiceDescription;\n`,
    );
  };

  const emitType = (type) => {
    if (type instanceof protobuf.Type) emitMessage(type);
    else if (type instanceof protobuf.Enum) emitEnum(type);
  };
  namespace.nestedArray.forEach(emitType);
  const services = namespace.nestedArray.filter((t) => t instanceof protobuf.Service);
  services.forEach(emitService);

  const text = body.join("\n");
  const helpers = [
    "MessageType",
    ...(text.includes("FieldInfo[]") ? ["FieldInfo"] : []),
    ...(services.length > 0 ? ["ServiceDescription"] : []),
  ];
  return [
    `// Generated from proto/${packageOf(namespace).replaceAll(".", "/")} by scripts/generate-proto.mjs; not edited by hand.`,
    `import type { ${helpers.join(", ")} } from "../message";`,
    ...(text.includes("emptyBytes") ? [`import { emptyBytes } from "../wire";`] : []),
    ...[...imports].map(([pkg, names]) => `import { ${[...names].sort().join(", ")} } from "./${pkg}";`),
    "",
    text,
  ].join("\n");
}

/** Every file that the services of the client port need, for server reflection. */
function emitDescriptors(packages) {
  const files = new Map();
  const typesIn = (types) =>
    types.flatMap((each) => (each instanceof protobuf.Type ? [each, ...typesIn(each.nestedArray)] : [each]));
  const add = (fileName) => {
    if (files.has(fileName)) return;
    const own = packages.flatMap((each) => each.nestedArray).filter((each) => each.filename === fileName);
    const all = typesIn(own);
    const fields = all.filter((each) => each instanceof protobuf.Type).flatMap((each) => each.fieldsArray);
    const methods = own
      .filter((each) => each instanceof protobuf.Service)
      .flatMap((each) => each.methodsArray);
    const needed = [
      ...fields.map((each) => each.resolvedType),
      ...methods.flatMap((each) => [each.resolvedRequestType, each.resolvedResponseType]),
    ].filter((each) => each !== null);
    const dependencies = [...new Set(needed.map(fileOf))].filter((each) => each !== fileName).sort();
    files.set(fileName, { own, all, methods, dependencies });
    dependencies.forEach(add);
  };
  packages
    .flatMap((each) => each.nestedArray)
    .filter((each) => each instanceof protobuf.Service)
    .forEach((each) => add(each.filename));

  const entries = [...files].map(([fileName, { own, all, methods, dependencies }]) => {
    const name = path.relative(protoDir, fileName);
    const imports = dependencies.map((each) => path.relative(protoDir, each));
    const symbols = [...all, ...methods].map((each) => each.fullName.slice(1));
    const bytes = Buffer.from(descriptorOf(name, imports, own)).toString("base64");
    return [
      "  {",
      `    name: ${JSON.stringify(name)},`,
      `    imports: ${JSON.stringify(imports)},`,
      `    symbols: ${JSON.stringify(symbols)},`,
      `    descriptor: "${bytes}",`,
      "  },",
    ].join("\n");
  });
  return [
    "// Generated from proto/ by scripts/generate-proto.mjs; not edited by hand.",
    `import type { ProtoFile } from "../message";\n`,
    `export const protoFiles: readonly ProtoFile[] = [\n${entries.join("\n")}\n];\n`,
  ].join("\n");
}

function fileOf(type) {
  return type.filename ?? fileOf(type.parent);
}

function descriptorOf(name, dependency, own) {
  const ofType = (type) => own.filter((each) => each instanceof type);
  const file = {
    name,
    package: packageOf(own[0]),
    dependency,
    messageType: ofType(protobuf.Type).map(messageDescriptor),
    enumType: ofType(protobuf.Enum).map((each) => each.toDescriptor()),
    service: ofType(protobuf.Service).map((service) => {
      const made = service.toDescriptor();
      for (const [at, method] of service.methodsArray.entries()) {
        made.method[at].inputType = method.resolvedRequestType.fullName;
        made.method[at].outputType = method.resolvedResponseType.fullName;
      }
      return made;
    }),
    syntax: "proto3",
  };
  return descriptor.FileDescriptorProto.encode(descriptor.FileDescriptorProto.create(file)).finish();
}

/** With full names of types, which protobufjs shortens. */
function messageDescriptor(type) {
  const made = type.toDescriptor("proto3");
  for (const [at, field] of type.fieldsArray.entries()) {
    if (field.resolvedType) made.field[at].typeName = field.resolvedType.fullName;
  }
  made.nestedType = type.nestedArray.filter((each) => each instanceof protobuf.Type).map(messageDescriptor);
  if (/Entry$/.test(type.name) && type.parent instanceof protobuf.Type) made.options = { mapEntry: true };
  return made;
}

function write(name, text) {
  const file = path.join(outDir, name);
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
}

mkdirSync(outDir, { recursive: true });
const pbRoot = loadRoot();
const packages = packagesIn(pbRoot);
packages
  .flatMap((each) => each.nestedArray)
  .filter((each) => each instanceof protobuf.Type)
  .forEach(mapsAsMessages);
pbRoot.resolveAll();
for (const each of packages) write(`${packageOf(each)}.ts`, emitPackage(each));
write("descriptors.ts", emitDescriptors(packages));
