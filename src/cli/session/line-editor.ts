// Lines typed on a terminal, with history and completion: node:readline, which keeps the terminal in raw mode only while a
// line is read. Between two lines the terminal is as before, so Ctrl-C is a signal to the command that runs.
import { createInterface, type Interface } from "node:readline";
import { Writable } from "node:stream";
import type { ReadStream, WriteStream } from "node:tty";
import type { LineEditor, LineEditorOptions, LineMode } from "../../io";

const historyLines = 1000;

export class TerminalLineEditor implements LineEditor {
  private open: { readonly mode: LineMode; readonly readline: Interface } | undefined;
  /** Lines of a paste, which arrive together. */
  private readonly lines: string[] = [];
  private history: string[];
  private waiting: ((line: string | undefined) => void) | undefined;
  /** No echo after the prompt of a secret line. */
  private isMuted = false;

  constructor(
    private readonly input: ReadStream,
    private readonly output: WriteStream,
    private readonly options: LineEditorOptions,
    /** Called for Ctrl-C while a command reads a line. */
    private readonly interrupt: () => void,
  ) {
    this.history = [...options.history].reverse();
  }

  read(prompt: string, mode: LineMode): Promise<string | undefined> {
    const next = this.lines.shift();
    if (next !== undefined) return Promise.resolve(next);
    const readline = this.inMode(mode);
    this.isMuted = false;
    readline.setPrompt(prompt);
    this.input.setRawMode(true);
    readline.resume();
    readline.prompt();
    this.isMuted = mode === "secret";
    return new Promise((resolve) => {
      this.waiting = (line) => {
        this.waiting = undefined;
        // A closed one cannot be paused: Bun and newer versions of Node throw.
        if (this.open?.readline === readline) readline.pause();
        this.input.setRawMode(false);
        if (this.isMuted) this.output.write("\n");
        this.isMuted = false;
        resolve(line);
      };
    });
  }

  close(): void {
    const { open } = this;
    this.open = undefined;
    open?.readline.close();
    this.waiting?.(undefined);
    this.input.pause();
  }

  stopReading(): void {
    const { open } = this;
    if (this.waiting === undefined) return;
    this.open = undefined;
    this.waiting = undefined;
    this.lines.length = 0; // the rest of a paste was for the command that ends
    this.isMuted = false;
    open?.readline.close();
    this.input.setRawMode(false);
  }

  private inMode(mode: LineMode): Interface {
    if (this.open?.mode === mode) return this.open.readline;
    const { open } = this;
    this.open = undefined;
    open?.readline.close();
    const isCommand = mode === "command";
    const readline = createInterface({
      input: this.input,
      output: this.throughMute(),
      terminal: true,
      prompt: "",
      historySize: isCommand ? historyLines : 0,
      history: isCommand ? this.history : [],
      removeHistoryDuplicates: true,
      ...(isCommand && { completer: this.completer() }),
    });
    this.open = { mode, readline };
    readline.on("history", (history) => {
      this.history = history.filter((line) => this.options.mayKeep(line));
      history.splice(0, history.length, ...this.history);
    });
    readline.on("line", (line) => {
      if (this.waiting) this.waiting(line);
      else this.lines.push(line);
    });
    readline.on("SIGINT", () => {
      if (mode !== "command") {
        this.output.write("^C");
        return this.interrupt();
      }
      this.output.write("^C\n");
      readline.write(null, { ctrl: true, name: "e" });
      readline.write(null, { ctrl: true, name: "u" });
      readline.prompt();
    });
    // Ctrl-D on an empty line. The next read opens another interface.
    readline.on("close", () => {
      if (this.open?.readline !== readline) return;
      this.open = undefined;
      this.output.write("\n");
      this.waiting?.(undefined);
    });
    return readline;
  }

  private completer() {
    return (line: string, done: (error: Error | null, result: [string[], string]) => void): void => {
      this.options.complete(line).then(
        ({ replaced, texts }) => done(null, [[...texts], replaced]),
        () => done(null, [[], ""]),
      );
    };
  }

  /** readline asks its output for the width of the terminal. */
  private throughMute(): NodeJS.WritableStream {
    const { output } = this;
    const muted = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        // At once: what is written before the echo is switched off must not wait.
        if (!this.isMuted) output.write(chunk);
        done();
      },
    });
    Object.defineProperty(muted, "columns", { get: () => output.columns });
    return muted;
  }
}
