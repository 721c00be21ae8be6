// `snapshot save FILE`: copies the database of one member to a file, or with `-` to stdout. A failed or interrupted run leaves an
// older FILE unchanged and no other file. It creates the file before the first request.
// Go: etcdctl/ctlv3/command/snapshot_command.go, client/v3/snapshot/v3_snapshot.go.
import type { Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { lstat, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { setFlagsFromString } from "node:v8";
import type { EtcdClient } from "../../client/client";
import type { SnapshotSummary } from "../../client/snapshot";
import { DamagedSnapshot, copySnapshot } from "../../client/snapshot";
import { sleep } from "../../clock";
import { CliError, EtcdError, ExitCode, StatusCode, badArgs } from "../../errors";
import { hintLine, oneSafeLine } from "../../go/raw-text";
import { humanizeBytes } from "../../go/units";
import type { Io } from "../../io";
import type { StatusResponse } from "../../proto/gen/etcdserverpb";
import { createPartFile, PathError, syncDirectory, writeAll } from "../../storage/files";
import type { CommandContext } from "../command";
import { defineCommand } from "../command";

export const snapshotSave = defineCommand({
  flags: {},
  async run(context, args) {
    const [path] = args;
    if (path === undefined || args.length !== 1) {
      throw badArgs("snapshot save expects one argument <filename>");
    }
    const { stdout, stderr, cwd } = context.io;
    const connection = await context.connect().catch(withExitCode5);
    if (path === "-") {
      checkNotTerminal(context.io);
      const client = await selectMember(context, connection.client);
      const { version } = await receive(context, client, (blob) => stdout.write(blob));
      return stderr.write(summary("standard output", oneSafeLine(version)));
    }
    const file = await PartFile.open(path, cwd);
    try {
      const client = await selectMember(context, connection.client);
      const { version } = await receive(context, client, (blob) => file.write(blob));
      await file.finish();
      await stdout.write(summary(path, version));
    } catch (error) {
      await file.discard();
      throw error;
    }
  },
});

/** A failed connection ends this command with code 5, other commands with 2. */
function withExitCode5(error: unknown): never {
  if (!(error instanceof CliError) || error.exitCode !== ExitCode.badConnection) throw error;
  throw new CliError(ExitCode.interrupted, error.message, { cause: error, hints: error.hints });
}

function summary(path: string, version: string): string {
  return `Snapshot saved at ${path}\n${version && `Server version ${version}\n`}`;
}

/** Finds a member that responds within the command timeout: the stream itself has no deadline. */
async function selectMember(context: CommandContext, client: EtcdClient): Promise<EtcdClient> {
  const endpoints = await context.endpoints();
  if (endpoints.length <= 1) {
    await client.maintenance.status({}, context.call()).catch((error: unknown) => fail(error, 0));
    return client;
  }
  const selected = await selectEndpoint(context, endpoints);
  await context.io.stderr.write(
    hintLine(
      `of ${endpoints.length} endpoints, the snapshot is taken from ${selected.endpoint} (${selected.role})`,
    ),
  );
  return selected.client;
}

async function receive(
  context: CommandContext,
  client: EtcdClient,
  write: (blob: Uint8Array) => Promise<void> | void,
): Promise<SnapshotSummary> {
  keepYoungGenerationSmall();
  const progress = receivedProgress(context.io);
  let receivedBytes = 0;
  try {
    return await copySnapshot(client.maintenance, context.longCall(), (blob, remainingBytes) => {
      receivedBytes += blob.length;
      progress.update(receivedBytes, Number(remainingBytes));
      return write(blob);
    });
  } catch (error) {
    return fail(error, receivedBytes);
  } finally {
    progress.stop();
  }
}

/**
 * The buffers of received data count little in V8's heap: with a young generation of the usual size, they reach V8's limit
 * for such memory before it is full, and each time V8 marks the whole heap. That was a fifth of the CPU time.
 */
function keepYoungGenerationSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}

/** Before the first bytes Go prints the bare gRPC status, afterwards with the prefix `could not write snapshot`. */
function fail(error: unknown, receivedBytes: number): never {
  if (error instanceof DamagedSnapshot) {
    throw new CliError(ExitCode.interrupted, error.message, { cause: error });
  }
  if (!(error instanceof EtcdError)) throw error;
  const isLate = error.code === StatusCode.DeadlineExceeded;
  const reason = receivedBytes > 0 ? `could not write snapshot: ${error.message}` : error.rawMessage;
  const message = isLate && receivedBytes === 0 ? error.message : reason;
  throw new CliError(ExitCode.interrupted, message, { cause: error, hints: error.hints });
}

function checkNotTerminal({ stdout }: Io): void {
  if (!stdout.isTTY) return;
  throw new CliError(ExitCode.badArgs, "a snapshot is binary data and stdout is a terminal", {
    hints: ["redirect it to a program or a file: etcdctl snapshot save - | gzip > backup.db.gz"],
  });
}

const bytesPerWrite = 128 * 1024;

const updateEveryMs = 100;

function receivedProgress(io: Io): {
  update(receivedBytes: number, remainingBytes: number): void;
  stop(): void;
} {
  const line = io.progress();
  const startMs = io.clock.now();
  let shownMs = 0;
  return {
    update(receivedBytes, remainingBytes) {
      const nowMs = io.clock.now();
      if (nowMs - shownMs < updateEveryMs) return;
      shownMs = nowMs;
      const perSecond = (receivedBytes * 1000) / Math.max(1, nowMs - startMs);
      const size = (bytes: number) => humanizeBytes(BigInt(Math.round(bytes)));
      line.update(`${size(receivedBytes)} of ${size(receivedBytes + remainingBytes)}, ${size(perSecond)}/s`);
    },
    stop: () => line.stop(),
  };
}

interface SelectedEndpoint {
  readonly endpoint: string;
  readonly client: EtcdClient;
  readonly role: Role;
}

/** Best first. A member without a leader has all data except perhaps the latest. */
const roles = ["a follower", "the leader", "a member without a leader", "a learner"] as const;
type Role = (typeof roles)[number];

/** How long to wait for a better endpoint after the first response. */
const graceMs = 1000;

/**
 * Prefers a follower to the leader, since reading the whole database slows a member down. Departure: Go's etcdctl rejects more
 * than one endpoint.
 */
async function selectEndpoint(
  context: CommandContext,
  endpoints: readonly string[],
): Promise<SelectedEndpoint> {
  const { clock } = context.io;
  const call = context.call();
  const finished = new AbortController();
  const signals = call.signal ? [call.signal, finished.signal] : [finished.signal];
  const options = { ...call, signal: AbortSignal.any(signals) };
  const failures: string[] = [];
  let best: SelectedEndpoint | undefined;

  const tryEndpoint = async (endpoint: string) => {
    try {
      const client = await context.clientOf(endpoint);
      const role = roleOf(await client.maintenance.status({}, options));
      if (role === undefined) return void failures.push(`${endpoint}: its data is corrupt`);
      if (best === undefined) void sleep(clock, graceMs, finished.signal).then(() => finished.abort());
      if (best === undefined || roles.indexOf(role) < roles.indexOf(best.role)) {
        best = { endpoint, client, role };
      }
      if (role === roles[0]) finished.abort();
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
      failures.push(...(error.hints.length > 0 ? error.hints : [`${endpoint}: ${error.message}`]));
    }
  };
  await Promise.race([Promise.all(endpoints.map(tryEndpoint)), aborted(finished.signal)]);
  finished.abort();
  context.io.interrupt.throwIfAborted();
  if (best === undefined) {
    const message = `no healthy endpoint to take a snapshot from among [${endpoints.join(" ")}]`;
    throw new CliError(ExitCode.interrupted, message, { hints: failures });
  }
  return best;
}

/** Undefined for a member with corrupt data. */
function roleOf({ header, leader, isLearner, errors }: StatusResponse): Role | undefined {
  if (errors.some((error) => error.includes("CORRUPT"))) return undefined;
  if (isLearner) return "a learner";
  if (leader === 0n) return "a member without a leader";
  return leader === header?.memberId ? "the leader" : "a follower";
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

/**
 * Writes FILE.part and renames it to FILE, so that FILE appears complete and synced, or stays unchanged. Only the owner may read
 * it. Ends with `finish` or `discard`; FILE.part is then gone. The error texts are Go's (SaveWithVersion).
 */
class PartFile {
  private waiting: Uint8Array[] = [];
  private waitingBytes = 0;
  /** Resolves to the error of the write that runs, or that has ended last. */
  private writing: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly shownPath: string,
    private readonly path: string,
    private readonly file: FileHandle,
    private readonly id: Pick<Stats, "ino" | "dev">,
  ) {}

  /** Throws CliError(5) if FILE.part cannot be created. */
  static async open(shownPath: string, cwd: string): Promise<PartFile> {
    const path = resolve(cwd, shownPath);
    await checkRegularFile(shownPath, path);
    const part = `${shownPath}.part`;
    const file = await createPartFile(`${path}.part`).catch((error: unknown) => {
      throw failure(`could not open ${part} (${pathError("open", part, error)})`, error);
    });
    return new PartFile(shownPath, path, file, await file.stat());
  }

  /** Blobs are written together, while the next ones are received. A failure is thrown by a later call or by `finish`. */
  write(blob: Uint8Array): Promise<void> | void {
    this.waiting.push(blob);
    this.waitingBytes += blob.length;
    if (this.waitingBytes >= bytesPerWrite) return this.startWriting();
  }

  /** Resolves when the write before has ended. At most two of them are in memory. */
  private async startWriting(): Promise<void> {
    const blobs = this.waiting;
    this.waiting = [];
    this.waitingBytes = 0;
    const error = await this.writing;
    if (error !== undefined) throw failure(`could not write snapshot: ${(error as Error).message}`, error);
    this.writing = writeAll(this.file, `${this.shownPath}.part`, blobs).then(
      () => undefined,
      (reason: unknown) => reason,
    );
  }

  async finish(): Promise<void> {
    const [part, path] = [`${this.shownPath}.part`, this.shownPath];
    await this.startWriting(); // the rest
    await this.startWriting(); // waits for it
    await this.file.sync().catch((error: unknown) => {
      throw failure(`could not fsync snapshot: ${pathError("sync", part, error)}`, error);
    });
    await this.file.close().catch((error: unknown) => {
      throw failure(`could not close file descriptor: ${pathError("close", part, error)}`, error);
    });
    if (!(await this.isAtItsPath())) {
      throw failure(`could not rename ${part} to ${path} (another process replaced ${part})`, undefined);
    }
    await rename(`${this.path}.part`, this.path).catch((error: unknown) => {
      const reason = pathError("rename", `${part} ${path}`, error);
      throw failure(`could not rename ${part} to ${path} (${reason})`, error);
    });
    // Go does not sync the directory, so a failure here fails nothing.
    await syncDirectory(dirname(this.path)).catch(() => undefined);
  }

  /** Can follow a `finish` that failed. Never throws, so that the first failure is reported. */
  async discard(): Promise<void> {
    await this.writing;
    await this.file.close().catch(() => undefined);
    if (await this.isAtItsPath()) await rm(`${this.path}.part`, { force: true }).catch(() => undefined);
  }

  /** False when another process has put another file, or nothing, in the place of FILE.part. */
  private async isAtItsPath(): Promise<boolean> {
    const found = await lstat(`${this.path}.part`).catch(() => undefined);
    return found?.ino === this.id.ino && found.dev === this.id.dev;
  }
}

/** The rename would replace a device or a pipe by a file. If stat fails, opening the file reports why. */
async function checkRegularFile(shown: string, path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.isFile() || found.isDirectory()) return;
  throw new CliError(ExitCode.interrupted, `${shown} is not a regular file`, {
    hints: ["to send the snapshot to another program, write it to stdout: etcdctl snapshot save -"],
  });
}

function pathError(operation: string, path: string, cause: unknown): string {
  return new PathError(operation, path, cause).message;
}

function failure(message: string, cause: unknown): CliError {
  return new CliError(ExitCode.interrupted, message, { cause });
}
