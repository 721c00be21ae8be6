// The log of `serve`: plain notes, or lines as etcd's.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { command } from "../../../src/commands/serve";
import { CliError } from "../../../src/errors";
import { BrokenPipe } from "../../../src/io";
import { zapConsoleLog, zapJsonLog } from "../../../src/go/zap";
import { runCommand } from "../../support/run-command";
import type { TestIo } from "../../support/test-io";
import { until } from "../../support/until";
import { workFolder } from "../../support/work-folder";

const folder = workFolder();
const listen = "--listen-client-urls=http://127.0.0.1:0";

/** Runs the command until it has started and `isReady`, and stops it with a signal. */
async function ran(flags: readonly string[], isReady: (io: TestIo) => boolean) {
  let io: TestIo | undefined;
  const result = runCommand(command, [listen, ...flags], { before: (each) => (io = each) });
  await until("it is ready", () => io?.handlesSignals === true && isReady(io));
  io?.sendSignal("SIGTERM");
  return result;
}

const lines = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, string>);

const refusal = async (...flags: string[]) => {
  const error: unknown = await runCommand(command, flags).catch((each: unknown) => each);
  if (!(error instanceof CliError)) throw new Error("it was not refused", { cause: error });
  return error.message;
};

describe("--log-format json", () => {
  test("writes etcd's lines on stderr, and nothing on stdout", async () => {
    const { stdout, stderr } = await ran(["--log-format=json"], (io) =>
      io.stderr.text.includes("ready to serve"),
    );
    expect(stdout).toBe("");
    const all = lines(stderr);
    expect(all.map(({ msg }) => msg)).toEqual([
      "starting an etcd server",
      expect.stringContaining("all data is in memory") as string,
      "serving client traffic insecurely; this is strongly discouraged!",
      "ready to serve client requests",
      "received signal; shutting down",
      "closing etcd server",
      "closed etcd server",
    ]);
    expect(Object.keys(all[0] ?? {}).slice(0, 5)).toEqual(["level", "ts", "caller", "msg", "etcd-version"]);
    expect(all[0]).toMatchObject({ level: "info", "etcd-version": "3.7.1" });
    expect(all[2]?.address).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/); // the port that was chosen
    expect(all[0]?.ts).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d{4})$/);
  });

  test("has the settings in its first line, with etcd's names", async () => {
    const { stderr } = await ran(
      [
        "--log-format=json",
        "--snapshot-catchup-entries=1000",
        "--v2-deprecation=gone",
        "--cors=http://b,http://a",
      ],
      (io) => io.stderr.text.includes("ready to serve"),
    );
    expect(lines(stderr).find(({ msg }) => msg === "starting an etcd server")).toMatchObject({
      "snapshot-catchup-entries": 1000,
      "v2-deprecation": "write-only",
      "election-timeout": "1s",
      "quota-backend-bytes": 2 * 1024 ** 3,
      "listen-client-urls": ["http://127.0.0.1:0"],
      cors: ["http://a", "http://b"],
      "member-initialized": false,
    });
  });

  test("has the error of a start that fails", async () => {
    const start = async (...flags: string[]) => {
      const io: { log?: string } = {};
      const ended = runCommand(command, ["--log-format=json", ...flags], {
        before: (each) => Object.defineProperty(io, "log", { get: () => each.stderr.text }),
      });
      await expect(ended).rejects.toThrow(CliError);
      return lines(io.log ?? "").at(-1);
    };
    expect(await start("--election-timeout=0")).toMatchObject({
      level: "warn",
      msg: "failed to verify flags",
      error: "--election-timeout must be >0 (set to 0ms)",
    });
    expect(await start(listen, "--auth-token=x")).toMatchObject({
      level: "fatal",
      msg: "discovery failed",
      error: "auth: invalid auth options",
    });
  });

  test("goes to the outputs of --log-outputs, from --log-level on", async () => {
    const file = path.join(folder(), "etcd.log");
    const isReady = () => existsSync(file) && readFileSync(file, "utf8").includes("ready to serve");
    const { stdout, stderr } = await ran([`--log-outputs=stdout,${file}`], isReady);
    expect(stdout).toBe(readFileSync(file, "utf8"));
    expect(lines(stdout).length).toBeGreaterThan(3);
    expect(stderr).toBe("");
    const dataDir = path.join(folder(), "quiet");
    const quiet = await ran(["--log-format=console", "--log-level=error", `--data-dir=${dataDir}`], () =>
      existsSync(dataDir),
    );
    expect(quiet).toMatchObject({ stdout: "", stderr: "" });
  });

  test("has a line for each write of the db file", async () => {
    const dataDir = path.join(folder(), "data");
    const { stderr } = await ran(["--log-format=json", `--data-dir=${dataDir}`], (io) =>
      io.stderr.text.includes("ready to serve"),
    );
    const saved = lines(stderr).find(({ msg }) => msg === "saved snapshot to disk");
    const snapFiles = readdirSync(path.join(dataDir, "member/snap")).filter((file) => file.endsWith(".snap"));
    const index = Number(saved?.["snapshot-index"]).toString(16).padStart(16, "0");
    expect(snapFiles.at(-1)).toContain(`-${index}.snap`);
  });

  test("has the texts and the order of zap", () => {
    const entry = {
      level: "warn",
      logger: "serve",
      message: 'a "b"',
      fields: { n: 1, list: ["x", "y"] },
    } as const;
    expect(zapJsonLog(0, entry)).toMatch(
      /^\{"level":"warn","ts":"[^"]+","caller":"serve","msg":"a \\"b\\"","n":1,"list":\["x","y"\]\}\n$/,
    );
    expect(zapConsoleLog(0, entry)).toMatch(
      /^\S+\.000000\S+\twarn\tserve\ta "b"\t\{"n": 1, "list": \["x", "y"\]\}\n$/,
    );
  });
});

