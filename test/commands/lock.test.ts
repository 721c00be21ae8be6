// lock on an embedded server: output, the command under the lock, exit codes, and the loss of the lock.
import { parseFlags } from "../../src/input/parse-flags";
import { createClient } from "../../src/client/client";
import type { CommandContext } from "../../src/commands/command";
import { command } from "../../src/commands/lock";
import type { CliError } from "../../src/errors";
import { EtcdError, StatusCode } from "../../src/errors";
import { startEmbeddedServer, type EmbeddedServer } from "../../src/index";
import type { Signal } from "../../src/io";
import { loadPrinter } from "../../src/output/load-printer";
import { LeaseRevokeRequest } from "../../src/proto/gen/etcdserverpb";
import { openTransport } from "../../src/transport/open";
import { deleteRequest, putRequest, rangeRequest } from "../support/requests";
import { testIo, type TestChild, type TestIo, type TestIoOptions } from "../support/test-io";
import { until, withLongerDeadline } from "../support/until";

let server: EmbeddedServer;
const open: { close(): Promise<void> }[] = [];
beforeEach(async () => {
  server = await startEmbeddedServer();
});
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  await server.stop();
});

async function connected() {
  const io = testIo();
  const client = createClient(await openTransport({ endpoints: [server.endpoint], clock: io.clock }));
  open.push(client);
  return client;
}

/** Runs the command; `end` is its exit code or its error. */
async function lock(words: readonly string[], options: TestIoOptions = {}) {
  const io = testIo(options);
  const client = await connected();
  const stream = () => ({ signal: io.interrupt });
  const call = () => ({ ...stream(), deadlineAt: io.clock.now() + 5000 });
  const printer = () => loadPrinter("simple", { hex: false });
  const context = {
    io,
    connect: async () => ({ client, printer: await printer() }),
    printer,
    call,
    stream,
    longCall: stream,
  } as unknown;
  const { values, args } = parseFlags(command.flags, words);
  const end = (async () => command.run(context as CommandContext, args, values))().catch(
    (error: unknown) => error as CliError,
  );
  return { io, end };
}

const holders = async () =>
  (await (await connected()).kv.range(rangeRequest("l/", "l0"))).kvs.map(({ key, lease }) => ({
    key: String(Buffer.from(key)),
    lease,
  }));
const shown = ({ stdout }: TestIo) => until("the lock is printed", () => stdout.text.includes("l/"));

test("lock holds the lock until a signal, then releases it", async () => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    const { io, end } = await lock(["l"]);
    await shown(io);
    const [holder] = await holders();
    expect(io.stdout.text).toBe(`${holder?.key}\n\n`);
    expect(holder?.key).toBe(`l/${holder?.lease.toString(16)}`);
    io.sendSignal(signal);
    expect(await end).toBe(0);
    expect(await holders()).toEqual([]);
  }
});

test("lock waits for the holders before it, and leaves no key if it is interrupted while it waits", async () => {
  const first = await lock(["l"]);
  await shown(first.io);
  const second = await lock(["l"]);
  await until("two processes wait", async () => (await holders()).length === 2);
  const third = await lock(["l"]);
  await until("three processes wait", async () => (await holders()).length === 3);
  second.io.sendSignal("SIGINT");
  expect(await second.end).toMatchObject({ message: "context canceled" });
  expect(await holders()).toHaveLength(2);
  expect(third.io.stdout.text).toBe("");
  first.io.sendSignal("SIGINT");
  await shown(third.io);
  third.io.sendSignal("SIGINT");
  expect(await third.end).toBe(0);
});

test.each([
  [["--try"], "mutex: Locked by another session"],
  [["--timeout", "50ms"], "mutex: Locked by another session, still after 50ms"],
])("lock %j exits with code 75 if the lock is held", async (flags, message) => {
  const first = await lock(["l"]);
  await shown(first.io);
  const second = await lock([...flags, "l"]);
  expect(await second.end).toMatchObject({ exitCode: 75, message });
  expect(await holders()).toHaveLength(1);
  first.io.sendSignal("SIGINT");
  await first.end;
  await withLongerDeadline(50, async (ms) => {
    const third = await lock([...flags.map((word) => word.replace("50ms", `${ms}ms`)), "l", "true"]);
    expect(await third.end).toBe(0);
  });
});

