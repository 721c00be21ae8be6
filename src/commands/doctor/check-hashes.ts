// The check of doctor that all members store the same data: hashes of the history up to one revision that all of them have.
import type { HashKVResponse } from "../../proto/gen/etcdserverpb";
import type { Examination } from "./examine";
import { bad, isUnknown, ok, unknown, type Finding } from "./finding";

export function hashes({ members }: Examination): Finding[] {
  const findings: Finding[] = [];
  const known: { readonly name: string; readonly hash: HashKVResponse }[] = [];
  for (const { name, hash } of members) {
    if (isUnknown(hash)) findings.push({ ...unknown(hash.unknown), member: name });
    else if (hash) known.push({ name, hash });
  }
  const [first] = known;
  if (first === undefined) return findings.length > 0 ? findings : [ok("no second member to compare with")];
  const isComparable = known.every(({ hash }) => hash.compactRevision === first.hash.compactRevision);
  if (!isComparable)
    return [...findings, unknown("the members are compacting their history", "run doctor again")];
  const groups = groupByHash(known);
  if (groups.length > 1) {
    const [largest = [], second = []] = groups;
    const odd = groups.slice(1).flat();
    const text = `the members store different data: ${groups.map((names) => names.join(" and ")).join(" differ from ")}`;
    const replace = odd.map(
      (name) => `then replace the odd one: etcdctl member replace ${name} --peer-urls=URL`,
    );
    return [
      ...findings,
      bad(
        text,
        "keep a snapshot of each member: etcdctl snapshot save FILE --endpoints=ENDPOINT",
        ...(largest.length > second.length ? replace : []),
      ),
    ];
  }
  if (findings.length > 0) return findings;
  return [ok(`${known.length} members have the same hash${revisionText(first.hash)}`)];
}

/** The names of the members with each hash; the largest group first. */
function groupByHash(known: readonly { name: string; hash: HashKVResponse }[]): string[][] {
  const groups = new Map<number, string[]>();
  for (const { name, hash } of known) groups.set(hash.hash, [...(groups.get(hash.hash) ?? []), name]);
  return [...groups.values()].sort((a, b) => b.length - a.length);
}

/** Members before 3.6 do not report the revision. */
function revisionText({ hashRevision }: HashKVResponse): string {
  return hashRevision > 0n ? ` at revision ${hashRevision}` : "";
}
