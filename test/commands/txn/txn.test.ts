import { parseCompare } from "../../../src/commands/txn/compare";
import { splitWords, trimSpace } from "../../../src/commands/tokenize";
import { readTxn, command as txn } from "../../../src/commands/txn/txn";
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
    expect(() => parseCompare(line)).toThrow(expect.objectContaining({ exitCode: 3, message }));
  });

  test("only Unicode's blanks end an operator, not a byte of one of its letters", () => {
    const line = 'value("k") ≠ v';
    expect(() => parseCompare(Buffer.from(line).toString("latin1"))).toThrow(
      `malformed comparison: ${line}; got value("k") ≠ ""`,
    );
  });

  const quotes = "double quotes around the";
  const blanks = "blanks around the operator";
  const parentheses = "parentheses around the key";
  test.each([
    ['value("a")="1"', `missing: ${blanks}; write value("a") = "1"`],
    ['value("a")= "1"', `missing: ${blanks}; write value("a") = "1"`],
    ['value("a") !="1"', `missing: ${blanks}; write value("a") != "1"`],
    ["value(a) = 1", `missing: ${quotes} key, ${quotes} value; write value("a") = "1"`],
    ["mod(a/b)>0", `missing: ${quotes} key, ${blanks}, ${quotes} value; write mod("a/b") > "0"`],
    [`value('a"') = '1'`, `missing: ${quotes} key, ${quotes} value; write value("a\\"") = "1"`],
    ['value("a" = "1"', `missing: ${parentheses}; write value("a") = "1"`],
    ['val ("k") = "v"', 'no blank may follow val; write val("k") = "v"'],
    ["value a = 1", `missing: ${parentheses}, ${quotes} key, ${quotes} value; write value("a") = "1"`],
    [
      'value("a")',
      'missing: an operator (=, !=, < or >), a value after the operator; a right line is value("a") = "1"',
    ],
    ['value("a") =', 'missing: a value after the operator; a right line is value("a") = "1"'],
    ['mod("a") = "x"', 'mod compares with a number, such as mod("a") = "1"'],
    [
      'vlue("a") = "1"',
      'a condition is TARGET("KEY") OPERATOR "VALUE", such as value("a") = "1"; TARGET is value, version, create, mod or lease',
    ],
    [
      Buffer.from("value(ä) = 1").toString("latin1"),
      `missing: ${quotes} key, ${quotes} value; write value("ä") = "1"`,
    ],
  ])("%s gets a hint that names what is missing", (line, hint) => {
    expect(() => parseCompare(line)).toThrow(expect.objectContaining({ exitCode: 3, hints: [hint] }));
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

  describe("with -i on a terminal", () => {
    const answers = { Txn: () => ({ succeeded: true }) };
    const lines = [
      'value("a")="1"',
      'value("a") == "1"',
      'value("a") = "1"',
      "",
      "put",
      "get a --nope",
      "put k v",
      "",
      "",
    ];
    const stdin = lines.map((line) => `${line}\n`).join("");

    test("asks again for a line with a mistake and keeps the others", async () => {
      const { calls, stderr } = await runCommand(txn, ["-i"], { answers, stdin, terminal: true });
      expect(calls.map(({ request }) => request)).toMatchObject([
        { compare: [{ key: bytes("a") }], success: [{ request: { case: "requestPut" } }], failure: [] },
      ]);
      const again = "\u001b[2mhint: type this line again; the lines before it are kept\u001b[22m";
      expect(stderr.split("\n").filter((line) => line.startsWith("Error:") || line === again)).toEqual([
        'Error: malformed comparison: value("a")="1"; got value("a")  ""',
        again,
        "Error: Unknown result op",
        again,
        "Error: invalid txn compare request: put",
        again,
        "Error: invalid txn request: get a --nope",
        again,
      ]);
    });

    test.each([
      ["in a pipe", ["-i"], false],
      ["on a terminal without -i", [], true],
    ])("but ends at the first mistake, as Go's etcdctl does, %s", async (_, words, terminal) => {
      await expect(runCommand(txn, words, { answers, stdin, terminal })).rejects.toMatchObject({
        exitCode: 3,
        message: expect.stringContaining("malformed comparison"),
      });
    });
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
