// Flags that every command of etcdutl takes. Answers to etcdutl's ctl.go.
import type { FlagTable } from "../commands/flags";

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
