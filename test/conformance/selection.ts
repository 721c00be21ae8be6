// Which recorded cases apply to what: the commands there are, and the servers that can answer them.
import { readFileSync } from "node:fs";
import path from "node:path";
import { selector, type Case } from "./case";

/** Areas of the commands this version has, as our client replays them. */
const areas = [
  "put/*",
  "get/*",
  "del/*",
  "txn/*",
  "compaction/*",
  "lease/*",
  "endpoint/*",
  "member/list*",
].concat(["snapshot/save*", "tls/*", "cli/*"]);

/** They need commands that are not there yet (check, completion, watch, user, …). */
const laterCommands = [
  ...["cli/check*", "cli/completion", "cli/abbreviated", "cli/unknown-command", "cli/unreachable"],
  ...["tls/mutual", "tls/mutual-cn"],
];

/** What an older client, as its packages give it, does to the embedded server. */
const olderClient = [
  "put-*",
  "get-*",
  "del-*",
  "txn-*",
  "lease-*",
  "timetolive-*",
  "status-*",
  "health-*",
  "hashkv-*",
]
  .concat(["member-list-*", "snapshot-*"])
  .map((name) => `v35/${name}`);

export interface Selection {
  /** Of the client: `3.7`. */
  readonly clientVersion: string;
  readonly embedded: boolean;
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

export function select(cases: readonly Case[], { clientVersion, embedded, only, skip }: Selection): Case[] {
  const ours = clientVersion === "3.7";
  const chosen = selector(only.length > 0 ? only : ours ? areas : olderClient);
  const left = selector([...skip, ...(ours ? laterCommands : []), ...(embedded ? [] : needs37Server())]);
  return cases.filter(
    (recorded) =>
      recorded.recorded.client.startsWith(`${clientVersion}.`) &&
      chosen(recorded) &&
      !left(recorded) &&
      !recorded.topology.auth &&
      (!embedded || (recorded.topology.members ?? 1) === 1),
  );
}

/** Even real etcdctl 3.7 does not pass these against a 3.5 server, the newest that is packaged. */
function needs37Server(): string[] {
  const text = readFileSync(path.resolve("test/conformance/needs-3.7-server.txt"), "utf8");
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}
