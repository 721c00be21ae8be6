// watch: the requests that a command line or a line of -i makes, the output, and the end of the command.
import { command } from "../../src/commands/watch";
import { interactiveLine } from "../../src/commands/watch/interactive";
import type { CliError } from "../../src/errors";
import { Interrupted, StartFailure } from "../../src/io";
import { ResponseHeader, type WatchCreateRequest, type WatchRequest } from "../../src/proto/gen/etcdserverpb";
import { Event, Event_EventType, KeyValue } from "../../src/proto/gen/mvccpb";
import type { CallOptions } from "../../src/transport/transport";
import { silence } from "../support/fake-transport";
import { ManualClock } from "../support/manual-clock";
import { runCommand, type RunOptions } from "../support/run-command";
import { until } from "../support/until";

const header = ResponseHeader.create({ revision: 9n });
const created = { header, created: true };
const kv = (key: string, value: string) =>
  KeyValue.create({ key: Buffer.from(key), value: Buffer.from(value), modRevision: 10n });
const two = {
  header,
  events: [
    Event.create({ kv: kv("a", '"1"') }),
    Event.create({ type: Event_EventType.DELETE, kv: kv("b\xff", "") }),
  ],
};
const compacted = { header, canceled: true, compactRevision: 7n };

/** Sends these responses to every watch, then nothing. */
const answering = (...messages: readonly object[]) => ({
  async *Watch(requests: AsyncIterable<WatchRequest>, options: CallOptions) {
    const rest = requests[Symbol.asyncIterator]();
    await rest.next();
    yield* messages;
    if ((await Promise.race([rest.next(), silence(options)])).value) {
      yield { header, watchId: -1n };
    }
    await silence(options);
  },
});

const watch = (words: readonly string[], options: RunOptions = {}) =>
  runCommand(command, words, {
    answers: answering(created, two, compacted),
    clock: new ManualClock(),
    ...options,
  });

async function failure(running: Promise<unknown>): Promise<CliError> {
  return running.then(
    () => {
      throw new Error("the command succeeded");
    },
    (error: unknown) => error as CliError,
  );
}

describe("the arguments of watch", () => {
  const bad = "bad number of arguments";
  test.each<[string[], Record<string, string>, string]>([
    [[], {}, bad],
    [["--prefix"], {}, bad],
    [["--", "echo"], {}, bad],
    [["a", "--"], {}, `${bad} (found separator --, but no commands)`],
    [["a"], { ETCDCTL_WATCH_KEY: "k" }, `${bad} (found conflicting environment key)`],
    [["a", "--", "echo"], { ETCDCTL_WATCH_KEY: "k" }, `${bad} (found conflicting environment key)`],
    [
      ["-i"],
      { ETCDCTL_WATCH_RANGE_END: 'a"' },
      'ETCDCTL_WATCH_KEY is empty but got ETCDCTL_WATCH_RANGE_END="a\\""',
    ],
    [["a", "b", "--prefix"], {}, "`range_end` and `--prefix` are mutually exclusive"],
  ])("%j with %j are rejected", async (words, env, message) => {
    expect(await failure(watch(words, { env }))).toMatchObject({ exitCode: 128, message });
  });

  test.each<[string[], Record<string, string>, [string, string]]>([
    [["a"], {}, ["a", ""]],
    [["a", "b"], {}, ["a", "b"]],
    [["a", "b", "c"], {}, ["a", ""]],
    [["--prefix", "a"], {}, ["a", "b"]],
    [["--prefix", ""], {}, ["\0", "\0"]],
    [[""], {}, ["", ""]],
    [[], { ETCDCTL_WATCH_KEY: "k" }, ["k", ""]],
    [[], { ETCDCTL_WATCH_KEY: "k", ETCDCTL_WATCH_RANGE_END: "l" }, ["k", "l"]],
    [["foo", "--", "echo", "echo"], {}, ["foo", ""]],
  ])("%j with %j are the range %j", async (words, env, range) => {
    const requests: WatchCreateRequest[] = [];
    const answers = {
      async *Watch(sent: AsyncIterable<WatchRequest>) {
        for await (const { requestUnion } of sent) {
          if (requestUnion?.case === "createRequest") requests.push(requestUnion.value);
          yield compacted;
        }
      },
    };
    await failure(watch(words, { env, answers }));
    expect(
      requests.map(({ key, rangeEnd }) => [String(Buffer.from(key)), String(Buffer.from(rangeEnd))]),
    ).toEqual([range]);
  });
});

test("watch prints events and ends when the server cancels it, with the oldest revision in a hint", async () => {
  const io: { stdout?: string; stderr?: string } = {};
  const error = await failure(
    watch(["a"], {
      before: ({ stdout, stderr }) =>
        Object.defineProperties(io, {
          stdout: { get: () => stdout.text },
          stderr: { get: () => stderr.text },
        }),
    }),
  );
  expect(io.stdout).toBe('PUT\na\n"1"\nDELETE\nb\xff\n\n'.replace("\xff", "ÿ"));
  expect(io.stderr).toBe("watch was canceled (etcdserver: mvcc: required revision has been compacted)\n");
  expect(error).toMatchObject({ exitCode: 5, message: "watch is canceled by the server" });
  expect(error.hints).toEqual(["the history before revision 7 is compacted: start with --rev=7 or later"]);
});

