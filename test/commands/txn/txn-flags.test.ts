// txn from flags and from JSON; txn.test.ts is about txn from stdin.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { parseJsonTxn } from "../../../src/commands/txn/json-txn";
import { command as txn } from "../../../src/commands/txn/txn";
import type { TxnRequest } from "../../../src/proto/gen/etcdserverpb";
import { runCommand, type RunOptions } from "../../support/run-command";
import { sharedFolder } from "../../support/work-folder";

const answers = { Txn: () => ({ succeeded: true }) };
const bytes = (text: string) => Buffer.from(text);

async function sent(words: readonly string[], options: RunOptions = {}): Promise<TxnRequest> {
  const { calls } = await runCommand(txn, words, { answers, ...options });
  return calls[0]?.request as TxnRequest;
}

describe("txn from flags", () => {
  test("takes each flag as one line, including commas", async () => {
    const words = ["--if", 'value("a") = "1,2"', "--if", 'mod("b") > "3"', "--then", "put a 1,2 --prev-kv"];
    const request = await sent([...words, "--then", "get ä", "--else", "del x --prefix"], {
      stdin: "unread",
    });
    expect(request.compare).toMatchObject([{ key: bytes("a") }, { key: bytes("b") }]);
    expect(request.success).toMatchObject([
      { request: { case: "requestPut", value: { value: bytes("1,2"), prevKv: true } } },
      { request: { case: "requestRange", value: { key: bytes("ä") } } },
    ]);
    expect(request.failure).toMatchObject([
      { request: { case: "requestDeleteRange", value: { rangeEnd: bytes("y") } } },
    ]);
  });

  test("takes a value with line breaks in single quotes", async () => {
    const { success } = await sent(["--then", "put a 'b\nc'"]);
    expect(success).toMatchObject([{ request: { value: { value: bytes("b\nc") } } }]);
  });

  test.each([
    [["--if", "nope"], 3, "malformed comparison: nope"],
    [["--if", 'value("a") == "1"'], 3, 'unknown operator in value("a") == "1"'],
    [["--then", "put"], 3, "invalid txn compare request: put"],
    [
      ["--then", "get a", "-i"],
      128,
      "only one of --interactive, --file and the group --if, --then, --else can be used",
    ],
    [
      ["--else", "get a", "--file=x"],
      128,
      "only one of --interactive, --file and the group --if, --then, --else can be used",
    ],
    [["--file=/nope/x"], 128, "could not read /nope/x (no such file or directory)"],
  ])("rejects %j before the first request", async (words, exitCode, message) => {
    await expect(runCommand(txn, words)).rejects.toMatchObject({ exitCode, message });
  });
});