test.each([
  ["--log-outputs=stdout,stderr", "ready to serve"],
  ["--log-level=info", "serving on"],
])(
  "A log that cannot be written, as on a full disk, does not end the server (%s).",
  async (flag, isReady) => {
    const dataDir = path.join(folder(), "data");
    let io: TestIo | undefined;
    const before = (each: TestIo) => {
      io = each;
      each.stderr.failWith = new CliError(6, "could not write to standard error (ENOSPC)");
    };
    const ended = runCommand(command, [listen, flag, `--data-dir=${dataDir}`], { before });
    await until("it is ready", () => io?.stdout.text.includes(isReady));
    io?.sendSignal("SIGTERM");
    const result = await ended;
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    expect(existsSync(path.join(dataDir, "etcdctl.lock"))).toBe(false);
  },
);

test("A file of --log-outputs that cannot be written is reported once.", async () => {
  if (!existsSync("/dev/full")) return;
  const { stderr, exitCode } = await ran(["--log-outputs=stdout,/dev/full"], ({ stdout }) =>
    stdout.text.includes("ready to serve"),
  );
  const note = "note: lines of the log are lost: write /dev/full: no space left on device\n";
  expect({ stderr, exitCode }).toEqual({ stderr: note, exitCode: 0 });
});

test("The server stops cleanly although the reader of its log has gone.", async () => {
  const dataDir = path.join(folder(), "data");
  const result = ran(["--log-format=json", `--data-dir=${dataDir}`], ({ stderr }) => {
    if (!stderr.text.includes("ready to serve")) return false;
    stderr.failWith = new BrokenPipe("the reader of the output has gone");
    return true;
  });
  await expect(result).rejects.toThrow(BrokenPipe);
  expect(existsSync(path.join(dataDir, "etcdctl.lock"))).toBe(false);
});

test("Loggers, formats, levels and files that etcd refuses are refused.", async () => {
  expect(await refusal("--logger=capnslog")).toBe("--logger=capnslog is removed in v3.5");
  expect(await refusal("--logger=x")).toBe('unknown logger option "x"');
  expect(await refusal("--log-format=xml")).toBe("unknown log format: xml, supported values json, console");
  expect(await refusal("--log-outputs=default,stderr")).toBe(
    'multi logoutput for "default" is not supported yet',
  );
  expect(await refusal("--log-outputs=/does/not/exist/log")).toContain('open sink "/does/not/exist/log"');
});

test("An unknown level ends serve as it ends etcd, without the trace.", async () => {
  const { exitCode, stderr } = await runCommand(command, ["--log-level=loud"]);
  const hint = "the levels are debug, info, warn, error, dpanic, panic, fatal";
  expect([exitCode, stderr]).toEqual([2, `panic: unrecognized level: "loud"\n\nhint: ${hint}\n`]);
});

test("--version prints etcd's first line and starts nothing.", async () => {
  const { stdout } = await runCommand(command, ["--version"]);
  expect(stdout).toMatch(/^etcd Version: 3\.7\.1\n/);
});
