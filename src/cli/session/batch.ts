// `etcdctl batch [FILE]`: one command a line, over one connection. Commands run one after the other, or with --jobs
// several at a time; their output always has the order of the lines.
import { inputChunks } from "../../commands/input-file";
import { LineReader } from "../../commands/tokenize";
import { badArgs, CliError, ExitCode } from "../../errors";
import { inputOf, type Io } from "../../io";
import { createContext } from "../context";
import { reportFailure, UsageError } from "../exit";
import type { FlagTable } from "../../input/flags";
import type { Program } from "../manifest/builders";
import type { ParsedFlags } from "../../input/parse-flags";
import { parseCommandLine, type CommandLine } from "./command-lines";
import { OrderedOutput } from "./ordered-output";
import { plainPut, PutGroup } from "./put-transactions";
import { startSession, type RunLine, type Session } from "./session";

/** The flags of cli/manifest/etcdctl.ts. */
interface BatchFlags {
  readonly jobs: number;
  readonly "keep-going": boolean;
  readonly "txn-size": number;
}

/** Finished lines whose output still waits for an earlier line. */
const maxUnwritten = 1024;
const progressIntervalMs = 100;

/** Resolves to the exit code of the first line that failed; 0 when none did. */
export async function runBatch(
  program: Program,
  parsed: ParsedFlags<FlagTable>,
  io: Io,
  run: RunLine,
): Promise<number> {
  const [file, ...others] = parsed.args;
  if (others.length > 0) throw badArgs("batch takes one file, or reads standard input");
  const flags = parsed.values as unknown as BatchFlags;
  if (flags.jobs < 1) throw badArgs("--jobs must be at least 1");
  if (flags["txn-size"] < 1) throw badArgs("--txn-size must be at least 1");
  const session = await startSession(program, parsed, io, run);
  try {
    return await new Batch(session, flags, io).run(inputChunks(file, io));
  } finally {
    await session.clients.close();
  }
}

/** One or more lines that are carried out together. */
interface Job {
  readonly firstLine: number;
  readonly lastLine: number;
  /** Resolves to the exit code. */
  carryOut(io: Io): Promise<number>;
}

class Batch {
  private readonly output: OrderedOutput;
  private readonly free: Slots;
  private readonly unwritten = new Slots(maxUnwritten);
  private readonly progress;
  private nextProgressAt = 0;
  private doneLines = 0;
  private failedLines = 0;
  private firstFailure: { readonly line: number; readonly exitCode: number } | undefined;

  constructor(
    private readonly session: Session,
    private readonly flags: BatchFlags,
    private readonly io: Io,
  ) {
    this.output = new OrderedOutput(io);
    this.free = new Slots(flags.jobs);
    // The output of the lines is progress enough on a terminal.
    this.progress = io.stdout.isTTY ? undefined : io.progress();
  }

  async run(input: AsyncIterable<Uint8Array>): Promise<number> {
    const { interrupt } = this.io;
    try {
      for await (const job of this.jobs(input)) {
        await this.unwritten.take();
        await this.free.take();
        if (this.isStopped || interrupt.aborted) {
          this.free.release();
          this.unwritten.release();
          break;
        }
        void this.start(job);
      }
      await this.free.allFree();
      await this.unwritten.allFree();
    } finally {
      this.progress?.stop();
    }
    interrupt.throwIfAborted();
    if (this.output.failure !== undefined) throw this.output.failure;
    if (this.failedLines > 1 || (this.failedLines === 1 && this.doneLines > 1)) {
      const stopped = this.isStopped ? "; the lines after it were not carried out" : "";
      await this.io.stderr.write(`${this.failedLines} of ${this.doneLines} lines failed${stopped}\n`);
    }
    return this.firstFailure?.exitCode ?? ExitCode.success;
  }

  /** Without an output the batch stops, as one command does. */
  private get isStopped(): boolean {
    const hasFailed = this.firstFailure !== undefined && !this.flags["keep-going"];
    return hasFailed || this.output.failure !== undefined;
  }

