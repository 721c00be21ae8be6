// The flags that every command takes, in etcd's order; each has its variable, ETCDCTL_ and the name in capitals.
// Data only: cli/settings.ts resolves them, the parser and the help read them. Answers to etcdctl's ctlv3/ctl.go.
import type { FlagTable } from "./flags";

const etcdFlags = {
  endpoints: {
    kind: "strings",
    default: ["127.0.0.1:2379"],
    usage: "where the members answer: host:port, http://, https:// or unix://, separated by commas",
  },
  debug: {
    kind: "bool",
    default: false,
    usage: "tell on stderr which settings apply and what the connections do",
  },
  "write-out": {
    kind: "string",
    default: "simple",
    short: "w",
    usage: "how to print the answer: fields, json, jsonl, protobuf, simple, table or yaml",
    values: ["fields", "json", "jsonl", "protobuf", "simple", "table", "yaml"],
  },
  hex: { kind: "bool", default: false, usage: "print bytes and IDs in hexadecimal" },
  "dial-timeout": { kind: "duration", default: 2000, usage: "how long connecting and logging in may take" },
  "command-timeout": { kind: "duration", default: 5000, usage: "how long a command may wait for its answer" },
  "keepalive-time": {
    kind: "duration",
    default: 2000,
    usage: "after how much silence a connection is tested",
  },
  "keepalive-timeout": { kind: "duration", default: 6000, usage: "how long that test may take" },
  "max-request-bytes": { kind: "int64", default: 0n, usage: "the largest request to send (0 means 2 MiB)" },
  "max-recv-bytes": {
    kind: "int64",
    default: 0n,
    usage: "the largest answer to take (0 means 2 GiB less one byte)",
  },
  "insecure-transport": {
    kind: "bool",
    default: true,
    usage: "no TLS where neither the endpoint nor a flag asks for it",
  },
  "insecure-discovery": { kind: "bool", default: true, usage: "use discovered endpoints without TLS too" },
  "insecure-skip-tls-verify": {
    kind: "bool",
    default: false,
    usage: "do not verify the server's certificate (only for tests)",
  },
  cert: { kind: "string", default: "", usage: "file with the client's certificate", completes: "file" },
  key: { kind: "string", default: "", usage: "file with the client certificate's key", completes: "file" },
  cacert: {
    kind: "string",
    default: "",
    usage: "file with the CA certificates that servers are verified against",
    completes: "file",
  },
  "auth-jwt-token": {
    kind: "string",
    default: "",
    usage: "token to log in with, in place of user and password",
  },
  user: {
    kind: "string",
    default: "",
    usage: "name[:password] to log in with; without a password it is asked for",
  },
  password: { kind: "string", default: "", usage: "password to log in with; --user is then only the name" },
  "discovery-srv": {
    kind: "string",
    default: "",
    short: "d",
    usage: "domain whose SRV records name the endpoints",
  },
  "discovery-srv-name": { kind: "string", default: "", usage: "suffix of the service name in these records" },
} as const satisfies FlagTable;

const ownFlags = {
  "password-file": {
    kind: "string",
    default: "",
    usage: "file with the password to log in with; --user is then only the name",
  },
  offline: {
    kind: "string",
    default: "",
    alone: "true",
    completes: "file",
    usage: "need no server: work on your own data dir, or on the data dir or snapshot file of --offline=PATH",
  },
} as const satisfies FlagTable;

export const globalFlags = { ...etcdFlags, ...ownFlags } as const;

/** How tutorials for version 2 of the API, and mixed ones, spell them. A command's own flag of such a name comes first. */
export const oldSpellings = {
  "cert-file": { ...globalFlags.cert, hidden: true, replacedBy: "cert" },
  "key-file": { ...globalFlags.key, hidden: true, replacedBy: "key" },
  "ca-file": { ...globalFlags.cacert, hidden: true, replacedBy: "cacert" },
  peers: { ...globalFlags.endpoints, hidden: true, replacedBy: "endpoints" },
  endpoint: { ...globalFlags.endpoints, hidden: true, replacedBy: "endpoints" },
  timeout: { ...globalFlags["command-timeout"], hidden: true, replacedBy: "command-timeout" },
  "no-sync": { kind: "bool", default: false, usage: "", hidden: true, replacedBy: "" },
} as const satisfies FlagTable;

export const helpFlag = {
  help: { kind: "bool", default: false, short: "h", usage: "show this help" },
} as const satisfies FlagTable;
