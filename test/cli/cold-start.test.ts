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
  expect(modulesOfNode(files.filter(isOurs))).toEqual([
    "node:buffer",
    "node:fs",
    "node:perf_hooks",
    "node:process",
    "node:timers",
    "node:util",
  ]);
  expect(modulesOfNode(files.filter((file) => !isOurs(file)))).toEqual([
    "node:events",
    "node:fs",
    "node:path",
    "node:process",
  ]);
});

test("`version` loads the command line and itself", () => {
  const loaded = [...loadedWith(start, "src/commands/version.ts")];
  const beyondTheCommandLine = loaded.filter((name) => !/^(cli|go)\//.test(name)).sort();
  expect(beyondTheCommandLine).toEqual([
    "clock.ts",
    "commander",
    "commands/command.ts",
    "commands/version.ts",
    "errors.ts",
    "etcd/versions.ts",
    "io.ts",
    "scripts/commander/child_process.cjs",
  ]);
});

test("`put` loads its request, the client, our gRPC and one output format, and nothing else that is slow to load", () => {
  const loaded = loadedWith(
    start,
    "src/commands/put.ts",
    "src/client/client.ts",
    "src/output/load-printer.ts",
    "src/output/simple.ts",
    "src/transport/open.ts",
    "src/transport/grpc/grpc-transport.ts",
    "src/transport/own/channel.ts",
  );
  expect(loaded).toContain("http2/connection.ts");
  for (const heavy of ["chalk", "ora", "cli-table3", "@grpc/grpc-js", "@grpc/proto-loader", "protobufjs"]) {
    expect(loaded).not.toContain(heavy);
  }
  const foreign = [...loaded]
    .filter((name) => /^(server|storage|offline|commands|output|client)\//.test(name))
    .sort();
  expect(
    foreign.filter((name) => /^server|^storage|^offline|json|fields|table|snapshot|txn/.test(name)),
  ).toEqual([]);
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
