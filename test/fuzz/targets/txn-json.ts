// A transaction as JSON, read by `txn --file`.
import { parseJsonTxn } from "../../../src/commands/txn/json-txn";
import { CliError } from "../../../src/errors";
import { TxnRequest } from "../../../src/proto/gen/etcdserverpb";
import { encode } from "../../../src/proto/message";
import { text, type FuzzTarget } from "../target";

export const target: FuzzTarget = {
  seeds: () => [
    text(
      '{"compare": [{"key": "a", "target": "VALUE", "result": "EQUAL", "value": "1"}],',
      ' "success": [{"requestPut": {"key": "a", "value": {"base64": "AP8="}, "lease": "0x1f", "prevKv": true}}],',
      ' "failure": [{"request_range": {"key": "\\u00e4", "range_end": "b", "limit": 3, "sortOrder": "DESCEND"}}]}',
    ),
    text(
      '{"encoding": "base64", "success": [{"requestTxn": {"compare": [{"key": "Zm9v", "mod_revision": "7"}],',
      ' "failure": [{"requestDeleteRange": {"key": "", "prefix": true}}]}}]}',
    ),
    text('{"compare": null, "success": [{"requestPut": {"key": "k", "ignoreValue": true}}]}'),
  ],
  words: [
    "[",
    "]",
    "{",
    "}",
    '"',
    ":",
    ",",
    "null",
    "true",
    "-",
    "1e9",
    "\\u",
    "\\ud800",
    '{"base64": "',
    "\ufeff",
  ],
  isExpected: (error) => error instanceof CliError,
  run(input) {
    encode(TxnRequest, parseJsonTxn(input, "input"));
  },
};
