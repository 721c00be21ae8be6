// The protobuf format: the response as it came over the wire, for programs.
// Of Go's lease responses only the header is a message (their structs embed it), so only that is written.
// Answers to etcdctl's printer_protobuf.go.
import { CliError, ExitCode } from "../errors";
import { RangeResponse, ResponseHeader, WatchResponse } from "../proto/gen/etcdserverpb";
import { encode } from "../proto/message";
import { checkRangeOptions, printMessages, unsupported } from "./messages";
import type { Printer } from "./printer";
import { messageText } from "./text";

export function protobufPrinter(): Printer {
  return {
    ...unsupported("protobuf"),
    ...printMessages(encode),

    range(options) {
      checkRangeOptions("protobuf", options);
      const part = (fields: Partial<RangeResponse>) => encode(RangeResponse, RangeResponse.create(fields));
      return {
        begin: (header) => part({ header }),
        kvs: (kvs) => part({ kvs: [...kvs] }),
        end: ({ more, count }) => part({ more, count }),
      };
    },

    leaseGrant: headerOf,
    /** Go prints its struct, whose first part is the address of a type. */
    leaseRevoke(_id, r) {
      const header = r.header === undefined ? "<nil>" : messageText(ResponseHeader, r.header);
      throw new CliError(
        ExitCode.badFeature,
        `marshal unsupported for type *clientv3.LeaseRevokeResponse (&{{{} [] [] 0x0} ${header} [] 0})`,
      );
    },
    leaseKeepAlive: headerOf,
    leaseTimeToLive: headerOf,
    leaseLeases: headerOf,

    /** Go's client has no watch id, and etcdctl leaves the reason out. */
    watch: ({ header, events, compactRevision, canceled, created }) =>
      encode(WatchResponse, WatchResponse.create({ header, events, compactRevision, canceled, created })),
  };
}

function headerOf({ header }: { header?: ResponseHeader | undefined }): Uint8Array {
  return header === undefined ? new Uint8Array(0) : encode(ResponseHeader, header);
}
