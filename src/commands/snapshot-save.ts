// `snapshot save FILE`: the whole database of one member into a file, or with `-` to stdout, for a pipe to compress or store.
// A failed or interrupted run leaves nothing behind and an older FILE untouched. The path is tried before the network.
// Answers to etcdctl's snapshot_command.go and clientv3/snapshot.
import { writeSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { open, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { EtcdClient } from "../client/client";
import type { SnapshotSummary } from "../client/snapshot";
import { DamagedSnapshot, copySnapshot } from "../client/snapshot";
import { sleep } from "../clock";
import { CliError, EtcdError, ExitCode, StatusCode, badArgs } from "../errors";
import { humanizeBytes } from "../go/units";
import { osErrorReason } from "../go/os";
import type { Io } from "../io";
import type { StatusResponse } from "../proto/gen/etcdserverpb";
import type { CommandContext } from "./command";
import { defineCommand } from "./command";

export const snapshotSave = defineCommand({
  flags: {},
  async run(context, args) {
    const [path] = args;
    if (path === undefined || args.length !== 1) {
      throw badArgs("snapshot save expects one argument <filename>");
    }
    const { stdout, stderr, cwd } = context.io;
    const session = await context.connect().catch(asInterrupted);
    if (path === "-") {
      refuseTerminal(context.io);
      const client = await sourceOf(context, session.client);
      const { version } = await receive(context, client, (blob) => stdout.write(blob));
      return stderr.write(summary("standard output", version));
    }
    const file = await PartFile.open(path, cwd);
    try {
      const client = await sourceOf(context, session.client);
      const { version } = await receive(context, client, (blob) => file.write(blob));
      await file.finish();
      await stdout.write(summary(path, version));
    } catch (error) {
      await file.discard();
      throw error;
    }
  },
});

/** Where other commands end with 2, this one has its own code. */
function asInterrupted(error: unknown): never {
  if (!(error instanceof CliError) || error.exitCode !== ExitCode.badConnection) throw error;
  throw new CliError(ExitCode.interrupted, error.message, { cause: error, hints: error.hints });
}

function summary(path: string, version: string): string {
  return `Snapshot saved at ${path}\n${version && `Server version ${version}\n`}`;
}

/** A member that answers. One that does not is found out here, since the stream itself may take as long as it takes. */
async function sourceOf(context: CommandContext, client: EtcdClient): Promise<EtcdClient> {
  const endpoints = await context.endpoints();
  if (endpoints.length <= 1) {
    await client.maintenance.status({}, context.call()).catch((error: unknown) => fail(error, 0));
    return client;
  }
  const chosen = await chooseEndpoint(context, endpoints);
  await context.io.stderr.write(
    `hint: of ${endpoints.length} endpoints, the snapshot is taken from ${chosen.endpoint} (${chosen.role})\n`,
  );
  return chosen.client;
}

async function receive(
  context: CommandContext,
  client: EtcdClient,
  write: (blob: Uint8Array) => Promise<void> | void,
): Promise<SnapshotSummary> {
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

/** Go shows the bare status of a stream that did not begin; later it tells what it was doing. */
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

function refuseTerminal({ stdout }: Io): void {
  if (!stdout.isTTY) return;
  throw new CliError(ExitCode.badArgs, "a snapshot is binary data and stdout is a terminal", {
    hints: ["send it to a program or a file: etcdctl snapshot save - | gzip > backup.db.gz"],
  });
}

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

// Which of several endpoints a snapshot should come from: a healthy follower before the leader, since reading the whole
// database slows a member down. Go's etcdctl refuses several endpoints; that is a departure.

export interface ChosenEndpoint {
  readonly endpoint: string;
  readonly client: EtcdClient;
  readonly role: Role;
}

/** Best first. A member without a leader has the data too, perhaps not the latest. */
const roles = ["a follower", "the leader", "a member without a leader", "a learner"] as const;
type Role = (typeof roles)[number];

/** How long a better one is waited for once there is one. */
const graceMs = 1000;

export async function chooseEndpoint(
  context: CommandContext,
  endpoints: readonly string[],
): Promise<ChosenEndpoint> {
  const { clock } = context.io;
  const call = context.call();
  const enough = new AbortController();
  const signals = call.signal ? [call.signal, enough.signal] : [enough.signal];
  const options = { ...call, signal: AbortSignal.any(signals) };
  const failures: string[] = [];
  let best: ChosenEndpoint | undefined;

  const ask = async (endpoint: string) => {
    try {
      const client = await context.clientOf(endpoint);
      const role = roleOf(await client.maintenance.status({}, options));
      if (role === undefined) return void failures.push(`${endpoint}: its data is corrupt`);
      if (best === undefined) void sleep(clock, graceMs, enough.signal).then(() => enough.abort());
      if (best === undefined || roles.indexOf(role) < roles.indexOf(best.role)) {
        best = { endpoint, client, role };
      }
      if (role === roles[0]) enough.abort();
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
      failures.push(...(error.hints.length > 0 ? error.hints : [`${endpoint}: ${error.message}`]));
    }
  };
  await Promise.race([Promise.all(endpoints.map(ask)), aborted(enough.signal)]);
  enough.abort();
  context.io.interrupt.throwIfAborted();
  if (best === undefined) {
    const message = `no healthy endpoint to take a snapshot from among [${endpoints.join(" ")}]`;
    throw new CliError(ExitCode.interrupted, message, { hints: failures });
  }
  return best;
}

/** Undefined for a member that must not be copied. */
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

// FILE by way of FILE.part: FILE appears whole, with its bytes on the disk, or stays as it was; only its owner may read it.
// Either `finish` or `discard` ends it, and neither leaves a FILE.part.
// Answers to the file handling of clientv3/snapshot's SaveWithVersion; the texts are its.

export class PartFile {
  private constructor(
    private readonly shownPath: string,
    private readonly path: string,
    private readonly file: FileHandle,
  ) {}

  /** Throws CliError(5) when FILE.part cannot be made. */
  static async open(shownPath: string, cwd: string): Promise<PartFile> {
    const path = resolve(cwd, shownPath);
    await refuseOtherKinds(shownPath, path);
    const part = `${shownPath}.part`;
    const file = await open(`${path}.part`, "w", 0o600).catch((error: unknown) => {
      throw failure(`could not open ${part} (open ${part}: ${osErrorReason(error)})`, error);
    });
    return new PartFile(shownPath, path, file);
  }

  /** At once: the next blob is asked for when this one is with the operating system. */
  write(blob: Uint8Array): void {
    try {
      for (let done = 0; done < blob.length;) done += writeSync(this.file.fd, blob, done);
    } catch (error) {
      const part = `${this.shownPath}.part`;
      throw failure(`could not write snapshot: write ${part}: ${osErrorReason(error)}`, error);
    }
  }

  async finish(): Promise<void> {
    const [part, path] = [`${this.shownPath}.part`, this.shownPath];
    await this.file.sync().catch((error: unknown) => {
      throw failure(`could not fsync snapshot: sync ${part}: ${osErrorReason(error)}`, error);
    });
    await this.file.close().catch((error: unknown) => {
      throw failure(`could not close file descriptor: close ${part}: ${osErrorReason(error)}`, error);
    });
    await rename(`${this.path}.part`, this.path).catch((error: unknown) => {
      const reason = osErrorReason(error);
      throw failure(`could not rename ${part} to ${path} (rename ${part} ${path}: ${reason})`, error);
    });
    await syncDirectory(dirname(this.path));
  }

  /** Also after a `finish` that failed half-way. Never fails: there is a failure already, and it is to be told. */
  async discard(): Promise<void> {
    await this.file.close().catch(() => undefined);
    await rm(`${this.path}.part`, { force: true }).catch(() => undefined);
  }
}

/** What is no file, a device or a pipe, would be replaced by one. What cannot be looked at is told of when it is opened. */
async function refuseOtherKinds(shown: string, path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.isFile() || found.isDirectory()) return;
  throw new CliError(ExitCode.interrupted, `${shown} is no regular file`, {
    hints: ["to send the snapshot to another program, write it to stdout: snapshot save -"],
  });
}

/** So that the new name survives a loss of power. Not every platform lets a directory be opened; none needs it then. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r").catch(() => undefined);
  await directory?.sync().catch(() => undefined);
  await directory?.close();
}

function failure(message: string, cause: unknown): CliError {
  return new CliError(ExitCode.interrupted, message, { cause });
}
