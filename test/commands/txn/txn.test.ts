import { parseCompare } from "../../../src/commands/txn/compare";
import { splitWords, trimSpace } from "../../../src/commands/tokenize";
import { readTxn, command as txn } from "../../../src/commands/txn/txn";
import { CliError } from "../../../src/errors";
import { Compare_CompareResult, Compare_CompareTarget } from "../../../src/proto/gen/etcdserverpb";
import { runCommand } from "../../support/run-command";
import { testIo } from "../../support/test-io";

const read = (stdin: string | Uint8Array) => readTxn(testIo({ stdin }), false);
const bytes = (text: string) => Buffer.from(text);

describe("a line", () => {
  test.each([
    ["put a b", ["put", "a", "b"]],
    [`put "a b" 'c "d'`, ["put", "a b", 'c "d']],
    ['put k "line\\nbreak\\x21"', ["put", "k", "line\nbreak!"]],
    ["put a'b c", ["put", "a'b", "c"]],
    [`put '' ""`, ["put", "", ""]],
    ["  get\ta  ", ["get", "a"]],
  ])("%j is split into %j", (line, words) => {
    expect(splitWords(line)).toEqual(words);
  });

  test("with a bad escape is rejected", () => {
    expect(() => splitWords('put "\\q" b')).toThrow("invalid syntax");
  });

  test("loses the white space around it, including Unicode white space", () => {
    expect(trimSpace(Buffer.from("\u00a0\t get a \u3000\r").toString("latin1"))).toBe("get a");
  });
});

describe("a condition", () => {
  const { VALUE, VERSION, CREATE, MOD, LEASE } = Compare_CompareTarget;
  const { EQUAL, GREATER, LESS, NOT_EQUAL } = Compare_CompareResult;

  test.each([
    ['value("k") = "v"', VALUE, EQUAL, bytes("v")],
    ['val("k")  !=   "v"  and more', VALUE, NOT_EQUAL, bytes("v")],
    ["value(`k`) = `v`", VALUE, EQUAL, bytes("v")],
    ['ver("k") > "3"', VERSION, GREATER, 3n],
    ['version("k") < "3"', VERSION, LESS, 3n],
    ['c("k") = "3"', CREATE, EQUAL, 3n],
    ['create("k") = "3"', CREATE, EQUAL, 3n],
    ['m("k") = "3"', MOD, EQUAL, 3n],
    ['mod("k") = "-3"', MOD, EQUAL, -3n],
    ['lease("k") = "1f"', LEASE, EQUAL, 31n],
  ])("%s is parsed", (line, target, result, value) => {
    const compare = parseCompare(line);
    expect(compare).toMatchObject({ key: bytes("k"), target, result });
    expect(compare.targetUnion?.value).toEqual(value);
  });

  test.each([
    ["foo", "malformed comparison: foo"],
    ["value(k) = v", 'malformed comparison: value(k) = v; got value("")  ""'],
    ['value("k")="v"', 'malformed comparison: value("k")="v"; got value("k")  ""'],
    ['value("k") = v', 'malformed comparison: value("k") = v; got value("k") = ""'],
    ['val ("k") = "v"', 'malformed comparison: val ("k") = "v" (unknown target val )'],
    ['mod("k") = "x"', 'invalid txn compare request: mod("k") = "x"'],
  ])("%s is rejected", (line, message) => {
    expect(() => parseCompare(line)).toThrow(new CliError(3, message));
  });

  test("with an unknown operator ends like Go's etcdctl, with a hint about the operators", async () => {
    const stdin = 'value("k") == "v"\n\n\n\n';
    const { exitCode, stderr } = await runCommand(txn, [], { stdin });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^panic: Unknown result op\n[^]*hint: .*=, !=, < or >/);
  });
});

describe("a transaction", () => {
  test("has requests with the flags of put, get and del", async () => {
    const input = '\nput k "a b" --lease 1f --prev-kv\nget --prefix p --limit=2\n\nde x --from-key\n\n';
    const { compare, success, failure } = await read(input);
    expect(compare).toEqual([]);
    expect(success.map(({ request }) => request)).toMatchObject([
      { case: "requestPut", value: { key: bytes("k"), value: bytes("a b"), lease: 31n, prevKv: true } },
      { case: "requestRange", value: { key: bytes("p"), rangeEnd: bytes("q"), limit: 2n } },
    ]);
    expect(failure).toMatchObject([
      { request: { case: "requestDeleteRange", value: { key: bytes("x"), rangeEnd: bytes("\0") } } },
    ]);
  });

  test("keeps bytes that are not UTF-8, and applies flags only to their line", async () => {
    const { success } = await read(Buffer.from("\nput k \xff\xfe --prev-kv\nput k2 v\n\n\n", "latin1"));
    expect(success).toMatchObject([
      { request: { value: { value: Buffer.of(0xff, 0xfe), prevKv: true } } },
      { request: { value: { prevKv: false } } },
    ]);
  });

  test("may end with the input in a block of requests", async () => {
    expect(await read('mod("k") = "0"\n\nput k v')).toMatchObject({ success: [{}], failure: [] });
    expect(await read("\n\nput k v\n")).toMatchObject({ success: [], failure: [{}] });
    await expect(read("")).rejects.toMatchObject({ exitCode: 3, message: "EOF" });
    await expect(read('mod("k") = "0"\n')).rejects.toMatchObject({ exitCode: 3, message: "EOF" });
  });

  test.each([
    ["put", 3, "invalid txn compare request: put"],
    ["nope a b", 3, "invalid txn request: nope a b"],
    ["put k", 128, "put command needs 1 argument and input from stdin or 2 arguments"],
    ["get a --order up", 4, "bad sort order up"],
    ["get a --nope", 3, "invalid txn request: get a --nope"],
  ])("rejects the request %j", async (line, exitCode, message) => {
    await expect(read(`\n${line}\n\n\n`)).rejects.toMatchObject({ exitCode, message });
  });

  test("prompts only with -i, and is sent in one request", async () => {
    const answers = { Txn: () => ({ succeeded: true }) };
    const { stdout, calls } = await runCommand(txn, ["-i"], { answers, stdin: "\nput k v\n\n\n" });
    expect(stdout).toBe(
      "compares:\nsuccess requests (get, put, del):\nfailure requests (get, put, del):\nSUCCESS\n",
    );
    expect(calls).toHaveLength(1);
    expect((await runCommand(txn, [], { answers, stdin: "\n\n\n" })).stdout).toBe("SUCCESS\n");
  });

  test("takes no arguments", async () => {
    await expect(runCommand(txn, ["x"])).rejects.toMatchObject({
      exitCode: 128,
      message: "txn command does not accept argument",
    });
  });
});
