// The yaml and jsonl formats. Both print the same objects: one for each key of a range and each event of a watch as
// they arrive, one for each endpoint, one for any other response.
import {
  AuthRoleGetResponse,
  AuthUserGetResponse,
  HashKVResponse,
  LeaseGrantResponse,
  LeaseKeepAliveResponse,
  LeaseLeasesResponse,
  LeaseTimeToLiveResponse,
  StatusResponse,
} from "../../proto/gen/etcdserverpb";
import { Event } from "../../proto/gen/mvccpb";
import { ByteBuilder } from "../byte-builder";
import type { JsonObject } from "../json-value";
import { writeJson } from "../json-value";
import { checkRangeOptions, messageMethods, simpleOnlyMethods } from "../base-printer";
import type { FormatName, Printer } from "../printer";
import { tookText } from "../rows";
import { quotedText, readableKeyValue, readableMessage, snakeCase } from "./messages";
import { writeYaml } from "./yaml";

const nothing = new Uint8Array(0);

/** A YAML document for each object. */
export function yamlPrinter(): Printer {
  return readablePrinter("yaml", writeYaml);
}

/** A line of JSON for each object. */
export function jsonlPrinter(): Printer {
  return readablePrinter("jsonl", writeJsonLine);
}

function readablePrinter(format: FormatName, write: (out: ByteBuilder, object: JsonObject) => void): Printer {
  function each<T>(
    items: readonly T[],
    toObject: (item: T) => JsonObject,
    out = new ByteBuilder(),
  ): Uint8Array {
    for (const item of items) write(out, toObject(item));
    return out.take();
  }
  const one = (object: JsonObject) => each([object], (it) => it);

  return {
    ...messageMethods((type, message) => one(readableMessage(type, message))),
    ...simpleOnlyMethods,
    plainText: () => nothing,

    range(options) {
      checkRangeOptions(format, options);
      const out = new ByteBuilder();
      return {
        begin: () => nothing,
        kvs: (kvs) => each(kvs, (kv) => readableKeyValue(kv, options.keysOnly), out),
        end: ({ count }) => (options.countOnly ? one({ count }) : nothing),
      };
    },

    leaseGrant: (r) => one(readableMessage(LeaseGrantResponse, r)),
    leaseKeepAlive: (r) => one(readableMessage(LeaseKeepAliveResponse, r)),
    leaseTimeToLive: (r) => one(readableMessage(LeaseTimeToLiveResponse, r)),
    leaseLeases: (r) => one(readableMessage(LeaseLeasesResponse, r)),

    roleGet: (role, r) => one({ role, ...readableMessage(AuthRoleGetResponse, r) }),
    userGet: (user, r) => one({ user, ...readableMessage(AuthUserGetResponse, r) }),

    watchProgress: (revision) => one({ type: "PROGRESS", revision }),
    watch: (r) => each(r.events, (event) => readableMessage(Event, event)),

    endpointHealth: (rows) =>
      each(rows, (row) => ({
        endpoint: row.endpoint,
        healthy: row.healthy,
        took: tookText(row),
        ...(row.error === "" ? {} : { error: row.error }),
      })),
    endpointStatus: (rows) =>
      each(rows, ({ endpoint, status }) => ({ endpoint, ...readableMessage(StatusResponse, status) })),
    endpointHashKV: (rows) =>
      each(rows, ({ endpoint, response }) => ({ endpoint, ...readableMessage(HashKVResponse, response) })),
  };
}

export type ObjectFormat = "yaml" | "jsonl";

/** Writes objects one after the other, for commands whose output is no response. */
export function objectWriter(format: ObjectFormat): (objects: readonly JsonObject[]) => Uint8Array {
  const write = format === "yaml" ? writeYaml : writeJsonLine;
  const out = new ByteBuilder();
  return (objects) => {
    for (const object of objects) write(out, object);
    return out.take();
  };
}

/** Printers of one object, for etcdutl. The names of the fields become snake_case. */
export const readableObjectPrinters = {
  yaml: objectPrinter(writeYaml),
  jsonl: objectPrinter(writeJsonLine),
} as const;

function objectPrinter(
  write: (out: ByteBuilder, object: JsonObject) => void,
): (object: JsonObject) => Uint8Array {
  return (object) => {
    const out = new ByteBuilder();
    write(out, Object.fromEntries(Object.entries(object).map(([name, value]) => [snakeCase(name), value])));
    return out.take();
  };
}

/** One line, also for readers that take U+2028 for a line end. */
function writeJsonLine(out: ByteBuilder, object: JsonObject): void {
  writeJson(out, object, quotedText).ascii("\n");
}
