// A printer that shows values as the Kubernetes objects that they are, for the commands that print keys. What is no object is
// printed as the printer of the format does. One key comes out as from `kubectl get -o yaml` or `-o json`, so its name is not
// in the output; several keys become YAML documents with their names in comments, or a List as kubectl makes it.
import { CliError, ExitCode } from "../../errors";
import { oneSafeLine } from "../../go/raw-text";
import { hideSecrets } from "../../kubernetes/secrets";
import { decodeStored, type StoredObject, type TreeObject } from "../../kubernetes/stored";
import { get, isObject, objectOf, sorted, textOf } from "../../kubernetes/tree";
import { toYaml } from "../../kubernetes/yaml";
import type { WatchResponse } from "../../proto/gen/etcdserverpb";
import { Event, Event_EventType, type KeyValue } from "../../proto/gen/mvccpb";
import type { JsonObject } from "../json-value";
import type { Printer, RangeOptions, RangePrinter, TableStyle } from "../printer";
import { readableKeyValue, readableMessage, readableText } from "../readable/messages";
import { objectWriter } from "../readable/printer";
import { tableDrawer } from "../table";
import { prettyJson } from "./pretty-json";

export interface ObjectOptions {
  readonly showSecrets: boolean;
  /** Only what a server of Kubernetes has certainly written: the user did not ask for objects. */
  readonly isAutomatic: boolean;
  /** Default: true. */
  readonly showManagedFields?: boolean;
}

export interface ObjectPrinterOptions extends ObjectOptions {
  readonly style: TableStyle;
}

/** Throws CliError for a format that has no place for objects. */
export function objectPrinter(format: string, printer: Printer, options: ObjectPrinterOptions): Printer {
  const objectOf = (value: Uint8Array) => shownObject(value, options);
  switch (format) {
    case "simple":
      return {
        ...printer,
        range: (it) => simpleRange(printer, it, objectOf),
        watch: (it) => simpleWatch(printer, it, objectOf),
      };
    case "yaml":
      return {
        ...printer,
        range: (it) => yamlRange(printer, it, objectOf),
        watch: (it) => yamlWatch(printer, it, objectOf),
      };
    case "jsonl":
      return {
        ...printer,
        range: (it) => lineRange(printer, it, objectOf),
        watch: (it) => lineWatch(it, objectOf),
      };
    case "json":
      return {
        ...printer,
        range: (it) => jsonRange(printer, it, objectOf),
        watch: (it) => lineWatch(it, objectOf),
      };
    case "table":
      return { ...printer, range: () => tableRange(options) };
    default:
      throw new CliError(ExitCode.badFeature, `--decode: ${format} not supported as output format`, {
        hints: ["choose simple, table, json, yaml or jsonl"],
      });
  }
}

type ObjectOf = (value: Uint8Array) => TreeObject | undefined;

/** Undefined if the value is no object. */
export function shownObject(value: Uint8Array, options: ObjectOptions): TreeObject | undefined {
  const stored = decodeStored(value);
  const { object } = stored;
  if (object === undefined || (options.isAutomatic && !isServers(stored))) return undefined;
  const shown = options.showManagedFields === false ? withoutManagedFields(object) : object;
  return options.showSecrets ? shown : hideSecrets(shown);
}

/** As kubectl leaves them out. */
function withoutManagedFields(object: TreeObject): TreeObject {
  const { metadata } = object;
  if (!isObject(metadata)) return object;
  const kept = Object.entries(metadata).filter(([name]) => name !== "managedFields");
  return { ...object, metadata: objectOf(kept) };
}

/** Keys as records with `object` in the place of the value, and a writer for records. */
export function objectRecords(format: "yaml" | "jsonl", options: ObjectOptions) {
  const objectOf = (value: Uint8Array) => shownObject(value, options);
  return {
    of: (kv: KeyValue): JsonObject => keyRecord(kv, objectOf),
    write: format === "jsonl" ? lines : yamlDocuments,
  };
}

function yamlDocuments(records: readonly JsonObject[]): Uint8Array {
  return joined(records, (record) => Buffer.from(`---\n${toYaml(record as TreeObject)}`));
}

/** For diffs of values: YAML of an object. */
export function objectText(options: ObjectOptions): (value: Uint8Array) => string | undefined {
  return (value) => {
    const object = shownObject(value, options);
    return object === undefined ? undefined : toYaml(object);
  };
}

/** A server gives each object a UID. Other programs store JSON with apiVersion and kind too. */
function isServers({ encoding, object }: StoredObject): boolean {
  return encoding === "protobuf" || textOf(get(object, "metadata"), "uid") !== "";
}

function keyText(key: Uint8Array): string {
  return oneSafeLine(readableText(key) ?? Buffer.from(key).toString("latin1"));
}

const nothing = new Uint8Array(0);

/** Whether the response can have more than one key. */
function isRange({ isOneKey }: RangeOptions): boolean {
  return isOneKey !== true;
}

function simpleRange(printer: Printer, options: RangeOptions, objectOf: ObjectOf): RangePrinter {
  const plain = printer.range(options);
  const between = options.valueOnly && isRange(options) ? "---\n" : "";
  return {
    ...plain,
    kvs: (kvs) =>
      joined(kvs, (kv) => {
        const object = objectOf(kv.value);
        if (object === undefined) return plain.kvs([kv]);
        const key = options.valueOnly ? [] : [kv.key, "\n"];
        return Buffer.concat([...key, between, toYaml(object)].map(toBuffer));
      }),
  };
}

