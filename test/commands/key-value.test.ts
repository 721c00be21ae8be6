import { command as compaction } from "../../src/commands/compaction";
import { command as del } from "../../src/commands/del";
import { command as get } from "../../src/commands/get";
import { command as put } from "../../src/commands/put";
import { CliError } from "../../src/errors";
import { prefixEnd } from "../../src/etcd/keys";
import { Interrupted } from "../../src/io";
import { ResponseHeader, type RangeRequest } from "../../src/proto/gen/etcdserverpb";
import { KeyValue } from "../../src/proto/gen/mvccpb";
import type { Answers } from "../support/fake-transport";
import { ManualClock } from "../support/manual-clock";
import { runCommand, type RunOptions } from "../support/run-command";

const bytes = (text: string) => Buffer.from(text);
const kv = (key: string, value: string) => KeyValue.create({ key: bytes(key), value: bytes(value) });

async function failure(run: Promise<unknown>) {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CliError)) throw new Error(`no CliError: ${String(error)}`);
  return [error.exitCode, error.message];
}

describe("put", () => {
  const answers: Answers = { Put: () => ({}) };
  const request = async (words: string[], options: RunOptions = {}) =>
    (await runCommand(put, words, { answers, ...options })).calls[0]?.request as unknown;

  test("takes the value from the command line and ignores further arguments", async () => {
    const { stdout, calls } = await runCommand(put, ["k", "v", "surplus"], { answers, stdin: "unread" });
    expect(stdout).toBe("OK\n");
    expect(calls[0]?.request).toMatchObject({ key: bytes("k"), value: bytes("v") });
  });

  test("takes all bytes of stdin if there is no value argument", async () => {
    const stdin = Buffer.from([0x00, 0xff, 0x0a]);
    expect(await request(["k"], { stdin })).toMatchObject({ value: stdin });
  });

  test("takes values that look like flags after --", async () => {
    expect(await request(["k", "--", "-v"])).toMatchObject({ value: bytes("-v") });
    expect(await request(["--", "-k", "--lease"])).toMatchObject({ key: bytes("-k") });
  });

  test("sends the lease and the options", async () => {
    const words = ["k", "--lease=1f", "--prev-kv", "--ignore-value", "--ignore-lease"];
    const options = { lease: 31n, prevKv: true, ignoreValue: true, ignoreLease: true };
    expect(await request(words, { stdin: "unread" })).toMatchObject({ ...options, value: bytes("") });
  });

  test.each([
    [[], "put command needs 1 argument and input from stdin or 2 arguments"],
    [["k"], "put command needs 1 argument and input from stdin or 2 arguments"],
    [["k", "v", "--ignore-value"], "put command needs only 1 argument when 'ignore-value' is set"],
    [
      ["k", "v", "--lease=xyz"],
      'bad lease ID (strconv.ParseInt: parsing "xyz": invalid syntax), expecting ID in Hex',
    ],
  ])("refuses %j", async (words, message) => {
    expect(await failure(runCommand(put, words))).toEqual([128, message]);
  });
});

describe("get", () => {
  const kvs = [kv("a", "1"), kv("b", "2")];
  const answers: Answers = {
    Range: () => ({ header: ResponseHeader.create({ revision: 7n }), kvs, count: 2n }),
  };
  const request = async (words: string[]) =>
    (await runCommand(get, words, { answers: { Range: () => ({}) } })).calls[0]?.request as RangeRequest;

  test("the executable collects garbage after each 15,000 keys, and only there", async () => {
    const collections: boolean[] = [];
    const many = Array.from({ length: 40_000 }, () => kv("a", "1"));
    const all: Answers = { Range: () => ({ kvs: many, count: 40_000n }) };
    const run = async (words: string[]) => (await runCommand(get, words, { answers: all })).stdout.length;
    const global = globalThis as { Bun?: { gc(waits: boolean): void } };
    global.Bun = { gc: (waits) => void collections.push(waits) };
    try {
      expect(await run(["a", "--prefix"])).toBe(4 * 40_000);
      expect(collections).toEqual([true, true]);
    } finally {
      delete global.Bun;
    }
    expect(await run(["a", "--prefix"])).toBe(4 * 40_000);
    expect(collections).toHaveLength(2);
  });

  test("prints keys and values", async () => {
    expect((await runCommand(get, ["a"], { answers })).stdout).toBe("a\n1\nb\n2\n");
    expect((await runCommand(get, ["a", "--print-value-only"], { answers })).stdout).toBe("1\n2\n");
  });

  test.each<[string[], Partial<RangeRequest>]>([
    [["a"], { key: bytes("a"), rangeEnd: bytes("") }],
    [["a", "c", "surplus"], { key: bytes("a"), rangeEnd: bytes("c") }],
    [["a", "--prefix"], { key: bytes("a"), rangeEnd: bytes("b") }],
    [["", "--prefix"], { key: bytes("\0"), rangeEnd: bytes("\0") }],
    [["a", "--from-key"], { key: bytes("a"), rangeEnd: bytes("\0") }],
    [["", "--from-key"], { key: bytes("\0"), rangeEnd: bytes("\0") }],
    [["a", "--rev=-3"], { revision: 0n }],
    [["a", "--order=ascend"], { sortOrder: 0, sortTarget: 0 }],
    [["a", "--order=descend", "--sort-by=modify"], { sortOrder: 2, sortTarget: 3 }],
    [["a", "--sort-by=VALUE"], { sortOrder: 0, sortTarget: 4 }],
    [["a", "--consistency=s", "--limit=3"], { serializable: true, limit: 3n }],
    [
      ["a", "--min-create-rev=1", "--max-create-rev=2", "--min-mod-rev=3", "--max-mod-rev=4"],
      { minCreateRevision: 1n, maxCreateRevision: 2n, minModRevision: 3n, maxModRevision: 4n },
    ],
  ])("%j becomes the request that Go's client sends", async (words, part) => {
    expect(await request(words)).toMatchObject(part);
  });

  test.each<[string[], number, string]>([
    [[], 128, "get command needs one argument as key and an optional argument as range_end"],
    [
      ["a", "--prefix", "--from-key"],
      128,
      "`--prefix` and `--from-key` cannot be set at the same time, choose one",
    ],
    [
      ["a", "--keys-only", "--count-only"],
      128,
      "`--keys-only` and `--count-only` cannot be set at the same time, choose one",
    ],
    [["a", "b", "--prefix", "--consistency=x"], 4, 'unknown consistency flag "x"'],
    [
      ["a", "b", "--prefix", "--order=x"],
      128,
      "too many arguments, only accept one argument when `--prefix` or `--from-key` is set",
    ],
    [["a", "--order=x"], 4, "bad sort order x"],
    [["a", "--sort-by=x"], 4, "bad sort target x"],
    [["a", "--min-create-rev=3", "--max-create-rev=2"], 4, "getMinCreateRev(=3) > getMaxCreateRev(=2)"],
    [["a", "--min-mod-rev=3", "--max-mod-rev=2"], 4, "getMinModRev(=3) > getMaxModRev(=2)"],
  ])("refuses %j", async (words, exitCode, message) => {
    expect(await failure(runCommand(get, words))).toEqual([exitCode, message]);
  });

  test("rejects a format that does not support --print-value-only after the response", async () => {
    let asked = 0;
    const Range = () => ({ count: BigInt(++asked) });
    const options = { answers: { Range }, format: "json" };
    expect(await failure(runCommand(get, ["a", "--print-value-only"], options))).toEqual([
      128,
      "print-value-only is only for `--write-out=simple`",
    ]);
    expect(asked).toBe(1);
  });
});

