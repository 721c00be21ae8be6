import { command as compaction } from "../../src/commands/compaction";
import { command as del } from "../../src/commands/del";
import { command as get } from "../../src/commands/get";
import { serverError } from "../../src/etcd/error-table";
import { ResponseHeader } from "../../src/proto/gen/etcdserverpb";
import { KeyValue } from "../../src/proto/gen/mvccpb";
import type { Answers } from "../support/fake-transport";
import { runCommand } from "../support/run-command";

const kvs = ["a", "ab"].map((key) => KeyValue.create({ key: Buffer.from(key), value: Buffer.from("1") }));
const answers: Answers = {
  Range: ({ countOnly }: { countOnly: boolean }) => ({ count: 2n, kvs: countOnly ? [] : kvs }),
  DeleteRange: () => ({ deleted: 2n }),
};
const methods = (ran: Awaited<ReturnType<typeof runCommand>>) => ran.calls.map(({ method }) => method);

describe("del on a terminal with ETCDCTL_CONFIRM=1", () => {
  const atTerminal = { answers, terminal: true, env: { ETCDCTL_CONFIRM: "1" } };

  test.each([
    [["a", "--prefix"], '2 keys beginning with "a"'],
    [["", "--prefix"], "2 keys - every key in the cluster"],
    [["a", "--from-key"], '2 keys from "a" on'],
    [["a", "k", "--range"], '2 keys from "a" up to "k"'],
  ])("asks before it deletes %j", async (words, what) => {
    const ran = await runCommand(del, words, { ...atTerminal, stdin: "yes\n" });
    expect(ran.stderr).toBe(`This deletes ${what}. Continue? [y/N] `);
    expect(methods(ran)).toEqual(["Range", "DeleteRange"]);
  });

  test.each(["n\n", "\n", "", "yesterday\n"])("deletes nothing after the answer %j", async (stdin) => {
    const asked: string[] = [];
    const recording = { ...answers, DeleteRange: () => void asked.push("deleted") };
    const ran = runCommand(del, ["a", "--prefix"], { ...atTerminal, answers: recording, stdin });
    await expect(ran).rejects.toMatchObject({
      exitCode: 1,
      message: "not confirmed: nothing has been deleted",
    });
    expect(asked).toEqual([]);
  });

  test("does not ask with --yes, for one key, or for an empty range", async () => {
    const none = { ...answers, Range: () => ({}) };
    expect((await runCommand(del, ["a", "--prefix", "--yes"], atTerminal)).stderr).toBe("");
    expect((await runCommand(del, ["a"], atTerminal)).stderr).toBe("");
    expect((await runCommand(del, ["a", "--prefix"], { ...atTerminal, answers: none })).stderr).toBe("");
  });

  test("asks without a count if the user has no read permission", async () => {
    const Range = () => {
      throw serverError("permissionDenied");
    };
    const ran = await runCommand(del, ["a", "--prefix"], {
      ...atTerminal,
      answers: { ...answers, Range },
      stdin: "y\n",
    });
    expect(ran.stderr).toContain("no permission to count them");
    expect(ran.stdout).toBe("2\n");
  });
});

test.each([
  ["without a terminal", { env: { ETCDCTL_CONFIRM: "1" } }],
  ["on a terminal without ETCDCTL_CONFIRM", { terminal: true }],
  ["on a terminal with ETCDCTL_CONFIRM=0", { terminal: true, env: { ETCDCTL_CONFIRM: "0" } }],
])("del does not ask %s", async (_, where) => {
  const ran = await runCommand(del, ["", "--prefix"], { answers, stdin: "n\n", ...where });
  expect([ran.stdout, ran.stderr, methods(ran)]).toEqual(["2\n", "", ["DeleteRange"]]);
});

describe("del --dry-run", () => {
  test.each([
    [["a", "--prefix"], "2\n"],
    [["a", "--prefix", "--prev-kv"], "2\na\n1\nab\n1\n"],
    [["a", "k"], "2\n"],
  ])("with %j prints the output of del, and deletes nothing", async (words, stdout) => {
    const ran = await runCommand(del, [...words, "--dry-run"], { answers, terminal: true });
    expect(ran.stdout).toBe(stdout);
    expect(ran.stderr).toBe("\u001b[2mhint: this was a dry run, nothing has been deleted\u001b[22m\n");
    expect(methods(ran)).toEqual(["Range"]);
  });
});

describe("get --fail-if-missing", () => {
  const failing = (words: string[], found: unknown, format = "simple") =>
    runCommand(get, [...words, "--fail-if-missing"], { answers: { Range: () => found }, format });

  test("exits with code 1 for a missing key or an empty range", async () => {
    await expect(failing(["a"], {})).rejects.toMatchObject({ exitCode: 1, message: 'no key "a"' });
    await expect(failing(["a", "--prefix"], { count: 3n })).rejects.toMatchObject({
      exitCode: 1,
      message: 'no key in the range that begins at "a"',
    });
    await expect(failing(["a", "--count-only"], {}, "fields")).rejects.toMatchObject({ exitCode: 1 });
  });

  test("changes nothing if there is a key", async () => {
    expect((await failing(["a"], { kvs, count: 2n })).exitCode).toBe(0);
    expect((await failing(["a", "--prefix", "--count-only"], { count: 2n }, "fields")).exitCode).toBe(0);
  });
});

describe("compaction current", () => {
  const Range = () => ({ header: ResponseHeader.create({ revision: 9n }) });

  test("compacts at the current revision", async () => {
    const { stdout, calls } = await runCommand(compaction, ["current", "--physical"], {
      answers: { Range, Compact: () => ({}) },
    });
    expect(stdout).toBe("compacted revision 9\n");
    expect(calls.at(-1)?.request).toEqual({ revision: 9n, physical: true });
  });

  test("succeeds if the current revision is compacted already; a typed revision fails", async () => {
    const Compact = () => {
      throw serverError("compacted");
    };
    expect((await runCommand(compaction, ["current"], { answers: { Range, Compact } })).exitCode).toBe(0);
    await expect(runCommand(compaction, ["9"], { answers: { Compact } })).rejects.toThrow(
      "has been compacted",
    );
  });
});
