// `etcdctl shell`: commands typed at a prompt, over one connection. A command that fails or is stopped by Ctrl-C does not
// end the shell. Without a terminal the lines come from standard input and there is no prompt.
import { LineReader } from "../../commands/tokenize";
import { badArgs, ExitCode, signalExitCodes } from "../../errors";
import { rawBytes } from "../../go/raw-text";
import { inputOf, Interrupted } from "../../io";
import type { InputStream, Io, LineEditor, LineMode, Signal } from "../../io";
import { offlinePath } from "../../offline/offline-flag";
import { emptyBytes } from "../../proto/wire";
import { reportFailure } from "../exit";
import type { FlagTable } from "../../input/flags";
import type { Program } from "../manifest/builders";
import type { ParsedFlags } from "../../input/parse-flags";
import { parseCommandLine } from "./command-lines";
import { History } from "./history";
import { startSession, type RunLine, type Session } from "./session";
import { completeLine } from "./shell-completion";

export async function runShell(
  program: Program,
  parsed: ParsedFlags<FlagTable>,
  io: Io,
  run: RunLine,
): Promise<number> {
  if (parsed.args.length > 0) throw badArgs("shell takes no arguments; `etcdctl batch FILE` runs a file");
  // A signal stops the command that runs. The connections outlive it.
  const ending = new AbortController();
  const session = await startSession(program, parsed, io, run, ending.signal);
  try {
    return await new Shell(session, io).run();
  } finally {
    ending.abort();
    await session.clients.close();
  }
}

/** The command that runs. */
interface Running {
  readonly abort: AbortController;
  /** Set while the command handles the signals. */
  handler: ((signal: Signal) => void) | undefined;
}

class Shell {
  private running: Running | undefined;
  private endedBy: Signal | undefined;
  private editor: LineEditor | undefined;
  private readonly history: History;

  constructor(
    private readonly session: Session,
    private readonly io: Io,
  ) {
    this.history = new History(io.env);
  }

  async run(): Promise<number> {
    const release = this.io.takeSignals((signal) => this.onSignal(signal));
    try {
      for await (const line of this.io.stdin.isTTY ? this.typedLines() : this.pipedLines()) {
        if (["exit", "quit"].includes(line.trim())) break;
        await this.runLine(line);
        if (this.endedBy !== undefined) break;
      }
      return this.endedBy === undefined ? ExitCode.success : signalExitCodes[this.endedBy];
    } finally {
      release();
      this.editor?.close();
    }
  }

  private onSignal(signal: Signal): void {
    const { running } = this;
    // After the ^C that the terminal shows.
    if (signal === "SIGINT" && this.editor !== undefined)
      void this.io.stdout.write("\n").catch(() => undefined);
    if (signal !== "SIGINT") {
      this.endedBy = signal;
      this.editor?.close();
    }
    if (running?.handler !== undefined) running.handler(signal);
    else running?.abort.abort(new Interrupted(signal));
  }

  private async *typedLines(): AsyncGenerator<string> {
    const { io, session, history } = this;
    this.editor = await io.openLineEditor({
      history: await history.load(),
      mayKeep: (line) => history.mayKeep(line),
      complete: (line) => completeLine(line, session, io),
    });
    const prompt = this.prompt();
    for (;;) {
      const line = await this.editor.read(prompt, "command");
      if (line === undefined) return;
      if (line.trim() !== "") await history.add(line);
      yield rawBytes(line).toString("latin1");
    }
  }

  private async *pipedLines(): AsyncGenerator<string> {
    const reader = new LineReader(this.io.stdin.chunks());
    for (let line = await reader.next(); line !== undefined; line = await reader.next()) yield line;
  }

  /** `etcdctl 127.0.0.1:2379> `, with the number of further endpoints. */
  private prompt(): string {
    const { offline, endpoints } = this.session.settings;
    const path = offlinePath(offline);
    const [first = "", ...others] = endpoints;
    const place =
      path === undefined ? (others.length > 0 ? `${first} +${others.length}` : first) : `offline ${path}`;
    return `etcdctl ${place.trim()}> `;
  }

  private async runLine(line: string): Promise<void> {
    const running: Running = { abort: new AbortController(), handler: undefined };
    const io = this.commandIo(running);
    this.running = running;
    try {
      const command = parseCommandLine(line, this.session.program.root.name);
      if (command === undefined) return;
      await this.session.run(command.argv, io);
    } catch (error) {
      await reportFailure(error, io);
    } finally {
      this.running = undefined;
    }
  }

  private commandIo(running: Running): Io {
    const { io, editor } = this;
    const { signal } = running.abort;
    return {
      ...io,
      interrupt: signal,
      stdin: editor ? typedInput(editor, signal) : inputOf(emptyBytes),
      takeSignals(handler) {
        running.handler = handler;
        return () => (running.handler = undefined);
      },
      readPassword: async (prompt) => (editor && (await typed(editor, prompt, "secret", signal))) ?? "",
    };
  }
}

/** What a command reads from the terminal, until Ctrl-D. */
function typedInput(editor: LineEditor, signal: AbortSignal): InputStream {
  const next = () => typed(editor, "", "input", signal);
  return {
    isTTY: true,
    async *chunks() {
      for (let line = await next(); line !== undefined; line = await next()) yield Buffer.from(`${line}\n`);
    },
  };
}

/** A line, or the error of a command that a signal ends. Half of an input must not count as the whole. */
async function typed(editor: LineEditor, prompt: string, mode: LineMode, signal: AbortSignal) {
  signal.throwIfAborted();
  const line = await new Promise<string | undefined>((resolve, reject) => {
    const stop = (): void => {
      editor.stopReading();
      resolve(undefined);
    };
    signal.addEventListener("abort", stop, { once: true });
    void editor
      .read(prompt, mode)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", stop));
  });
  signal.throwIfAborted();
  return line;
}