describe("a command under the lock", () => {
  const withChild = (onChild: (child: TestChild, io: TestIo) => void) => ({ onChild });

  test("gets stdin and the lock in its environment; then the lock is released", async () => {
    const { io, end } = await lock(["l", "do", "it"]);
    expect(await end).toBe(0);
    expect(io.children).toMatchObject([
      {
        argv: ["do", "it"],
        stdin: true,
        env: { ETCD_LOCK_KEY: expect.stringMatching(/^l\/[0-9a-f]+$/) as string, ETCD_LOCK_REV: "2" },
      },
    ]);
    expect(await holders()).toEqual([]);
  });

  test.each([
    [{ exitCode: 7 }, 7, "exit status 7"],
    [{ signal: "SIGTERM" }, 255, "signal: terminated"],
  ])("that ends with %j makes lock exit with code %d", async (childEnd, exitCode, message) => {
    const { end } = await lock(
      ["l", "x"],
      withChild((child) => child.end(childEnd)),
    );
    expect(await end).toMatchObject({ exitCode, message });
  });

  test.each<[boolean, Signal[]]>([
    [false, ["SIGINT", "SIGTERM", "SIGHUP"]],
    // A terminal sends Ctrl-C to the command too.
    [true, ["SIGTERM", "SIGHUP"]],
  ])("receives the signals (on a terminal: %s)", async (terminal, kills) => {
    const { io, end } = await lock(["l", "x"], { terminal, onChild: () => undefined });
    await until("the command runs", () => io.children.length > 0);
    await new Promise((resolve) => setImmediate(resolve));
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) io.sendSignal(signal);
    expect(io.children[0]?.kills).toEqual(kills);
    io.children[0]?.end({ exitCode: 3 });
    expect(await end).toMatchObject({ exitCode: 3 });
    expect(await holders()).toEqual([]);
  });

  const keepsRunning = /lock l is lost: the server has ended it; the command keeps running/;
  const isEnded = /lock l is lost: the server has ended it; ending the command/;
  const killed = "session expired (the command: exit status 4)";
  test.each([
    { flags: [], childExit: 4, exitCode: 4, message: "exit status 4", hint: keepsRunning, kills: [] },
    { flags: [], childExit: 0, exitCode: 1, message: "session expired", hint: keepsRunning, kills: [] },
    {
      ...{ flags: ["--on-lost=kill"], childExit: 4, exitCode: 1, message: killed },
      ...{ hint: isEnded, kills: ["all, 5000 ms"] },
    },
  ])(
    "with $flags and exit code $childExit: a lock that is lost is reported, and lock ends with $exitCode",
    async ({ flags, childExit, exitCode, message, hint, kills }) => {
      const { io, end } = await lock([...flags, "--ttl", "2", "l", "x"], { onChild: () => undefined });
      await until("the command runs", () => io.children.length > 0);
      const [holder] = await holders();
      const client = await connected();
      await client.lease.leaseRevoke(LeaseRevokeRequest.create({ ID: holder?.lease ?? 0n }));
      await until("the hint is printed", () => hint.test(io.stderr.text));
      expect(io.children[0]?.kills).toEqual(kills);
      // Another session holds the lock now, under a different key.
      await client.kv.put(putRequest("l/1", "other"));
      io.children[0]?.end({ exitCode: childExit });
      expect(await end).toMatchObject({ exitCode, message });
      expect(await holders()).toHaveLength(1);
    },
  );

  test.each([
    [0, 1, "mutex: lock has already been released"],
    [4, 4, "exit status 4"],
  ])(
    "with exit code %d makes lock exit with %d if the lock's key is deleted",
    async (childExit, exitCode, message) => {
      const { io, end } = await lock(["l", "x"], { onChild: () => undefined });
      await until("the command runs", () => io.children.length > 0);
      const client = await connected();
      await client.kv.deleteRange(deleteRequest("l/", "l0"));
      io.children[0]?.end({ exitCode: childExit });
      const hints = ["the lock l was lost before the command ended: its key is deleted"];
      expect(await end).toMatchObject({ exitCode, message, hints });
    },
  );
});

test("lock fails if the lock is lost while it runs without a command", async () => {
  const { io, end } = await lock(["--ttl", "2", "l"]);
  await shown(io);
  const [holder] = await holders();
  await (await connected()).lease.leaseRevoke(LeaseRevokeRequest.create({ ID: holder?.lease ?? 0n }));
  expect(await end).toMatchObject({ exitCode: 1, message: "session expired" });
});

test("lock rejects bad arguments", async () => {
  expect(await (await lock([])).end).toMatchObject({
    ...{ exitCode: 128, message: "lock takes a lock name argument and an optional command to execute" },
  });
  expect(await (await lock(["--on-lost", "cry", "l"])).end).toMatchObject({ exitCode: 128 });
  const { end } = await lock(["--ttl", "99999999999", "l"]);
  expect(await end).toBeInstanceOf(EtcdError);
  expect(await end).toMatchObject({
    code: StatusCode.OutOfRange,
    message: "etcdserver: too large lease TTL",
  });
});
