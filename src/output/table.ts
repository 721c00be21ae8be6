// The table format: members and endpoints in a box; nothing else has a table.
// Answers to etcdctl's printer_table.go.
import { checkRangeOptions, unsupported } from "./messages";
import type { Printer } from "./printer";
import { countRows, endpointHashKVRows, endpointHealthRows, endpointStatusRows, memberRows } from "./rows";
import { drawTable } from "./table-layout";

export function tablePrinter(): Printer {
  const refusing = unsupported("table");
  return {
    ...refusing,
    /** Keys have no table; how many there are has, which is ours. */
    range(options) {
      if (!options.countOnly) return refusing.range(options);
      checkRangeOptions("table", options);
      const nothing = () => new Uint8Array(0);
      return { begin: nothing, kvs: nothing, end: (r) => drawTable(countRows(r.count)) };
    },
    memberList: (r) => drawTable(memberRows(r)),
    endpointHealth: (rows) => drawTable(endpointHealthRows(rows)),
    endpointStatus: (rows) => drawTable(endpointStatusRows(rows)),
    endpointHashKV: (rows) => drawTable(endpointHashKVRows(rows)),
  };
}
