// The commands that only etcdutl has; snapshot restore and status are in snapshot/. The code that reads the files is loaded
// when a command runs, since the manifest needs the flags at every start.
// Go: etcdutl/ctl.go, etcdutl/etcdutl/defrag_command.go, hashkv_command.go, migrate_command.go and version_command.go.
import type { FlagTable } from "../input/flags";
import { CliError } from "../errors";
import { etcdVersion } from "../etcd/versions";
import { defineCommand } from "./command";

/** Flags that every command of etcdutl takes. */
export const etcdutlFlags = {
  "write-out": {
    kind: "string",
    default: "simple",
    short: "w",
    usage: "output format: fields, json, jsonl, simple, table or yaml",
    values: ["fields", "json", "jsonl", "protobuf", "simple", "table", "yaml"],
  },
  timeout: {
    kind: "duration",
    default: 10_000,
    usage: "how long to wait for a db file that another process has locked; 0: no limit",
  },
} as const satisfies FlagTable;

const stoppedDataDirFlag = {
  "data-dir": {
    kind: "string",
    completes: "directory",
    default: "",
    usage: "the data dir; no etcd may run on it",
    required: true,
  },
} as const satisfies FlagTable;

export const etcdutlDefrag = defineCommand({
  flags: { ...stoppedDataDirFlag, ...etcdutlFlags },
  async run({ io }, _args, flags) {
    const { defragment } = await import("../offline/rewrite-database");
    const dataDir = flags["data-dir"];
    await defragment(dataDir, flags.timeout, io).catch((error: unknown) => {
      if (!(error instanceof CliError)) throw error;
      const message = `Failed to defragment etcd data[${dataDir}] (${error.message})`;
      throw new CliError(error.exitCode, message, { cause: error, hints: error.hints });
    });
  },
});

export const etcdutlHashKV = defineCommand({
  exactArgs: 1,
  flags: {
    rev: { kind: "int64", default: 0n, usage: "hash the history up to this revision; 0: the latest" },
    ...etcdutlFlags,
  },
  async run({ io }, [name = ""], flags) {
    const { reportPrinter } = await import("./report-printer");
    const print = reportPrinter(flags["write-out"]);
    const { checkExists, filePath, openDatabase, waitUntilUnlocked } =
      await import("../offline/database-file");
    const file = filePath(name, io);
    checkExists(file);
    await waitUntilUnlocked(file, { timeoutMs: flags.timeout, io });
    openDatabase(file).close();
    const { hashKv } = await import("../offline/hashkv");
    const { hash, revision, compactRevision } = hashKv(file.path, Number(flags.rev));
    await io.stdout.write(
      print({
        fields: [
          { title: "hash", fieldName: "Hash", jsonName: "hash", value: hash },
          { title: "hash revision", fieldName: "Hash revision", jsonName: "hashRevision", value: revision },
          {
            title: "compact revision",
            fieldName: "Compact revision",
            jsonName: "compactRevision",
            value: compactRevision,
          },
        ],
      }),
    );
  },
});

export const etcdutlMigrate = defineCommand({
  flags: {
    ...stoppedDataDirFlag,
    "target-version": {
      kind: "string",
      default: "",
      usage: "etcd version to migrate the files to, such as 3.6; the oldest is 3.5",
      required: true,
    },
    force: {
      kind: "bool",
      default: false,
      usage: "set the version even if the migration is not safe; not recommended",
    },
    ...etcdutlFlags,
  },
  async run({ io }, _args, flags) {
    const { migrate, targetVersion } = await import("../offline/migrate");
    const target = targetVersion(flags["target-version"]);
    const { "data-dir": dataDir, force, timeout: lockTimeoutMs } = flags;
    await migrate({ dataDir, target, force, lockTimeoutMs }, io);
  },
});

export const etcdutlVersion = defineCommand({
  flags: etcdutlFlags,
  async run({ io }) {
    const api = etcdVersion.replace(/\.\d+$/, "");
    await io.stdout.write(`etcdutl version: ${etcdVersion}\nAPI version: ${api}\n`);
  },
});
