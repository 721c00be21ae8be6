// Colours and the progress line, on a terminal only. No other file uses chalk or ora;
// both are loaded at their first use.
import { hasColor } from "../hints";
import type { Io, OutputStream, Progress } from "../io";

export interface Palette {
  readonly hasColor: boolean;
  title(text: string): string;
}

const plain: Palette = { hasColor: false, title: (text) => text };

export async function paletteFor(stream: OutputStream, env: Io["env"]): Promise<Palette> {
  if (!hasColor(stream, env)) return plain;
  const { Chalk } = await import("chalk");
  const chalk = new Chalk({ level: 1 });
  return { hasColor: true, title: (text) => chalk.bold(text) };
}

/**
 * A spinner with a changing text on a terminal; elsewhere it does nothing. A terminal of 0 columns, as `script` and some
 * containers create it, gets no spinner: ora would clear lines without end.
 */
export function startProgress(stream: NodeJS.WriteStream, env: Io["env"]): Progress {
  if (!stream.isTTY || !stream.columns || env["TERM"] === "dumb")
    return { update: () => undefined, stop: () => undefined };
  let state: "idle" | "loading" | "stopped" | { spinner: { text: string; stop(): unknown } } = "idle";
  let text = "";
  const start = async (): Promise<void> => {
    const { default: ora } = await import("ora");
    if (state === "stopped") return;
    const color = env["NO_COLOR"] ? false : "cyan";
    state = { spinner: ora({ text, stream, color, discardStdin: false }).start() };
  };
  return {
    update(next) {
      text = next;
      if (typeof state === "object") state.spinner.text = text;
      if (state !== "idle") return;
      state = "loading";
      void start();
    },
    stop() {
      if (typeof state === "object") state.spinner.stop();
      state = "stopped";
    },
  };
}
