// The global flags, in etcd's order. Each has an environment variable: ETCDCTL_ and its name in capitals.
// Go: etcdctl/ctlv3/ctl.go
import type { FlagTable } from "../input/flags";

const etcdFlags = {
  endpoints: {
    kind: "strings",
    default: ["127.0.0.1:2379"],
    usage: "endpoints of the members: host:port, http://, https:// or unix://, separated by commas",
  },
  debug: {
    kind: "bool",
    default: false,
    usage: "print the settings and the events of the connections to stderr",
  },
  "write-out": {
    kind: "string",
    default: "simple",
    short: "w",
    usage: "output format: fields, json, jsonl, protobuf, simple, table or yaml",
    values: ["fields", "json", "jsonl", "protobuf", "simple", "table", "yaml"],
  },
  hex: { kind: "bool", default: false, usage: "print bytes and IDs as hexadecimal numbers" },
  "dial-timeout": { kind: "duration", default: 2000, usage: "timeout for connecting and authenticating" },
  "command-timeout": { kind: "duration", default: 5000, usage: "timeout for each request" },
  "keepalive-time": {
    kind: "duration",
    default: 2000,
    usage: "ping a connection after this time without traffic",
  },
  "keepalive-timeout": {
    kind: "duration",
    default: 6000,
    usage: "close a connection when a ping gets no response in this time",
  },
  "max-request-bytes": { kind: "int64", default: 0n, usage: "largest request to send (0 means 2 MiB)" },
  "max-recv-bytes": {
    kind: "int64",
    default: 0n,
    usage: "largest response to accept (0 means 2 GiB minus one byte)",
  },
  "insecure-transport": {
    kind: "bool",
    default: true,
    usage: "do not use TLS unless an endpoint or another flag asks for it",
  },
  "insecure-discovery": { kind: "bool", default: true, usage: "accept discovered endpoints without TLS" },
  "insecure-skip-tls-verify": {
    kind: "bool",
    default: false,
    usage: "do not verify the server's certificate (for tests only)",
  },
  cert: { kind: "string", default: "", usage: "file with the client's certificate", completes: "file" },
  key: {
    kind: "string",
    default: "",
    usage: "file with the private key of the client's certificate",
    completes: "file",
  },
  cacert: {
    kind: "string",
    default: "",
    usage: "file with the CA certificates that verify the server's certificate",
    completes: "file",
  },
  "auth-jwt-token": {
    kind: "string",
    default: "",
    usage: "token to authenticate with, instead of user and password",
  },
  user: {
    kind: "string",
    default: "",
    usage: "name[:password] to authenticate with; prompts for a missing password",
  },
  password: {
    kind: "string",
    default: "",
    usage: "password to authenticate with; --user is then only the name",
  },
  "discovery-srv": {
    kind: "string",
    default: "",
    short: "d",
    usage: "domain whose SRV records list the endpoints",
  },
  "discovery-srv-name": {
    kind: "string",
    default: "",
    usage: "suffix of the service name in the SRV records",
  },
} as const satisfies FlagTable;

const additionalFlags = {
  profile: {
    kind: "string",
    default: "",
    usage: "use the endpoints, certificates and user of this profile (etcdctl profile list shows them)",
    completes: "profile",
  },
  compat: {
    kind: "string",
    default: "3.7",
    usage: "print as etcdctl 3.7 or 3.5: other columns, tables and JSON",
    values: ["3.5", "3.7"],
  },
  columns: {
    kind: "strings",
    default: [],
    usage: "columns of a table to print, separated by commas (db-size for DB SIZE)",
  },
  wide: {
    kind: "bool",
    default: false,
    usage: "print a table also where the terminal is narrower than it",
  },
  "password-file": {
    kind: "string",
    default: "",
    usage: "file with the password to authenticate with; --user is then only the name",
  },
  offline: {
    kind: "string",
    default: "",
    noOptDefault: "true",
    completes: "file",
    usage:
      "work without a server: on your own data directory, or on the data directory or snapshot file PATH",
  },
} as const satisfies FlagTable;

export const globalFlags = { ...etcdFlags, ...additionalFlags } as const;

/** Spellings of version 2, which tutorials still show. A command's flag of the same name wins. */
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
  help: { kind: "bool", default: false, short: "h", usage: "show the help of the command" },
} as const satisfies FlagTable;
