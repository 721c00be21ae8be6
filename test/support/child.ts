// A child process of a test. It collects the output, and the child is killed when the test process exits.
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { constants } from "node:os";
import { until } from "./until";

export interface ChildOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly input?: string | Uint8Array | undefined;
  /** Keeps stdin open after the input. */
  readonly inputOpen?: boolean | undefined;
}

export interface ChildResult {
  /** As a shell reports it: 128 + number for a signal. */
  readonly exit: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

const running = new Set<ChildProcessWithoutNullStreams>();
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

export class Child {
  readonly ended: Promise<ChildResult>;
  result: ChildResult | undefined;
  private readonly process: ChildProcessWithoutNullStreams;
  private readonly out: Buffer[] = [];
  private readonly err: Buffer[] = [];

  constructor(
    readonly argv: readonly string[],
    options: ChildOptions = {},
  ) {
    const child = spawn(argv[0] ?? "", argv.slice(1), { cwd: options.cwd, env: options.env ?? process.env });
    this.process = child;
    running.add(child);
    child.stdout.on("data", (chunk: Buffer) => this.out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => this.err.push(chunk));
    child.stdin.on("error", () => undefined); // the child may exit without reading its input
    if (options.input !== undefined) child.stdin.write(options.input);
    if (!options.inputOpen) child.stdin.end();
    this.ended = new Promise((resolve) => {
      child.once("error", (error) => this.err.push(Buffer.from(`cannot start: ${error.message}\n`)));
      child.once("close", (code, signal) => {
        running.delete(child);
        const exit = signal ? 128 + constants.signals[signal] : (code ?? 127);
        this.result = { exit, stdout: this.stdout, stderr: this.stderr };
        resolve(this.result);
      });
    });
  }

  get stdout(): Buffer {
    return Buffer.concat(this.out);
  }

  get stderr(): Buffer {
    return Buffer.concat(this.err);
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  write(text: string): void {
    this.process.stdin.write(text);
  }

  endInput(): void {
    this.process.stdin.end();
  }

  signal(name: NodeJS.Signals): void {
    this.process.kill(name);
  }

  /** Waits until the child has printed `text` `times` times. Throws when the child exits before. */
  async printed(stream: "stdout" | "stderr", text: string, times = 1): Promise<void> {
    const has = () => this[stream].toString().split(text).length > times;
    const what = `${JSON.stringify(text)} on ${stream} of ${this.argv.slice(0, 4).join(" ")}`;
    await until(what, () => has() || this.result !== undefined);
    if (!has()) throw new Error(`ended before ${what}: ${this.stdout.toString()}${this.stderr.toString()}`);
  }

  /** Waits for the exit, and kills the child after `limitMs`. */
  async finish(limitMs = 90_000): Promise<ChildResult & { readonly late: boolean }> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.signal("SIGKILL");
    }, limitMs);
    const result = await this.ended;
    clearTimeout(timer);
    return { ...result, late };
  }
}

/** Runs a program until it exits. */
export async function run(argv: readonly string[], options: ChildOptions = {}): Promise<ChildResult> {
  return new Child(argv, options).finish();
}
