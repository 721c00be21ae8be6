// How fast a command starts depends on what it loads. The import graph of the bundle shows that: static imports run at
// the start, import() only when its code runs.
import { build, type Metafile, type Plugin } from "esbuild";
import path from "node:path";

const root = path.join(__dirname, "..", "..");
const plugins = ["grpc-js/plugin.cjs", "commander/plugin.cjs"].map(
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  (file) => (require(path.join(root, "scripts", file)) as { plugin: Plugin }).plugin,
);
let inputs: Metafile["inputs"];

beforeAll(async () => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["src/cli/main.ts"],
    bundle: true,
    platform: "node",
    format: "cjs",
    write: false,
    outdir: "unused",
    metafile: true,
    plugins,
    logLevel: "silent",
  });
  inputs = metafile.inputs;
});

/** All files that loading these files loads. */
function filesLoadedWith(...entries: string[]): string[] {
  const files = [...entries];
  for (const file of files) {
    for (const imported of inputs[file]?.imports ?? []) {
      const isLater = imported.kind === "dynamic-import" || imported.external === true;
      if (!isLater && !files.includes(imported.path)) files.push(imported.path);
    }
  }
  return files;
}

/** The same, with packages by name and our files by path without `src/`. */
function loadedWith(...entries: string[]): Set<string> {
  const named = (file: string) =>
    /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? file.replace(/^src\//, "");
  return new Set(filesLoadedWith(...entries).map(named));
}

const start = "src/cli/main.ts";

test("`version` loads of Node only what every start of Node loads anyway", () => {
  const modulesOfNode = (files: string[]) => {
    const imports = files.flatMap((file) => inputs[file]?.imports ?? []);
    return [...new Set(imports.filter(({ external }) => external).map((each) => each.path))].sort();
  };
  const isOurs = (file: string) => file.startsWith("src/");
  const files = filesLoadedWith(start);
  expect(modulesOfNode(files.filter(isOurs))).toEqual(["node:fs", "node:process", "node:timers"]);
  expect(files.filter((file) => !isOurs(file))).toEqual([]);
});

test("`version` loads the command line and itself", () => {
  const loaded = [...loadedWith(start, "src/commands/version.ts")];
  const beyondTheCommandLine = loaded.filter((name) => !/^(cli|go|input)\//.test(name)).sort();
  expect(beyondTheCommandLine).toEqual([
    "clock.ts",
    "commands/command.ts",
    "commands/version.ts",
    "errors.ts",
    "etcd/versions.ts",
    "hints.ts",
    "io.ts",
    "offline/offline-flag.ts",
  ]);
});

/** What every command that connects loads besides the command line. */
const connected = [
  "client/client.ts",
  "client/denied.ts",
  "output/load-printer.ts",
  "output/simple.ts",
  "transport/open.ts",
  "transport/grpc/grpc-transport.ts",
  "transport/own/channel.ts",
  "transport/own/socket.ts",
];

const loadedByAll = [
  "client/client.ts",
  "client/denied.ts",
  "commands/arguments.ts",
  "etcd/error-table.ts",
  "etcd/keys.ts",
  "etcd/methods.ts",
  "http2",
  "output/base-printer.ts",
  "output/byte-builder.ts",
  "output/key-tree.ts",
  "output/load-printer.ts",
  "output/rows.ts",
  "output/simple.ts",
  "output/text.ts",
  "proto/gen/authpb.ts",
  "proto/gen/etcdserverpb.ts",
  "proto/gen/membershippb.ts",
  "proto/gen/mvccpb.ts",
  "proto/gen/v3electionpb.ts",
  "proto/gen/v3lockpb.ts",
  "proto/message.ts",
  "proto/wire.ts",
  "transport/diagnosis/cause.ts",
  "transport/endpoint.ts",
  "transport/grpc/attempts.ts",
  "transport/grpc/channel.ts",
  "transport/grpc/grpc-transport.ts",
  "transport/grpc/pool.ts",
  "transport/grpc/status.ts",
  "transport/grpc/token.ts",
  "transport/lifetime.ts",
  "transport/open.ts",
  "transport/own/call.ts",
  "transport/own/channel.ts",
  "transport/own/messages.ts",
  "transport/own/socket.ts",
  "transport/own/status.ts",
  "transport/retry.ts",
  "transport/transport.ts",
  "transport/unmarshal.ts",
];

test.each([
  ["put", ["commands/put.ts"]],
  [
    "get",
    [
      "commands/get.ts",
      "commands/object-flags.ts",
      "client/range.ts",
      "client/packed-range.ts",
      "client/per-message-deadline.ts",
    ],
  ],
])("`%s` loads its request, the client, our gRPC and one output format", (name, more: string[]) => {
  const files = [`commands/${name}.ts`, ...connected].map((file) => `src/${file}`);
  const ofTheCommandLine = loadedWith(start, "src/commands/version.ts");
  const loaded = [...loadedWith(start, ...files)]
    .filter((file) => !ofTheCommandLine.has(file))
    .map((file) => file.replace(/^http2\/.*/, "http2"));
  expect([...new Set(loaded)].sort()).toEqual([...loadedByAll, ...more].sort());
});

test("`serve` in memory loads no client, no tools for tests and no data dir", () => {
  const loaded = [...loadedWith(start, "src/commands/serve.ts", "src/server/running-server.ts")];
  const needless =
    /^(client\/library|server\/testing|storage\/wal\/log|storage\/data-dir|transport\/grpc|output)\b/;
  expect(loaded.filter((file) => needless.test(file))).toEqual([]);
  expect(loaded).toContain("server/rpc/kv.ts");
});

test("the packages for colour, progress and tables are loaded by no file at its start", () => {
  const everyFile = Object.keys(inputs).filter((file) => file.startsWith("src/"));
  const eager = everyFile.filter((file) =>
    inputs[file]?.imports.some(
      ({ path: imported, kind }) => kind !== "dynamic-import" && /node_modules\/(chalk|ora)\//.test(imported),
    ),
  );
  expect(eager).toEqual([]);
});

test("the commands of version 2 are loaded only where ETCDCTL_API=2 asks for them", () => {
  const importers = Object.keys(inputs).filter((file) =>
    inputs[file]?.imports.some(
      ({ path: imported, kind }) => kind !== "dynamic-import" && imported.startsWith("src/v2/"),
    ),
  );
  expect(importers.filter((file) => !file.startsWith("src/v2/"))).toEqual([]);
  const perCommand = [...loadedWith("src/v2/program.ts")].filter((name) => name.startsWith("v2/commands/"));
  expect(perCommand).toEqual([]);
});
