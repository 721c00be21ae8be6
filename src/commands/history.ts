// `history`, `revert` and `undelete`: earlier versions of keys, as far as they are not compacted.
import type { FlagTable } from "../input/flags";
import type { EtcdClient } from "../client/client";
import { unchangedSince } from "../client/compare";
import { readHistory, type HistoryPart } from "../client/history";
import { badArgs, CliError, ExitCode } from "../errors";
import { quote } from "../go/quote";
import { writeHints } from "../hints";
import { formatCount, keyText } from "./key-text";
import {
  PutRequest,
  RangeRequest,
  ResponseHeader,
  TxnRequest,
  WatchResponse,
} from "../proto/gen/etcdserverpb";
import { Event, Event_EventType, type KeyValue } from "../proto/gen/mvccpb";
import { keyRange } from "./arguments";
import { defineCommand, type CommandContext } from "./command";
import { ImportWriter } from "./transfer/import-writer";
import {
  encryptionFlags,
  objectFlags,
  objectPrinterFor,
  objectTextFor,
  valueOpenerFor,
} from "./object-flags";
import { valueDiff, type ValueText } from "./transfer/value-diff";

const prefixFlag = {
  prefix: { kind: "bool", default: false, usage: "all keys that begin with KEY" },
} as const satisfies FlagTable;

export const history = defineCommand({
  flags: {
    ...prefixFlag,
    since: {
      kind: "string",
      default: "",
      usage: "only what changed in the last 10m, or since a time: found by the leases of a Kubernetes",
    },
    "no-values": { kind: "bool", default: false, usage: "do not print what changed in the values" },
    ...objectFlags,
    ...encryptionFlags,
  },
  async run(context, args, flags) {
    const key = oneKey(args, "history");
    const format = await context.format();
    const connection = await context.connect();
    const { client } = connection;
    const printer = await objectPrinterFor(context, connection, flags);
    const { stdout } = context.io;
    const textOf = await objectTextFor(flags);
    const opener = await valueOpenerFor(context, flags);
    const simpleText = (events: readonly Event[]) =>
      events.map((event) => changeText(event, flags["no-values"] ? undefined : textOf)).join("");
    let isFound = false;
    const since = await sinceOf(flags.since, context, client);
    const parts = partsOf(context, client, key, { prefix: flags.prefix, since });
    for await (const part of parts) {
      if (part.kind === "compacted") await hint(context, compactionHint(part.revision));
      const stored = eventsOf(part);
      const events = opener?.openEvents(stored) ?? stored;
      isFound ||= events.length > 0;
      if (events.length === 0) continue;
      const response = WatchResponse.create({ header: ResponseHeader.create(), events: [...events] });
      await stdout.write(format === "simple" ? simpleText(events) : printer.watch(response));
    }
    await opener?.report();
    if (!isFound) throw flags.since === "" ? noVersion(key) : noChange(key, flags.since);
  },
});

async function sinceOf(
  text: string,
  context: CommandContext,
  client: EtcdClient,
): Promise<bigint | undefined> {
  if (text === "") return undefined;
  const { revisionSince } = await import("./revision-at");
  const found = await revisionSince(text, client, context);
  await hint(context, `--since ${found.hint}`);
  return found.revision;
}

function compactionHint(revision: bigint): string {
  return `changes before revision ${revision} are compacted; a key that is older is shown as it was then`;
}

function noVersion(key: string): CliError {
  return new CliError(ExitCode.error, `no version of ${quote(key)} is stored`, {
    hints: ["a backup may have one: etcdctl --offline=BACKUP.db history KEY"],
  });
}

function noChange(key: string, since: string): CliError {
  return new CliError(ExitCode.error, `no change of ${quote(key)} since ${since}`, {
    hints: ["without --since, history shows every version that is stored"],
  });
}

/** The versions at the compaction count as puts. */
function eventsOf(part: HistoryPart): readonly Event[] {
  if (part.kind === "compacted") return [];
  if (part.kind === "events") return part.events;
  return part.kvs.map((kv) => Event.create({ type: Event_EventType.PUT, kv }));
}

/** `revision 7  put  /app/name  version 2, 5 bytes`, then how the value changed, unless `textOf` is undefined. */
export function changeText({ type, kv, prevKv }: Event, textOf: ValueText | undefined): string {
  const { key, value, modRevision, version, lease } = kv as KeyValue;
  const isPut = type === Event_EventType.PUT;
  const details = [
    ...(isPut ? [`version ${version}`, formatCount(value.length, "byte")] : []),
    ...(lease === 0n ? [] : [`lease ${lease.toString(16)}`]),
  ];
  const head = [`revision ${modRevision}`, isPut ? "put" : "delete", keyText(key), details.join(", ")];
  const line = `${head.filter((word) => word !== "").join("  ")}\n`;
  return line + (textOf ? valueDiff(prevKv?.value, isPut ? value : undefined, textOf) : "");
}

