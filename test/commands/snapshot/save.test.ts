import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { link, mkdir, readdir, readFile, stat, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { snapshotSave as save } from "../../../src/commands/snapshot/save";
import { EtcdError, StatusCode } from "../../../src/errors";
import { ResponseHeader, StatusResponse } from "../../../src/proto/gen/etcdserverpb";
import { silence, type Answer, type Answers } from "../../support/fake-transport";
import { runCommand, type RunOptions } from "../../support/run-command";
import { workFolder } from "../../support/work-folder";

const database = randomBytes(512 * 20);
const whole = Buffer.concat([database, createHash("sha256").update(database).digest()]);

function* blobs(bytes: Uint8Array = whole, version = "3.7.0") {
  for (let at = 0; at < bytes.length; at += 3000) yield { blob: bytes.subarray(at, at + 3000), version };
}

const statusOf =
  (memberId: bigint, leader: bigint, more: Partial<StatusResponse> = {}) =>
  () =>
    StatusResponse.create({ header: ResponseHeader.create({ memberId }), leader, ...more });
const answers: Answers = { Status: statusOf(1n, 1n), Snapshot: () => blobs() };

const cwd = workFolder();

const run = (options: RunOptions, path = "s.db") =>
  runCommand(save, [path], { cwd: cwd(), answers, ...options });

test("the file has the bytes of the stream, and only its owner can read it", async () => {
  const { stdout, stderr } = await run({});
  expect([stdout, stderr]).toEqual(["Snapshot saved at s.db\nServer version 3.7.0\n", ""]);
  expect(await readFile(join(cwd(), "s.db"))).toEqual(whole);
  expect((await stat(join(cwd(), "s.db"))).mode & 0o777).toBe(0o600);
  expect(await readdir(cwd())).toEqual(["s.db"]);
});

test("there is no version line if the server sends no version", async () => {
  const { stdout } = await run({ answers: { ...answers, Snapshot: () => blobs(whole, "") } });
  expect(stdout).toBe("Snapshot saved at s.db\n");
});

test("snapshot save - writes the data to stdout and all texts to stderr", async () => {
  const { io, stderr } = await run({}, "-");
  expect(io.stdout.bytes).toEqual(whole);
  expect(stderr).toBe("Snapshot saved at standard output\nServer version 3.7.0\n");
  await expect(run({ terminal: true }, "-")).rejects.toMatchObject({ exitCode: 128 });
});

const broken = (code: StatusCode, desc: string) => () => {
  throw new EtcdError(code, desc, true);
};

test.each<[string, Answer, string]>([
  [
    "refused",
    broken(StatusCode.PermissionDenied, "etcdserver: permission denied"),
    "rpc error: code = PermissionDenied desc = etcdserver: permission denied",
  ],
  [
    "broken in the middle",
    function* () {
      yield { blob: whole.subarray(0, 3000) };
      broken(StatusCode.Unavailable, "etcdserver: server stopped")();
    },
    "could not write snapshot: etcdserver: server stopped",
  ],
  ["cut", () => blobs(database.subarray(0, 512 * 7)), "sha256 checksum not found [bytes: 3584]"],
])("a stream that was %s leaves an older file unchanged and no other file", async (_, Snapshot, message) => {
  const failing = { answers: { ...answers, Snapshot } };
  await expect(run(failing)).rejects.toMatchObject({ exitCode: 5, message });
  expect(await readdir(cwd())).toEqual([]);
  await writeFile(join(cwd(), "s.db"), "older");
  await expect(run(failing)).rejects.toMatchObject({ exitCode: 5 });
  expect(await readFile(join(cwd(), "s.db"), "utf8")).toBe("older");
  expect(await readdir(cwd())).toEqual(["s.db"]);
});

test("a changed byte is detected before the file appears", async () => {
  const changed = Buffer.from(whole);
  changed.writeUInt8((changed.readUInt8(7) + 1) & 255, 7);
  const failing = run({ answers: { ...answers, Snapshot: () => blobs(changed) } });
  await expect(failing).rejects.toMatchObject({ exitCode: 5 });
  expect(await readdir(cwd())).toEqual([]);
});

test("Ctrl-C leaves no file", async () => {
  const Snapshot: Answer = async function* (_, options) {
    yield { blob: whole.subarray(0, 3000) };
    interrupt();
    await silence(options);
  };
  let interrupt: () => void;
  const before: RunOptions["before"] = (io) => {
    interrupt = () => io.sendSignal("SIGINT");
  };
  await expect(run({ answers: { ...answers, Snapshot }, before })).rejects.toBeInstanceOf(Error);
  expect(await readdir(cwd())).toEqual([]);
});

test("a path that cannot be written is reported before the first request", async () => {
  const asked: string[] = [];
  const Status = () => void asked.push("Status");
  await expect(run({ answers: { Status } }, "no/dir/s.db")).rejects.toMatchObject({
    exitCode: 5,
    message: "could not open no/dir/s.db.part (open no/dir/s.db.part: no such file or directory)",
  });
  expect(asked).toEqual([]);
});

test.each([
  ["sub", "sub.part", "sub", "file exists"],
  ["sub/", "sub/.part", "sub/", "file exists"],
  [".", "..part", ".", "file exists"],
  ["", ".part", "", "no such file or directory"],
])(
  "the path %j, which is no file, is rejected in Go's words, and FILE.part is deleted",
  async (path, part, name, reason) => {
    await mkdir(join(cwd(), "sub"));
    await expect(run({}, path)).rejects.toMatchObject({
      exitCode: 5,
      message: `could not rename ${part} to ${name} (rename ${part} ${name}: ${reason})`,
    });
    await expect(stat(`${cwd()}.part`)).rejects.toThrow("ENOENT");
    expect(await readdir(cwd(), { recursive: true })).toEqual(["sub"]);
  },
);

test("a link at FILE.part is not followed, and stays", async () => {
  const victim = join(cwd(), "victim");
  for (const target of [victim, join(cwd(), "missing")]) {
    await writeFile(victim, "precious", { mode: 0o644 });
    await symlink(target, join(cwd(), "s.db.part"));
    await expect(run({})).rejects.toMatchObject({
      exitCode: 5,
      message: "could not open s.db.part (open s.db.part: file exists)",
    });
    expect(await readFile(victim, "utf8")).toBe("precious");
    expect((await readdir(cwd())).sort()).toEqual(["s.db.part", "victim"]);
    await unlink(join(cwd(), "s.db.part"));
  }
});

test("a file that a crashed run left at FILE.part is replaced by one that only its owner can read", async () => {
  await writeFile(join(cwd(), "s.db.part"), "part", { mode: 0o666 });
  await link(join(cwd(), "s.db.part"), join(cwd(), "other"));
  await run({});
  expect((await stat(join(cwd(), "s.db"))).mode & 0o777).toBe(0o600);
  expect(await readFile(join(cwd(), "s.db"))).toEqual(whole);
  expect(await readFile(join(cwd(), "other"), "utf8")).toBe("part");
});

test("the file of another run at FILE.part is neither renamed nor deleted", async () => {
  const part = join(cwd(), "s.db.part");
  const Snapshot: Answer = async function* () {
    yield* blobs();
    await unlink(part);
    await writeFile(part, "of another run");
  };
  await expect(run({ answers: { ...answers, Snapshot } })).rejects.toMatchObject({
    exitCode: 5,
    message: "could not rename s.db.part to s.db (another process replaced s.db.part)",
  });
  expect(await readdir(cwd())).toEqual(["s.db.part"]);
  expect(await readFile(part, "utf8")).toBe("of another run");
});

test("a named pipe is not replaced by a file", async () => {
  execFileSync("mkfifo", [join(cwd(), "pipe")]);
  await expect(run({}, "pipe")).rejects.toMatchObject({ exitCode: 5, message: "pipe is not a regular file" });
  expect(await readdir(cwd())).toEqual(["pipe"]);
});

test("a server that does not respond is reported after the command timeout, although the stream has no deadline", async () => {
  const Status = broken(StatusCode.DeadlineExceeded, "context deadline exceeded");
  await expect(run({ answers: { ...answers, Status } })).rejects.toMatchObject({
    exitCode: 5,
    message: "context deadline exceeded",
  });
});

describe("of several endpoints", () => {
  const member = (Status: Answer): Answers => ({
    Snapshot: () => blobs(),
    Status,
  });
  const chosen = async (endpoints: Record<string, Answers>) => (await run({ endpoints })).stderr;
  const dead = member(broken(StatusCode.Unavailable, "connection refused"));
  const never = member((_, options) => silence(options));

  test("a follower is used, without waiting for members that do not respond", async () => {
    const endpoints = { never, leader: member(statusOf(1n, 1n)), f: member(statusOf(2n, 1n)) };
    expect(await chosen(endpoints)).toBe("hint: of 3 endpoints, the snapshot is taken from f (a follower)\n");
  });

  test("the leader is used if no follower is healthy", async () => {
    const corrupt = member(statusOf(2n, 1n, { errors: ["memberID:2 alarm:CORRUPT "] }));
    expect(await chosen({ dead, corrupt, l: member(statusOf(1n, 1n)) })).toContain("from l (the leader)");
  });

  test("a member without a leader still has the data", async () => {
    expect(await chosen({ dead, alone: member(statusOf(1n, 0n)) })).toContain("(a member without a leader)");
  });

  test("the error lists the reason for each endpoint if none is healthy", async () => {
    await expect(run({ endpoints: { dead, down: dead } })).rejects.toMatchObject({
      exitCode: 5,
      message: "no healthy endpoint to take a snapshot from among [dead down]",
      hints: ["dead: connection refused", "down: connection refused"],
    });
    expect(await readdir(cwd())).toEqual([]);
  });
});

test("the progress line shows the received bytes and the rate", async () => {
  const { io } = await run({});
  expect(io.progressTexts[0]).toMatch(/^3\.0 kB of .*\/s$/);
});
