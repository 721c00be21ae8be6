// The output of `usage`: groups and the largest keys, largest first; on a terminal each group has a bar.
import { CliError, ExitCode } from "../../errors";
import { humanizeBytes } from "../../go/units";
import type { GroupSums, KeySize } from "../../offline/usage";
import type { JsonObject } from "../../output/json-value";
import type { TableStyle } from "../../output/printer";
import { base64, readableText } from "../../output/readable/messages";
import { objectWriter } from "../../output/readable/printer";
import { tableDrawer, type Rows } from "../../output/table";
import { columns } from "../columns";
import { keyText } from "../key-text";
import type { Grouping } from "./grouping";
import type { UsageReport } from "./live";

export interface UsageOutput {
  readonly by: Grouping;
  /** By the numbers of the groups, as latin1 texts. */
  readonly names: readonly string[];
  readonly report: UsageReport;
}

interface Group extends GroupSums {
  readonly name: Buffer;
  /** Of the database, or of all groups where its size is not known: 0 to 1. */
  readonly share: number;
}

export interface UsageScreen {
  /** Undefined: no terminal, and no bars. */
  readonly columns: number | undefined;
  readonly style: TableStyle;
}

const formats: Readonly<Record<string, (output: UsageOutput, screen: UsageScreen) => string | Uint8Array>> = {
  simple: simpleText,
  table: (output, { style }) => {
    const draw = tableDrawer(style);
    const { groups, largest } = tables(output);
    return Buffer.concat([draw(groups), ...(largest.body.length > 0 ? [draw(largest)] : [])]);
  },
  json: (output) => objectWriter("jsonl")([objectOf(output)]),
  yaml: (output) => objectWriter("yaml")([objectOf(output)]),
  jsonl: (output) => {
    const { groups, largest, ...rest } = objectOf(output) as JsonObject & Record<"groups" | "largest", []>;
    return objectWriter("jsonl")([...groups, ...largest, rest]);
  },
};

/** Throws for a format without this output; call it before the work. */
export function usagePrinter(
  format: string,
): (output: UsageOutput, screen: UsageScreen) => string | Uint8Array {
  const print = Object.hasOwn(formats, format) ? formats[format] : undefined;
  if (print !== undefined) return print;
  throw new CliError(ExitCode.badFeature, `${format} not supported as output format`, {
    hints: [`usage prints ${Object.keys(formats).join(", ")}`],
  });
}

function groupsOf({ names, report }: UsageOutput): { readonly groups: Group[]; readonly total: Group } {
  const sums = names.map((name, at) => ({ name, ...report.groups[at] })).filter(isCounted);
  const total = sums.reduce(
    (all, { keys, valueBytes, revisions, allBytes }) => ({
      keys: all.keys + keys,
      valueBytes: all.valueBytes + valueBytes,
      revisions: all.revisions + revisions,
      allBytes: all.allBytes + allBytes,
    }),
    { keys: 0, valueBytes: 0, revisions: 0, allBytes: 0 },
  );
  const whole = Number(report.database?.inUseBytes ?? total.allBytes);
  const share = (bytes: number): number => (whole === 0 ? 0 : Math.min(1, bytes / whole));
  const groups = sums
    .map(({ name, ...each }) => ({ ...each, name: Buffer.from(name, "latin1"), share: share(each.allBytes) }))
    .sort((a, b) => b.allBytes - a.allBytes || Buffer.compare(a.name, b.name));
  return { groups, total: { ...total, name: Buffer.from("total"), share: share(total.allBytes) } };
}

function isCounted(
  sums: { readonly name: string } & Partial<GroupSums>,
): sums is { name: string } & GroupSums {
  return sums.keys !== undefined;
}