describe("del", () => {
  const answers: Answers = { DeleteRange: () => ({ deleted: 2n }) };

  test("deletes a prefix without a delay", async () => {
    const { stdout, stderr, calls } = await runCommand(del, ["a", "--prefix", "--prev-kv"], { answers });
    expect([stdout, stderr]).toEqual(["2\n", ""]);
    expect(calls[0]?.request).toMatchObject({ key: bytes("a"), rangeEnd: bytes("b"), prevKv: true });
  });

  test("warns two seconds before it deletes a range, unless --range is set", async () => {
    const clock = new ManualClock();
    const startMs = clock.now();
    let ran: Awaited<ReturnType<typeof runCommand>> | undefined;
    void runCommand(del, ['a"', "b"], { answers, clock }).then((done) => (ran = done));
    await clock.runUntil(() => ran !== undefined);
    expect(clock.now() - startMs).toBe(2000);
    expect(ran?.stderr).toBe(
      'Warning: Keys between "a\\"" and "b" will be deleted. Please interrupt the command within next 2 seconds' +
        " to cancel. You can provide `--range` flag to avoid the delay.\n",
    );
    const meant = await runCommand(del, ["a", "b", "--range"], { answers });
    expect([meant.stdout, meant.stderr]).toEqual(["2\n", ""]);
  });

  test("deletes nothing if it is interrupted during the delay", async () => {
    const calls: unknown[] = [];
    const recording: Answers = { DeleteRange: (request) => void calls.push(request) };
    const interrupted = runCommand(del, ["a", "b"], {
      answers: recording,
      before: (io) => setImmediate(() => io.sendSignal("SIGINT")),
    });
    await expect(interrupted).rejects.toBeInstanceOf(Interrupted);
    expect(calls).toEqual([]);
  });

  test("rejects three arguments", async () => {
    const message = "del command needs one argument as key and an optional argument as range_end";
    expect(await failure(runCommand(del, ["a", "b", "c"]))).toEqual([128, message]);
  });
});

describe("compaction", () => {
  test("prints the same line in every format", async () => {
    const answers: Answers = { Compact: () => ({}) };
    const { stdout, calls } = await runCommand(compaction, ["7", "--physical"], { answers, format: "json" });
    expect(stdout).toBe("compacted revision 7\n");
    expect(calls[0]?.request).toEqual({ revision: 7n, physical: true });
  });

  test("exits with code 1 for a bad revision and 128 for a missing one", async () => {
    const badNumber = 'strconv.ParseInt: parsing "x": invalid syntax';
    expect(await failure(runCommand(compaction, ["x"]))).toEqual([1, badNumber]);
    expect(await failure(runCommand(compaction, []))).toEqual([128, "compaction command needs 1 argument"]);
  });
});

test("the range end of a prefix is the next key that does not begin with it", () => {
  expect(prefixEnd(Buffer.from("ab"))).toEqual(Uint8Array.from(Buffer.from("ac")));
  expect(prefixEnd(Uint8Array.of(0x61, 0xff))).toEqual(Uint8Array.of(0x62));
  expect(prefixEnd(Uint8Array.of(0xff, 0xff))).toEqual(Uint8Array.of(0));
});