describe("a command for each event", () => {
  test("runs for one event after the other, without stdin, with the event in its environment, quoted as in Go", async () => {
    const seen: unknown[] = [];
    await failure(
      watch(["a", "--", "show", "it"], {
        onChild(child) {
          seen.push([child.argv, child.env, child.stdin ?? false]);
          child.end({ exitCode: 0 });
        },
      }),
    );
    const common = { ETCD_WATCH_REVISION: "9" };
    expect(seen).toEqual([
      [
        ["show", "it"],
        { ...common, ETCD_WATCH_EVENT_TYPE: '"PUT"', ETCD_WATCH_KEY: '"a"', ETCD_WATCH_VALUE: '"\\"1\\""' },
        false,
      ],
      [
        ["show", "it"],
        { ...common, ETCD_WATCH_EVENT_TYPE: '"DELETE"', ETCD_WATCH_KEY: '"bÿ"', ETCD_WATCH_VALUE: '""' },
        false,
      ],
    ]);
  });

  test.each([
    [{ exitCode: 7 }, "exit status 7"],
    [{ signal: "SIGKILL" }, "signal: killed"],
  ])("that ends with %j ends the watch", async (end, text) => {
    const ran = await watch(["a", "--", "nope", 'x"'], { onChild: (child) => child.end(end) });
    expect(ran).toMatchObject({ exitCode: 1, stderr: `command ["nope" "x\\""] error (${text})\n` });
    expect(ran.io.children).toHaveLength(1);
  });

  test("that cannot be started ends the watch", async () => {
    const onChild = () => {
      throw new StartFailure("exec: nope");
    };
    expect(await watch(["a", "--", "nope"], { onChild })).toMatchObject({
      ...{ exitCode: 1, stderr: 'command ["nope"] error (exec: nope)\n' },
    });
  });

  test("that keeps running does not prevent Ctrl-C from ending the watch", async () => {
    const running = watch(["a", "--", "sleep"], {
      onChild: (_, io) => void setImmediate(() => io.sendSignal("SIGINT")),
    });
    expect(await failure(running)).toBeInstanceOf(Interrupted);
  });
});

describe("watch -i", () => {
  type Input = string | ((stdout: () => string) => AsyncIterable<Uint8Array>);
  const interactive = async (input: Input, options: RunOptions = {}) => {
    const texts = { stdout: () => "", stderr: () => "" };
    const error = await failure(
      watch(["-i"], {
        stdin: typeof input === "string" ? input : input(() => texts.stdout()),
        answers: answering(created),
        before(io) {
          texts.stdout = () => io.stdout.text;
          texts.stderr = () => io.stderr.text;
        },
        ...options,
      }),
    );
    return { error, stdout: texts.stdout(), stderr: texts.stderr() };
  };

  test("reports and skips bad lines, and fails at the end of its input", async () => {
    const { error, stderr } = await interactive("\nget a\nwatch\nwatch a b --prefix\nwatch c");
    expect(stderr).toBe(
      "Invalid command:  (watch and progress supported)\n" +
        "Invalid command get a (only support watch)\n" +
        "Invalid command watch (command type or key is not provided)\n" +
        "Invalid command watch a b --prefix (`range_end` and `--prefix` are mutually exclusive)\n",
    );
    expect(error).toMatchObject({ exitCode: 3, message: "error reading watch request line: EOF" });
  });

  test.each([
    ["watch a --nope", 128, "unknown flag: --nope"],
    ["watch a -h", 128, "pflag: help requested"],
    ["watch a --help", 128, "pflag: help requested"],
    ["watch a --", 128, "bad number of arguments (found separator --, but no commands)"],
    ["watch --rev 4", 128, "bad number of arguments"],
    ['watch "a\\q"', 3, "invalid syntax"],
  ])("fails after the line %s", async (line, exitCode, message) => {
    expect((await interactive(`${line}\n`)).error).toMatchObject({ exitCode, message });
  });

  test("requests progress for every watch", async () => {
    const { stdout } = await interactive(async function* (printed) {
      yield Buffer.from("watch a\nwatch b\nprogress\n");
      await until("both watches have responded", () => printed().split("\n").length > 2);
    });
    expect(stdout).toBe("progress notify: 9\nprogress notify: 9\n");
  });

  test("ends if a command fails", async () => {
    async function* stdin() {
      yield Buffer.from("watch a -- false\n");
      await new Promise(() => undefined);
    }
    const answers = answering(created, two);
    const ran = await watch(["-i"], {
      stdin: stdin(),
      answers,
      onChild: (child) => child.end({ exitCode: 2 }),
    });
    expect(ran.exitCode).toBe(1);
  });

  test("a line has flags, quoted words, bytes that are not UTF-8, and a command", () => {
    const env = { key: "", rangeEnd: "" };
    expect(interactiveLine('watch --rev=3 --prev-kv \'a b\' "\\x00\\xff" -- echo "x y"', env)).toMatchObject({
      kind: "watch",
      request: { key: Buffer.from("a b"), rangeEnd: Buffer.from([0, 255]), startRevision: 3n, prevKv: true },
      command: ["echo", "x y"],
    });
    expect(interactiveLine("watch \xff", env)).toMatchObject({
      request: { key: Buffer.from([0xff]), startRevision: 0n },
    });
    expect(interactiveLine("watch b -- c", { key: "a", rangeEnd: "" })).toMatchObject({
      ...{ request: { key: Buffer.from("a"), rangeEnd: Buffer.from("b") }, command: ["c"] },
    });
  });
});
