// The table format: members and endpoints in a box; nothing else has a table.
// Answers to etcdctl's printer_table.go.
import type { Printer } from "./printer";
import { endpointHashKVRows, endpointHealthRows, endpointStatusRows, memberRows } from "./rows";
import { drawTable } from "./table-layout";
import { checkRangeOptions, unsupported } from "./unsupported";

const no = unsupported("table");
const nothing = new Uint8Array(0);

export function tablePrinter(): Printer {
  return {
    put: no,
    del: no,
    txn: no,
    range(options) {
      checkRangeOptions("table", options);
      return no();
    },

    leaseGrant: no,
    leaseRevoke: no,
    leaseKeepAlive: no,
    leaseExpired: () => nothing,
    leaseTimeToLive: no,
    leaseLeases: no,

    memberList: (r) => drawTable(memberRows(r)),

    endpointHealth: (rows) => drawTable(endpointHealthRows(rows)),
    endpointHealthErrors: () => nothing,
    endpointStatus: (rows) => drawTable(endpointStatusRows(rows)),
    endpointHashKV: (rows) => drawTable(endpointHashKVRows(rows)),
  };
}
