// The log of `serve`. By default it is plain notes on stderr. With --log-format, or with --log-outputs, it is lines as those of
// etcd's logger. Go: server/embed/config_logging.go, client/pkg/logutil
import { appendFileSync, openSync, closeSync } from "node:fs";
import { CliError, ExitCode } from "../../errors";
import { osErrorReason } from "../../go/os";
import { quote } from "../../go/quote";
import { zapConsoleLog, zapJsonLog, type ZapFields, type ZapLevel } from "../../go/zap";
import { BrokenPipe, type Io } from "../../io";
import type { ServeFlags } from "./flags";

export interface ServeLog {
  /** False: plain notes. */
  readonly isStructured: boolean;
  /** Fails only with BrokenPipe, of which a Go program dies. On a full disk lines are lost, and the server runs on, as in etcd. */
  write(level: ZapLevel, message: string, fields?: ZapFields): Promise<void>;
}

export const levels = ["debug", "info", "warn", "error", "dpanic", "panic", "fatal"] as const;

/** The text of etcd's panic about a level that it does not have. As zap reads it: an empty level is info. */
export function levelPanic(flags: ServeFlags): string | undefined {
  if (lowestLevel(flags) >= 0) return undefined;
  return `unrecognized level: ${quote(flags["log-level"])}`;
}

function lowestLevel({ debug, "log-level": named }: ServeFlags): number {
  return levels.findIndex((level) => level === (debug ? "debug" : named.toLowerCase() || "info"));
}

/** Throws CliError for a logger or format that etcd does not have, and for a file that cannot be written. */
export function openLog(flags: ServeFlags, io: Io): ServeLog {
  const { logger } = flags;
  if (logger === "capnslog") fail("--logger=capnslog is removed in v3.5");
  if (logger !== "zap") fail(`unknown logger option ${JSON.stringify(logger)}`);
  const format = flags["log-format"];
  if (!["", "json", "console"].includes(format)) {
    fail(`unknown log format: ${format}, supported values json, console`);
  }
  const lowest = lowestLevel(flags);
  const isListed = (level: ZapLevel) => levels.indexOf(level) >= lowest;
  const outputs = [...new Set(flags["log-outputs"].split(",").filter((each) => each !== ""))];
  if (outputs.length > 1 && outputs.includes("default")) {
    fail('multi logoutput for "default" is not supported yet');
  }
  if (format === "" && outputs.every((each) => each === "default")) return plainLog(io, isListed);

  const sinks = outputs.map((output) => sinkOf(output, io));
  const line = format === "console" ? zapConsoleLog : zapJsonLog;
  return {
    isStructured: true,
    async write(level, message, fields = {}) {
      if (!isListed(level)) return;
      const text = line(io.clock.now(), { level, logger: "serve", message, fields });
      for (const sink of sinks) await unlessFull(sink(text));
    },
  };
}

export function plainLog({ stderr }: Io, isListed: (level: ZapLevel) => boolean = () => true): ServeLog {
  return {
    isStructured: false,
    async write(level, message) {
      if (isListed(level)) await unlessFull(stderr.write(`note: ${message}\n`));
    },
  };
}

async function unlessFull(written: Promise<void>): Promise<void> {
  try {
    await written;
  } catch (error) {
    if (error instanceof BrokenPipe) throw error;
  }
}

/** systemd writes what comes on stderr to its journal. */
function sinkOf(output: string, { stdout, stderr }: Io): (text: string) => Promise<void> {
  if (["default", "stderr", "systemd/journal"].includes(output)) return (text) => stderr.write(text);
  if (output === "stdout") return (text) => stdout.write(text);
  try {
    closeSync(openSync(output, "a"));
  } catch (cause) {
    throw new CliError(
      ExitCode.error,
      `open sink ${JSON.stringify(output)}: open ${output}: ${osErrorReason(cause)}`,
      {
        cause,
      },
    );
  }
  let isLosing = false;
  return async (text) => {
    try {
      appendFileSync(output, text);
      isLosing = false;
    } catch (error) {
      if (isLosing) return;
      isLosing = true;
      await stderr.write(`note: lines of the log are lost: write ${output}: ${osErrorReason(error)}\n`);
    }
  };
}

function fail(message: string): never {
  throw new CliError(ExitCode.error, message);
}
