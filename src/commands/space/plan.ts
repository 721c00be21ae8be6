// The order in which the members of a cluster are defragmented, and which are left out, as rows and as output.
import { CliError, ExitCode } from "../../errors";
import { oneSafeLine } from "../../go/raw-text";
import { humanizeBytes } from "../../go/units";
import type { JsonObject } from "../../output/json-value";
import type { TableStyle } from "../../output/printer";
import { objectWriter } from "../../output/readable/printer";
import { tableDrawer } from "../../output/table";
import { alignedRows } from "../aligned-rows";
import { freePercent, leaderOf, type Survey, type SurveyedMember } from "../survey";

export interface PlannedMember extends SurveyedMember {
  readonly role: "leader" | "follower" | "learner";
  readonly free: bigint;
  readonly action: "defragment" | "skip" | "no response";
}

/** In the order of the survey. A member with less than `minFreeOf` percent is skipped. */
export function planOf(found: Survey, minFreeOf: (member: SurveyedMember) => number): PlannedMember[] {
  const leader = leaderOf(found);
  return found.members.map((each): PlannedMember => {
    const { member, status } = each;
    const role = member.isLearner ? "learner" : member.ID === leader ? "leader" : "follower";
    if (status === undefined) return { ...each, role, free: 0n, action: "no response" };
    const free = freePercent(status);
    return { ...each, role, free, action: free < BigInt(minFreeOf(each)) ? "skip" : "defragment" };
  });
}

/** So the leader changes at most once. */
export function leaderLast(plan: readonly PlannedMember[]): PlannedMember[] {
  const leads = ({ role }: PlannedMember) => role === "leader";
  return [...plan.filter((each) => !leads(each)), ...plan.filter(leads)];
}

const head = ["order", "member", "endpoint", "role", "db size", "in use", "free", "action"];

function planLines(plan: readonly PlannedMember[]): string[] {
  return alignedRows([head.map((name) => name.toUpperCase()), ...cellsOf(plan)]);
}

/** Without what happens to each member: a compaction comes before, which frees pages. */
export function sizeLines(plan: readonly PlannedMember[]): string[] {
  return alignedRows(
    [head.map((name) => name.toUpperCase()), ...cellsOf(plan)].map((row) => row.slice(1, -1)),
  );
}

export function sizeObjects(plan: readonly PlannedMember[]): JsonObject[] {
  return plan.map(({ name, endpoint, role, status, free }) => ({
    ...{ member: name, endpoint, role },
    ...(status && { db_size: status.dbSize, db_size_in_use: status.dbSizeInUse, free_percent: free }),
  }));
}

function cellsOf(plan: readonly PlannedMember[]): string[][] {
  let order = 0;
  return plan.map(({ name, endpoint, role, status, free, action }) => [
    action === "defragment" ? `${++order}` : "-",
    ...[name, oneSafeLine(endpoint), role],
    ...(status
      ? [humanizeBytes(status.dbSize), humanizeBytes(status.dbSizeInUse), `${free}%`]
      : ["", "", ""]),
    action,
  ]);
}

function planObjects(plan: readonly PlannedMember[]): JsonObject[] {
  return sizeObjects(plan).map((sizes, at) => ({ ...sizes, action: plan[at]?.action ?? "" }));
}

export function planWriter(
  format: string,
  style: TableStyle,
): (plan: readonly PlannedMember[]) => string | Uint8Array {
  switch (format) {
    case "simple":
      return (plan) =>
        planLines(plan)
          .map((line) => `${line}\n`)
          .join("");
    case "table":
      return (plan) => tableDrawer(style)({ head, body: cellsOf(plan) });
    case "yaml":
      return (plan) => objectWriter("yaml")(planObjects(plan));
    case "json":
    case "jsonl":
      return (plan) => objectWriter("jsonl")(planObjects(plan));
    default:
      throw new CliError(ExitCode.badFeature, `${format} not supported as output format`, {
        hints: ["--plan prints simple (the default), table, json, jsonl or yaml"],
      });
  }
}