describe("txn from JSON", () => {
  const dir = sharedFolder();
  const parse = (value: unknown) => parseJsonTxn(bytes(JSON.stringify(value)), "x.json");

  test("is read from a file, or with - from stdin", async () => {
    const json = '{"success": [{"requestPut": {"key": "a", "value": "b"}}]}';
    writeFileSync(path.join(dir, "t.json"), json);
    const request = { success: [{ request: { case: "requestPut", value: { key: bytes("a") } } }] };
    expect(await sent(["--file", "t.json"], { cwd: dir })).toMatchObject(request);
    expect(await sent(["--file", "-"], { stdin: json })).toMatchObject(request);
  });

  test("has the fields of the gateway, in camelCase or snake_case, with plain text or base64", () => {
    const request = parse({
      compare: [
        { key: "a", target: "VALUE", result: "EQUAL", value: "1" },
        { key: "a", range_end: "b", result: ">", mod_revision: "9007199254740993" },
        { key: { base64: "AP8" }, prefix: true, result: "!=", lease: "0x1f" },
      ],
      success: [
        { requestRange: { key: "a", prefix: true, limit: 3, sortOrder: "DESCEND", keysOnly: true } },
        { request_delete_range: { key: "", fromKey: true, prev_kv: true } },
        { requestTxn: { failure: [{ requestPut: { key: "k", ignoreValue: true } }] } },
      ],
      failure: null,
    });
    expect(request.compare).toMatchObject([
      { key: bytes("a"), target: 3, result: 0, targetUnion: { case: "value", value: bytes("1") } },
      { rangeEnd: bytes("b"), target: 2, result: 1, targetUnion: { value: 9007199254740993n } },
      { key: Buffer.of(0, 255), result: 3, targetUnion: { case: "lease", value: 31n } },
    ]);
    expect(request.success.map(({ request }) => request?.value)).toMatchObject([
      { key: bytes("a"), rangeEnd: bytes("b"), limit: 3n, sortOrder: 2, keysOnly: true },
      { key: Buffer.of(0), rangeEnd: Buffer.of(0), prevKv: true },
      { failure: [{ request: { value: { key: bytes("k"), ignoreValue: true } } }] },
    ]);
  });

  test("may be the body of a gateway request, with encoding base64", () => {
    const put = { requestPut: { key: "Zm9v", value: "AP8=" } };
    const [operation] = parse({ encoding: "base64", success: [put] }).success;
    expect(operation?.request?.value).toMatchObject({ key: bytes("foo"), value: Buffer.of(0, 255) });
  });

  test.each([
    ["", "1:1: unexpected end of JSON input"],
    ["[]", "1:1: expected an object, not an array"],
    ['{"success":\n  [{"requestPut": {"key": "a"}}]}', "2:19: success[0].requestPut: value is missing"],
    ['{"sucess": []}', "1:12: sucess: unknown field; the fields are encoding, compare, success, failure"],
    [
      '{"compare": [{"key": "a"}]}',
      "1:14: compare[0]: the value to compare with is missing: one of value, version, createRevision, modRevision, lease",
    ],
    [
      '{"compare": [{"key": "a", "target": "MOD", "value": "x"}]}',
      "1:14: compare[0]: target and value do not match",
    ],
    [
      '{"compare": [{"key": "a", "version": 1.5}]}',
      '1:38: compare[0].version: "1.5" is not a 64-bit integer',
    ],
    [
      '{"compare": [{"key": "a", "version": 9223372036854775808}]}',
      '1:38: compare[0].version: "9223372036854775808" is not a 64-bit integer',
    ],
    [
      '{"compare": [{"key": "a", "version": 1, "result": "=="}]}',
      "1:51: compare[0].result: expected one of EQUAL, GREATER, LESS, NOT_EQUAL, =, >, <, !=",
    ],
    [
      '{"success": [{}]}',
      "1:14: success[0]: expected exactly one of requestRange, requestPut, requestDeleteRange, requestTxn",
    ],
    [
      '{"success": [{"requestRange": {"key": {"base64": "!"}}}]}',
      '1:50: success[0].requestRange.key.base64: "!" is not base64',
    ],
    [
      '{"success": [{"requestRange": {"key": "a", "key": "b"}}]}',
      "1:51: success[0].requestRange.key: duplicate field key",
    ],
    [
      '{"success": [{"requestRange": {"key": "\\ud800"}}]}',
      "1:39: success[0].requestRange.key: the string has a lone surrogate (half a character)",
    ],
    [
      '{"success": [{"requestRange": {"key": "a", "range_end": "b", "prefix": true}}]}',
      "1:31: success[0].requestRange: only one of rangeEnd, prefix and fromKey can be used",
    ],
    ["[".repeat(2000), "1:1001: exceeded max depth"],
    ['{"a": "\u0001"}', "1:8: invalid character '\\x01' in string literal"],
    ['{"a": "x', "1:9: unexpected end of JSON input"],
    ["{} x", "1:4: invalid character 'x' after top-level value"],
  ])("%s is rejected with the position of the error", (text, message) => {
    expect(() => parseJsonTxn(bytes(text), "x.json")).toThrow(`x.json:${message}`);
  });

  test("must be UTF-8", () => {
    expect(() => parseJsonTxn(Buffer.of(0xff), "x.json")).toThrow("x.json: this is not UTF-8");
  });
});
