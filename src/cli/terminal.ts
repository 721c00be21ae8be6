// Colour and the progress line: the only user of chalk and ora, both loaded when first needed, and only on a terminal.
// NO_COLOR and TERM=dumb are honoured. Data never passes through here.
import type { Io, OutputStream, Progress } from "../io";

export interface Palette {
  readonly hasColor: boolean;
  title(text: string): string;
  hint(text: string): string;
}

const plain: Palette = { hasColor: false, title: (text) => text, hint: (text) => text };

export async function paletteFor(stream: OutputStream, env: Io["env"]): Promise<Palette> {
  if (!stream.isTTY || env["NO_COLOR"] || env["TERM"] === "dumb") return plain;
  const { Chalk } = await import("chalk");
  const chalk = new Chalk({ level: 1 });
  return { hasColor: true, title: (text) => chalk.bold(text), hint: (text) => chalk.dim(text) };
}

/**
 * A spinner with a text that changes; on anything but a terminal it does nothing. A terminal without a size (0 columns,
 * as `script` and some containers make it) gets none: ora would clear infinitely many lines.
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
