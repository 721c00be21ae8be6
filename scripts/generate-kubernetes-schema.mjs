// Writes src/kubernetes/schema-table.ts: facts about the messages of Kubernetes' API, from the .proto files and the Go types of
// its modules. Needs Go (to fetch the modules and to parse their types); run it when a release of Kubernetes has new types.
//   node scripts/generate-kubernetes-schema.mjs
// A field that a newer release no longer has stays in the table, because old objects may be stored with it.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const typesProgram = path.join(root, "scripts", "kubernetes", "types.go");
const outFile = path.join(root, "src", "kubernetes", "schema-table.ts");

const api = "k8s.io/api";
const machinery = "k8s.io/apimachinery";
const extensions = "k8s.io/apiextensions-apiserver";
const aggregator = "k8s.io/kube-aggregator";

/** Oldest first. Modules before 0.17 are no longer published; 0.18 and 0.19 have nothing that 0.17 and 0.20 lack. */
const releases = [
  [`${api}@v0.17.5`, `${machinery}@v0.17.5`],
  [`${api}@v0.20.6`, `${machinery}@v0.20.6`],
  [`${api}@v0.21.1`, `${machinery}@v0.21.1`],
  [`${api}@v0.22.5`, `${machinery}@v0.22.5`],
  [`${api}@v0.23.16`, `${machinery}@v0.23.16`],
  [`${api}@v0.24.3`, `${machinery}@v0.24.3`, `${extensions}@v0.24.2`],
  [`${api}@v0.25.9`, `${machinery}@v0.25.5`, `${extensions}@v0.25.4`],
  [`${api}@v0.26.9`, `${machinery}@v0.26.9`, `${extensions}@v0.26.9`],
  [`${api}@v0.27.4`, `${machinery}@v0.27.4`, `${extensions}@v0.27.6`],
  [`${api}@v0.28.3`, `${machinery}@v0.28.8`, `${extensions}@v0.28.3`],
  ...[
    ["29.15", "29.15", "29.6", "29.14"],
    ["30.14", "30.14", "30.14", "30.14"],
    ["31.14", "31.14", "31.14", "31.14"],
    ["32.13", "32.13", "32.13", "32.13"],
    ["33.13", "33.13", "33.13", "33.13"],
    ["34.13", "34.13", "34.13", "34.13"],
    ["35.10", "35.10", "35.10", "35.10"],
    ["36.6", "36.6", "36.6", "36.6"],
    ["37.2", "37.2", "37.2", "37.2"],
  ].map((versions) =>
    [api, machinery, extensions, aggregator].map((module, i) => `${module}@v0.${versions[i]}`),
  ),
];

const basicTypes = new Set(["string", "bool", "int32", "int64", "uint32", "uint64", "double", "bytes"]);

/** Go's import path of a package, as short as the table has it: `core/v1`, `meta/v1`, `intstr`. */
function shortPackage(importPath) {
  return importPath.replace(/^k8s\.io\/(?:api\/|(?:[\w-]+)\/pkg\/(?:apis?\/|util\/)?)/, "");
}

/** Packages of tests and of Kubernetes' own plumbing. */
const skippedPackages = /testapigroup|^runtime\/schema$|\/testing/;

const packages = new Map();
const work = mkdtempSync(path.join(os.tmpdir(), "kubernetes-schema-"));
try {
  for (const modules of releases) addRelease(fetchModules(modules));
} finally {
  rmSync(work, { recursive: true });
}
writeFileSync(outFile, tableSource());

function fetchModules(modules) {
  writeFileSync(path.join(work, "go.mod"), "module schema\n");
  const out = execFileSync("go", ["mod", "download", "-json", ...modules], { cwd: work, encoding: "utf8" });
  return JSON.parse(`[${out.trim().replace(/\n}\n{/g, "\n},\n{")}]`);
}

function addRelease(modules) {
  const args = modules.map(({ Path, Dir }) => `${Path}=${Dir}`);
  const goTypes = JSON.parse(
    execFileSync("go", ["run", typesProgram, ...args], { cwd: work, maxBuffer: 1 << 28 }),
  );
  const seen = new Map();
  for (const importPath of Object.keys(goTypes)) {
    const name = shortPackage(importPath);
    if (skippedPackages.test(name)) continue;
    const { Path, Dir } = modules.find((it) => importPath.startsWith(`${it.Path}/`));
    const file = path.join(Dir, importPath.slice(Path.length), "generated.proto");
    seen.set(name, readPackage(file, importPath, goTypes));
  }
  for (const [name, fresh] of seen) {
    const known = packages.get(name);
    packages.set(name, { ...fresh, messages: union(known?.messages ?? new Map(), fresh.messages) });
  }
}

