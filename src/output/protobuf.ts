// The protobuf format: the response as it came over the wire, for programs.
// Of Go's lease responses only the header is a message (their structs embed it), so only that is written.
// Answers to etcdctl's printer_protobuf.go.
import { CliError, ExitCode } from "../errors";
import { encode } from "../proto/codec";
import {
  DeleteRangeResponse,
  MemberListResponse,
  PutResponse,
  RangeResponse,
  ResponseHeader,
  TxnResponse,
} from "../proto/gen/etcdserverpb";
import { messageText } from "./message-text";
import type { Printer } from "./printer";
import { checkRangeOptions, unsupported } from "./unsupported";

const no = unsupported("protobuf");
const nothing = new Uint8Array(0);

export function protobufPrinter(): Printer {
  return {
    put: (r) => encode(PutResponse, r),
    del: (r) => encode(DeleteRangeResponse, r),
    txn: (r) => encode(TxnResponse, r),

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
    leaseExpired: () => nothing,
    leaseTimeToLive: headerOf,
    leaseLeases: headerOf,

    memberList: (r) => encode(MemberListResponse, r),

    endpointHealth: no,
    endpointHealthErrors: () => nothing,
    endpointStatus: no,
    endpointHashKV: no,
  };
}

function headerOf({ header }: { header?: ResponseHeader | undefined }): Uint8Array {
  return header === undefined ? nothing : encode(ResponseHeader, header);
}