function simpleText(output: UsageOutput, screen: UsageScreen): string {
  const { groups, largest } = tables(output);
  const lines = columns(groups);
  const width = lines[0]?.length ?? 0;
  const bars = screen.columns === undefined ? [] : barsOf(output, screen.columns - width);
  const parts = [lines.map((line, at) => (line.padEnd(width) + (bars[at] ?? "")).trimEnd())];
  if (largest.body.length > 0) parts.push(columns(largest));
  const { database } = output.report;
  if (database !== undefined) parts.push([databaseText(database)]);
  return parts.map((part) => part.map((line) => `${line}\n`).join("")).join("\n");
}

function databaseText(database: NonNullable<UsageReport["database"]>): string {
  const { sizeBytes, inUseBytes, revision, compactRevision = 0n } = database;
  const sizes = `database: ${size(sizeBytes)}, ${size(inUseBytes)} in use, revision ${revision}`;
  return compactRevision > 0n ? `${sizes}, compacted before ${compactRevision}` : sizes;
}

/** A bar of the full width is the largest group. The first line is the head. */
function barsOf(output: UsageOutput, room: number): string[] {
  const { groups } = groupsOf(output);
  const width = Math.min(room - 2, maxBarColumns);
  if (width < minBarColumns) return [];
  const most = groups[0]?.allBytes ?? 0;
  return ["", ...groups.map(({ allBytes }) => `  ${bar(most === 0 ? 0 : (allBytes / most) * width)}`)];
}

const maxBarColumns = 30;
const minBarColumns = 5;
const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

function bar(columns: number): string {
  const whole = Math.floor(columns);
  return "█".repeat(whole) + (eighths[Math.floor((columns - whole) * 8)] as string);
}

function tables(output: UsageOutput): { readonly groups: Rows; readonly largest: Rows } {
  const { knowsHistory, largest } = output.report;
  const { groups, total } = groupsOf(output);
  const history = knowsHistory ? ["REVISIONS", "ALL REVISIONS"] : [];
  const historyOf = ({ revisions, allBytes }: GroupSums | KeySize): string[] =>
    knowsHistory ? [String(revisions), size(allBytes)] : [];
  const cells = (each: Group, name: string): string[] => {
    return [name, String(each.keys), size(each.valueBytes), ...historyOf(each), percent(each.share)];
  };
  return {
    groups: {
      head: [output.by.toUpperCase(), "KEYS", "VALUES", ...history, "SHARE"],
      body: [...groups.map((each) => cells(each, keyText(each.name))), cells(total, "total")],
    },
    largest: {
      head: ["LARGEST KEYS", "VALUE", ...history],
      body: largest.map((each) => [
        keyText(each.key),
        each.valueBytes === undefined ? "deleted" : size(each.valueBytes),
        ...historyOf(each),
      ]),
    },
  };
}

function size(bytes: number | bigint): string {
  return humanizeBytes(BigInt(bytes));
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function objectOf(output: UsageOutput): JsonObject {
  const { knowsHistory, largest, database } = output.report;
  const { groups, total } = groupsOf(output);
  const sums = ({ keys, valueBytes, revisions, allBytes, share }: Group): JsonObject => ({
    keys,
    value_bytes: valueBytes,
    ...(knowsHistory && { revisions, all_bytes: allBytes }),
    share: Number(share.toFixed(4)),
  });
  return {
    by: output.by,
    groups: groups.map((group) => ({ ...textField("group", group.name), ...sums(group) })),
    largest: largest.map(({ key, valueBytes, revisions, allBytes }) => ({
      ...textField("key", key),
      ...(valueBytes === undefined ? { deleted: true } : { value_bytes: valueBytes }),
      ...(knowsHistory && { revisions, all_bytes: allBytes }),
    })),
    total: sums(total),
    ...(database && {
      database: {
        size_bytes: database.sizeBytes,
        in_use_bytes: database.inUseBytes,
        revision: database.revision,
        ...(database.compactRevision !== undefined && { compact_revision: database.compactRevision }),
      },
    }),
  };
}

function textField(name: string, bytes: Buffer): JsonObject {
  const text = readableText(bytes);
  return text === undefined ? { [`${name}_base64`]: base64(bytes) } : { [name]: text };
}