function simpleWatch(printer: Printer, response: WatchResponse, objectOf: ObjectOf): Uint8Array {
  return joined(response.events, (event) => {
    const show = (value: Uint8Array): Uint8Array => {
      const object = objectOf(value);
      return object === undefined ? value : Buffer.from(toYaml(object).trimEnd());
    };
    const shown = {
      ...event,
      ...(event.kv && { kv: { ...event.kv, value: show(event.kv.value) } }),
      ...(event.prevKv && { prevKv: { ...event.prevKv, value: show(event.prevKv.value) } }),
    };
    return printer.watch({ ...response, events: [shown] });
  });
}

function yamlRange(printer: Printer, options: RangeOptions, objectOf: ObjectOf): RangePrinter {
  const plain = printer.range(options);
  return {
    ...plain,
    kvs: (kvs) =>
      joined(kvs, (kv) => {
        const object = objectOf(kv.value);
        if (object === undefined) return plain.kvs([kv]);
        const head = isRange(options) ? `---\n# ${keyText(kv.key)}\n` : "";
        return Buffer.from(head + toYaml(object));
      }),
  };
}

function yamlWatch(printer: Printer, response: WatchResponse, objectOf: ObjectOf): Uint8Array {
  return joined(response.events, (event) => {
    const record = eventRecord(event, objectOf);
    if (record === undefined) return printer.watch({ ...response, events: [event] });
    return yamlDocuments([record]);
  });
}

function lineRange(printer: Printer, options: RangeOptions, objectOf: ObjectOf): RangePrinter {
  const plain = printer.range(options);
  return { ...plain, kvs: (kvs) => lines(kvs.map((kv) => keyRecord(kv, objectOf))) };
}

function lineWatch({ events }: WatchResponse, objectOf: ObjectOf): Uint8Array {
  return lines(events.map((event) => eventRecord(event, objectOf) ?? readableMessage(Event, event)));
}

const lines = objectWriter("jsonl");

/** As the readable formats have a key, with `object` in the place of the value. */
function keyRecord(kv: KeyValue, objectOf: ObjectOf): JsonObject {
  const object = objectOf(kv.value);
  const record = readableKeyValue(kv, object !== undefined);
  return object === undefined ? record : { ...record, object };
}

/** Undefined for an event without an object. */
function eventRecord(event: Event, objectOf: ObjectOf): JsonObject | undefined {
  const { type, kv, prevKv } = event;
  const object = type === Event_EventType.DELETE || kv === undefined ? undefined : objectOf(kv.value);
  const previous = prevKv === undefined ? undefined : keyRecord(prevKv, objectOf);
  if (object === undefined && previous?.["object"] === undefined) return undefined;
  const record = readableMessage(Event, { ...event, prevKv: undefined });
  const fields = Object.entries(record).filter(([name]) => object === undefined || !name.startsWith("value"));
  return {
    ...Object.fromEntries(fields),
    ...(object && { object }),
    ...(previous && { prev_kv: previous }),
  };
}

/** One key as kubectl's JSON; several as a List, whose items are printed when they arrive. */
function jsonRange(printer: Printer, options: RangeOptions, objectOf: ObjectOf): RangePrinter {
  const plain = printer.range(options);
  if (!isRange(options)) return jsonOfOne(plain, objectOf);
  let count = 0;
  return {
    begin: () => Buffer.from('{\n    "apiVersion": "v1",\n    "items": ['),
    kvs: (kvs) => {
      const items = kvs.map((kv) => `${count++ === 0 ? "" : ","}\n        ${itemJson(kv, objectOf)}`);
      return Buffer.from(items.join(""));
    },
    end: () =>
      Buffer.from(
        `${count === 0 ? "" : "\n    "}],\n    "kind": "List",\n    "metadata": {\n        "resourceVersion": ""\n    }\n}\n`,
      ),
  };
}

function itemJson(kv: KeyValue, objectOf: ObjectOf): string {
  return prettyJson(sorted((objectOf(kv.value) ?? readableKeyValue(kv)) as TreeObject), "        ");
}

function jsonOfOne(plain: RangePrinter, objectOf: ObjectOf): RangePrinter {
  let header: Uint8Array = nothing;
  let isObject = false;
  return {
    begin: (it) => {
      header = plain.begin(it);
      return nothing;
    },
    kvs: (kvs) =>
      joined(kvs, (kv) => {
        const object = objectOf(kv.value);
        isObject = object !== undefined;
        if (object !== undefined) return Buffer.from(`${prettyJson(sorted(object), "")}\n`);
        return Buffer.concat([header, plain.kvs([kv])]);
      }),
    end: (total) =>
      isObject ? nothing : Buffer.concat([total.count === 0n ? header : nothing, plain.end(total)]),
  };
}

const tableHead = ["KEY", "KIND", "API VERSION", "NAMESPACE", "NAME", "BYTES", "REVISION"];

function tableRange(options: ObjectPrinterOptions): RangePrinter {
  const body: string[][] = [];
  return {
    begin: () => nothing,
    kvs: (kvs) => {
      for (const kv of kvs) body.push(tableRow(kv, options));
      return nothing;
    },
    end: () => tableDrawer(options.style)({ head: tableHead, body }),
  };
}

function tableRow({ key, value, modRevision }: KeyValue, options: ObjectOptions): string[] {
  const object = shownObject(value, options);
  const metadata = get(object, "metadata");
  const cells = [
    textOf(object, "kind"),
    textOf(object, "apiVersion"),
    textOf(metadata, "namespace"),
    textOf(metadata, "name"),
  ];
  return [keyText(key), ...cells.map(oneSafeLine), String(value.length), String(modRevision)];
}

function joined<T>(items: readonly T[], print: (item: T) => Uint8Array): Uint8Array {
  return Buffer.concat(items.map(print));
}

function toBuffer(part: string | Uint8Array): Uint8Array {
  return typeof part === "string" ? Buffer.from(part) : part;
}
