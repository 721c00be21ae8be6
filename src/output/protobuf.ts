// The protobuf format: the response in wire format. Of a lease response only the header is written, since Go's lease
// structs are no messages and embed the header. Go: etcdctl/ctlv3/command/printer_protobuf.go
import { CliError, ExitCode } from "../errors";
import { RangeResponse, ResponseHeader, WatchResponse } from "../proto/gen/etcdserverpb";
import { encode } from "../proto/message";
import { checkRangeOptions, messageMethods, unsupportedMethods } from "./base-printer";
import type { Printer } from "./printer";
import { messageText } from "./text";

export function protobufPrinter(): Printer {
  return {
    ...unsupportedMethods("protobuf"),
    ...messageMethods(encode),

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
    /** Go prints its struct; the first part of it is an address. */
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

    /** Go's client drops the watch ID, and etcdctl drops the cancel reason. */
    watch: ({ header, events, compactRevision, canceled, created }) =>
      encode(WatchResponse, WatchResponse.create({ header, events, compactRevision, canceled, created })),
  };
}

function headerOf({ header }: { header?: ResponseHeader | undefined }): Uint8Array {
  return header === undefined ? new Uint8Array(0) : encode(ResponseHeader, header);
}
