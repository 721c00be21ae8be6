// What the yaml and the jsonl format have in common: which objects there are. One for each key of a range and for each
// event of a watch, as they arrive; one for each endpoint; one for any other response. The formats only write them.
import {
  AuthRoleGetResponse,
  AuthUserGetResponse,
  HashKVResponse,
  LeaseGrantResponse,
  LeaseKeepAliveResponse,
  LeaseLeasesResponse,
  LeaseTimeToLiveResponse,
  StatusResponse,
} from "../proto/gen/etcdserverpb";
import { Event } from "../proto/gen/mvccpb";
import { ByteBuilder } from "./byte-builder";
import type { JsonObject } from "./json-value";
import { printMessages } from "./message-methods";
import type { FormatName, Printer } from "./printer";
import { readableKeyValue, readableMessage } from "./readable";
import { tookText } from "./rows";
import { checkRangeOptions, silent } from "./unsupported";

const nothing = new Uint8Array(0);

export function readablePrinter(
  format: FormatName,
  write: (out: ByteBuilder, object: JsonObject) => void,
): Printer {
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
    ...printMessages((type, message) => one(readableMessage(type, message))),
    ...silent,
    aside: () => nothing,

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