/** Messages of both; of a message in both, the newer fields and those that only the older one has. */
function union(older, newer) {
  const result = new Map(older);
  for (const [name, message] of newer) {
    const before = older.get(name)?.fields ?? [];
    const fields = message.fields.map((field) => {
      const known = before.find(({ number }) => number === field.number);
      return { ...field, isAdded: known === undefined ? before.length > 0 : known.isAdded };
    });
    const numbers = new Set(fields.map(({ number }) => number));
    const gone = before
      .filter(({ number }) => !numbers.has(number))
      .map((field) => ({ ...field, isRemoved: true }));
    result.set(name, { ...message, fields: [...fields, ...gone] });
  }
  return result;
}

function readPackage(file, importPath, goTypes) {
  const { group, version } = goTypes[importPath];
  const parsed = protobuf.parse(readFileSync(file, "utf8"), { keepCase: true });
  const namespace = parsed.root.lookup(parsed.package);
  const messages = new Map();
  for (const message of namespace.nestedArray) {
    const go = goType(`${importPath}.${message.name}`, goTypes);
    messages.set(message.name, {
      isKind: (go.fields ?? []).some((field) => field.embedded && /\.TypeMeta$/.test(field.type)),
      isList: go.of?.startsWith("[]") === true,
      fields: message.fieldsArray.map((field) => readField(field, go, `${importPath}.${message.name}`)),
    });
  }
  return { group, version, messages };
}

/** The struct or list of which the type may be another name. */
function goType(fullName, goTypes) {
  const dot = fullName.lastIndexOf(".");
  const type = goTypes[fullName.slice(0, dot)]?.types[fullName.slice(dot + 1)];
  if (type === undefined) throw new Error(`${fullName} has no Go type`);
  return type.of?.includes("/") && !/^[[*]/.test(type.of) ? goType(type.of, goTypes) : type;
}

function readField(field, go, place) {
  const goField = (go.fields ?? []).find((it) => Number(it.protobuf?.split(",")[1]) === field.id);
  if (go.fields?.some((it) => it.protobuf?.includes(",")) && goField === undefined) {
    throw new Error(`${place}: field ${field.id} is not in the Go type`);
  }
  const [jsonName, ...options] = (goField?.json ?? "").split(",");
  const isInline = goField?.embedded === true && jsonName === "";
  return {
    number: field.id,
    name: isInline ? "" : jsonName === "" || jsonName === "-" ? field.name : jsonName,
    type: shortType(field.type, place),
    shape: field.map ? "{}" : field.repeated ? "[]" : goField?.type.startsWith("*") ? "*" : "",
    isShown:
      goField !== undefined && !isInline && !options.some((it) => it === "omitempty" || it === "omitzero"),
    isZeroHidden: options.includes("omitzero"),
  };
}

/** `k8s.io.api.core.v1.Pod` becomes `core/v1.Pod`. */
function shortType(type, place) {
  if (basicTypes.has(type) || !type.includes(".")) return type;
  const parts = type.replace(/^\./, "").split(".");
  const name = parts.pop();
  const match = /^k8s\/io\/(?:api\/|[\w-]+\/pkg\/(?:apis?\/|util\/)?)(.*)$/.exec(parts.join("/"));
  if (match === null) throw new Error(`${place}: type ${type}`);
  return `${match[1]}.${name}`;
}

function tableSource() {
  const lines = [...packages]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, { group, version, messages }]) => [
      `# ${name} ${group} ${/^v\d/.test(version) ? version : ""}`.trimEnd(),
      ...[...messages].sort(([a], [b]) => (a < b ? -1 : 1)).map(messageLine),
    ]);
  const sources = releases.map((modules) => modules.map((it) => it.replace("k8s.io/", "")).join(" "));
  return [
    "// Written by scripts/generate-kubernetes-schema.mjs: facts about the messages of Kubernetes' API. schema.ts reads it.",
    "// Sources, Go modules of k8s.io:",
    ...sources.map((line) => `//   ${line}`),
    "export const schemaTable = `",
    ...lines,
    "`;",
    "",
  ].join("\n");
}

function messageLine([name, { isKind, isList, fields }]) {
  const sorted = [...fields].sort((a, b) => a.number - b.number);
  return [`${name}${isKind ? "+" : isList ? "[]" : ""}`, ...sorted.map(fieldText)].join(" ");
}

function fieldText({ number, name, type, shape, isShown, isZeroHidden, isAdded, isRemoved }) {
  const isMessage = !basicTypes.has(type) && shape === "";
  const added = isAdded && isMessage && !isRemoved ? "^" : "";
  return `${name}:${number}${shape}${type}${isShown ? "!" : ""}${isZeroHidden ? "0" : ""}${added}${isRemoved ? "~" : ""}`;
}