export const revert = defineCommand({
  flags: {
    rev: {
      kind: "int64",
      default: 0n,
      usage: "revision at which the key had the wanted value",
      required: true,
    },
    "dry-run": { kind: "bool", default: false, usage: "print how the value would change, but write nothing" },
  },
  async run(context, args, flags) {
    const key = oneKey(args, "revert");
    if (flags.rev <= 0n) throw badArgs("--rev must be a revision above 0");
    const { client, printer } = await context.connect();
    const bytes = keyRange([key], { prefix: false, "from-key": false }).key;
    const wanted = await getOne(context, client, bytes, flags.rev);
    if (wanted === undefined) {
      throw new CliError(ExitCode.error, `${quote(key)} did not exist at revision ${flags.rev}`, {
        hints: [`etcdctl history ${key} shows its versions; to delete it, use del`],
      });
    }
    const current = await getOne(context, client, bytes, 0n);
    if (flags["dry-run"]) {
      await context.io.stdout.write(valueDiff(current?.value, wanted.value));
      return hint(context, "this was a dry run, nothing has been written");
    }
    // The present lease stays: that of the old version may have ended.
    const put = PutRequest.create({ key: bytes, value: wanted.value, ignoreLease: current !== undefined });
    const request = TxnRequest.create({
      compare: [unchangedSince(bytes, current)],
      success: [{ request: { case: "requestPut", value: put } }],
    });
    const { header, succeeded, responses } = await client.kv.txn(request, context.call());
    const [response] = responses;
    if (!succeeded || response?.response?.case !== "responsePut") {
      throw new CliError(ExitCode.error, `${quote(key)} was written by another client meanwhile`, {
        hints: ["nothing has been changed; look at it and try again"],
      });
    }
    await context.io.stdout.write(printer.put({ ...response.response.value, header }));
  },
});

export const undelete = defineCommand({
  flags: {
    ...prefixFlag,
    "dry-run": { kind: "bool", default: false, usage: "print the keys, but write nothing" },
  },
  async run(context, args, flags) {
    const key = oneKey(args, "undelete");
    const { client } = await context.connect();
    const deleted = await deletedKeys(context, client, key, flags);
    if (deleted.size === 0) throw await noDeletion(context, client, key, flags);
    const writer = new ImportWriter(client, {
      maxTxnOps: 128,
      onlyAbsent: true,
      isDryRun: flags["dry-run"],
      onWritten: (keys) => context.io.stdout.write(keys.map((each) => `${keyText(each.key)}\n`).join("")),
      callOptions: () => context.call(),
    });
    for (const [name, revision] of deleted) {
      const bytes = Buffer.from(name, "latin1");
      const before = await getOne(context, client, bytes, revision - 1n);
      if (before === undefined) continue;
      await writer.add({ key: bytes, value: Buffer.from(before.value), lease: 0n });
    }
    await writer.flush();
    const { added, skipped } = writer.counts;
    const what = flags["dry-run"] ? "would be written" : "written";
    const exist = skipped > 0 ? `; ${formatCount(skipped, "key")} exist again` : "";
    await hint(context, `${formatCount(added, "key")} ${what}, without leases${exist}`);
  },
});

async function noDeletion(
  context: CommandContext,
  client: EtcdClient,
  key: string,
  { prefix }: { readonly prefix: boolean },
): Promise<CliError> {
  const { key: bytes } = keyRange([key], { prefix: false, "from-key": false });
  if (!prefix && (await getOne(context, client, bytes, 0n)) !== undefined) {
    return new CliError(ExitCode.error, `${quote(key)} is not deleted`, {
      hints: [`etcdctl history ${key} shows its versions, and revert --rev N gives it an earlier value`],
    });
  }
  return new CliError(ExitCode.error, `no deletion of ${quote(key)} is stored`, {
    hints: [
      `${prefix ? "the keys exist" : "there was no such key"}, or the history is compacted; a backup may have it: etcdctl --offline=BACKUP.db get KEY`,
    ],
  });
}

/** Keys whose last change is a deletion, with its revision. */
async function deletedKeys(
  context: CommandContext,
  client: EtcdClient,
  key: string,
  flags: { readonly prefix: boolean },
): Promise<Map<string, bigint>> {
  const deleted = new Map<string, bigint>();
  for await (const part of partsOf(context, client, key, flags)) {
    if (part.kind !== "events") continue;
    for (const { type, kv } of part.events) {
      const name = Buffer.from((kv as KeyValue).key).toString("latin1");
      if (type === Event_EventType.DELETE) deleted.set(name, (kv as KeyValue).modRevision);
      else deleted.delete(name);
    }
  }
  return deleted;
}

function partsOf(
  context: CommandContext,
  client: EtcdClient,
  key: string,
  { prefix, since }: { readonly prefix: boolean; readonly since?: bigint | undefined },
): AsyncGenerator<HistoryPart> {
  return readHistory({
    client,
    since,
    ...keyRange([key], { prefix, "from-key": false }),
    callOptions: () => context.call(),
    streamOptions: () => context.stream(),
    clock: context.io.clock,
  });
}

async function getOne(
  context: CommandContext,
  client: EtcdClient,
  key: Uint8Array,
  revision: bigint,
): Promise<KeyValue | undefined> {
  return (await client.kv.range(RangeRequest.create({ key, revision }), context.call())).kvs[0];
}

function oneKey(args: readonly string[], name: string): string {
  const [key] = args;
  if (key === undefined || args.length !== 1) throw badArgs(`${name} takes one key`);
  return key;
}

async function hint(context: CommandContext, text: string): Promise<void> {
  await writeHints([text], context.io);
}