  private async *jobs(input: AsyncIterable<Uint8Array>): AsyncGenerator<Job> {
    const { program } = this.session;
    const reader = new LineReader(input);
    const maxPuts = this.flags["txn-size"];
    let group = new PutGroup(maxPuts);
    let firstPut = 0;
    const groupedPuts = (lastLine: number): Job[] => {
      const complete = group;
      if (complete.puts.length === 0) return [];
      group = new PutGroup(maxPuts);
      return [{ firstLine: firstPut, lastLine, carryOut: (io) => this.sendPuts(complete, io) }];
    };
    let line = 0;
    let lastPut = 0;
    for (let text = await reader.next(); text !== undefined; text = await reader.next()) {
      line++;
      let command: CommandLine | undefined;
      try {
        command = parseCommandLine(text, program.root.name);
      } catch (error) {
        yield* groupedPuts(lastPut);
        yield { firstLine: line, lastLine: line, carryOut: () => Promise.reject(error as Error) };
        continue;
      }
      if (command === undefined) continue;
      const put = maxPuts > 1 ? plainPut(command, program) : undefined;
      if (put === undefined) {
        yield* groupedPuts(lastPut);
        yield { firstLine: line, lastLine: line, carryOut: (io) => this.runLine(command, io) };
        continue;
      }
      if (!group.add(put)) {
        yield* groupedPuts(lastPut);
        group.add(put);
      }
      if (group.puts.length === 1) firstPut = line;
      lastPut = line;
    }
    yield* groupedPuts(lastPut);
  }

  private runLine({ argv, stdin }: CommandLine, io: Io): Promise<number> {
    return this.session.run(argv, { ...io, stdin: inputOf(stdin) });
  }

  private async sendPuts(group: PutGroup, io: Io): Promise<number> {
    const { settings, clients } = this.session;
    const context = createContext(io, () => settings, clients);
    try {
      await io.stdout.write(await group.send(await context.connect(), context.call()));
      return ExitCode.success;
    } finally {
      await context.close();
    }
  }

  private async start({ firstLine, lastLine, carryOut }: Job): Promise<void> {
    const output = this.output.nextLine();
    const lineIo: Io = {
      ...this.io,
      stdin: inputOf(new Uint8Array(0)),
      stdout: output.stdout,
      stderr: output.stderr,
      readPassword: () => Promise.reject(badArgs("a line of a batch cannot ask for a password")),
      progress: () => ({ update: () => undefined, stop: () => undefined }),
    };
    const name = firstLine === lastLine ? `line ${firstLine}` : `lines ${firstLine}-${lastLine}`;
    const exitCode = await carryOut(lineIo).then(
      async (code) => {
        if (code !== 0) await lineIo.stderr.write(`${name}: exit code ${code}\n`);
        return code;
      },
      (error: unknown) =>
        // Lines in flight often fail for one reason, such as a server that has stopped: one report is enough.
        this.isStopped ? ExitCode.error : reportFailure(withoutUsage(error), lineIo, `${name}: Error: `),
    );
    this.count(firstLine, lastLine, exitCode);
    this.free.release();
    await output.end().catch(() => undefined); // a failure of stdout ends the batch; stderr is only for messages
    this.unwritten.release();
  }

  private count(firstLine: number, lastLine: number, exitCode: number): void {
    const lines = lastLine - firstLine + 1;
    this.doneLines += lines;
    if (exitCode !== 0) {
      this.failedLines += lines;
      this.fail(firstLine, exitCode);
    }
    const now = this.io.clock.now();
    if (now < this.nextProgressAt) return;
    this.nextProgressAt = now + progressIntervalMs;
    const failed = this.failedLines > 0 ? `, ${this.failedLines} failed` : "";
    this.progress?.update(`${this.doneLines} lines${failed}`);
  }

  private fail(line: number, exitCode: number): void {
    if (this.firstFailure === undefined || line < this.firstFailure.line)
      this.firstFailure = { line, exitCode };
  }
}

/** A counter of free places. */
class Slots {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly count: number) {
    this.free = count;
  }

  async take(): Promise<void> {
    if (this.free === 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.free--;
  }

  release(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.free++;
  }

  async allFree(): Promise<void> {
    for (let taken = 0; taken < this.count; taken++) await this.take();
  }
}

/** A usage of many lines for each mistyped line would hide the errors. */
function withoutUsage(error: unknown): unknown {
  return error instanceof UsageError
    ? new CliError(error.exitCode, error.message, { cause: error, hints: error.hints })
    : error;
}
