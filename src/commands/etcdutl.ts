// `etcdutl defrag --data-dir DIR`. Answers to etcdutl's defrag_command.go.
import type { FlagTable } from "../cli/flags";
import { CliError } from "../errors";
import { etcdVersion } from "../etcd/versions";
import { checkExists, filePath, openDatabase, waitUntilUnlocked } from "../offline/database-file";
import { hashKv } from "../offline/hashkv";
import { migrate, targetVersion } from "../offline/migrate";
import { defragment } from "../offline/rewrite-database";
import { defineCommand } from "./command";
import { answerPrinter } from "./file-report";

/** Spread into the flags of the commands that change a stopped member's files. */
export const stoppedDataDirFlag = {
  "data-dir": {
    kind: "string",
    completes: "directory",
    default: "",
    usage: "the data dir, which no etcd may use meanwhile",
    required: true,
  },
} as const satisfies FlagTable;

export const utlFlags = {
  "write-out": {
    kind: "string",
    default: "simple",
    short: "w",
    usage: "how to print the answer: fields, json, jsonl, simple, table or yaml",
    values: ["fields", "json", "jsonl", "protobuf", "simple", "table", "yaml"],
  },
  timeout: {
    kind: "duration",
    default: 10_000,
    usage: "how long to wait for a db file that another process has locked; 0 means for ever",
  },
} as const satisfies FlagTable;

export const etcdutlDefrag = defineCommand({
  flags: {
    ...stoppedDataDirFlag,
    ...utlFlags,
  },
  async run({ io }, _args, flags) {
    const dataDir = flags["data-dir"];
    await defragment(dataDir, flags.timeout, io).catch((error: unknown) => {
      if (!(error instanceof CliError)) throw error;
      const message = `Failed to defragment etcd data[${dataDir}] (${error.message})`;
      throw new CliError(error.exitCode, message, { cause: error, hints: error.hints });
    });
  },
});

// `etcdutl hashkv FILE`. Answers to etcdutl's hashkv_command.go.

export const etcdutlHashKV = defineCommand({
  exactArgs: 1,
  flags: {
    rev: { kind: "int64", default: 0n, usage: "the last revision to hash; the newest if not given" },
    ...utlFlags,
  },
  async run({ io }, [name = ""], flags) {
    const print = answerPrinter(flags["write-out"]);
    const file = filePath(name, io);
    checkExists(file);
    await waitUntilUnlocked(file, { timeoutMs: flags.timeout, io });
    openDatabase(file).close();
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

// `etcdutl migrate --data-dir DIR --target-version X.Y`. Answers to etcdutl's migrate_command.go.

export const etcdutlMigrate = defineCommand({
  flags: {
    ...stoppedDataDirFlag,
    "target-version": {
      kind: "string",
      default: "",
      usage: "the version that is to start on it next, as 3.6; 3.5 is the oldest",
      required: true,
    },
    force: {
      kind: "bool",
      default: false,
      usage: "set the version even if that cannot be done well; not recommended",
    },
    ...utlFlags,
  },
  async run({ io }, _args, flags) {
    const target = targetVersion(flags["target-version"]);
    const { "data-dir": dataDir, force, timeout: lockTimeoutMs } = flags;
    await migrate({ dataDir, target, force, lockTimeoutMs }, io);
  },
});

// Flags that every command of etcdutl takes. Answers to etcdutl's ctl.go.

// `etcdutl version`. Answers to etcdutl's version_command.go.

export const etcdutlVersion = defineCommand({
  flags: utlFlags,
  async run({ io }) {
    const api = etcdVersion.replace(/\.\d+$/, "");
    await io.stdout.write(`etcdutl version: ${etcdVersion}\nAPI version: ${api}\n`);
  },
});
