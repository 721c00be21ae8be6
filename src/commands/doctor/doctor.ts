// `doctor`: one page about the health of a cluster, with the next step for everything that is wrong. The exit codes are those of
// monitoring plugins.
import type { FlagTable } from "../../input/flags";
import { sleep } from "../../clock";
import { badArgs, CliError, EtcdError } from "../../errors";
import { defineCommand, type CommandContext } from "../command";
import { checks, offlineChecks, type CheckName } from "./checks";
import { examine } from "./examine";
import { exitCodes, worst } from "./finding";
import { pageWriter, type Diagnosis } from "./page";

const names = Object.keys(checks) as CheckName[];

const flags = {
  skip: {
    kind: "strings",
    default: [],
    usage: `checks to leave out: ${names.join(", ")}`,
    values: names,
  },
  watch: {
    kind: "duration",
    default: 0,
    noOptDefault: "10s",
    usage: "repeat until Ctrl-C, after each INTERVAL",
  },
} as const satisfies FlagTable;

export const command = defineCommand({
  flags,
  async run(context, args, { skip, watch: intervalMs }) {
    checkArguments(args, skip, intervalMs);
    const write = pageWriter(await context.format(), await context.tableStyle());
    if (intervalMs === 0) {
      const diagnosis = await diagnose(context, skip);
      await context.io.stdout.write(write(diagnosis));
      return exitCodes[worst(diagnosis.findings)];
    }
    const { clock, interrupt, stdout } = context.io;
    for (;;) {
      const page = write(await diagnose(context, skip));
      if (stdout.isTTY) await stdout.write(clearScreen);
      await stdout.write(page);
      await sleep(clock, intervalMs, interrupt);
      interrupt.throwIfAborted();
    }
  },
});

/** Moves the cursor to the top left corner and clears the screen. */
const clearScreen = "\x1b[H\x1b[2J";

function checkArguments(args: readonly string[], skip: readonly string[], intervalMs: number): void {
  if (args.length > 0) {
    const isInterval = intervalMs > 0 && /^\d/.test(args[0] ?? "");
    throw badArgs("doctor takes no arguments", {
      hints: isInterval ? [`write --watch=${args[0]}`] : [],
    });
  }
  const wrong = skip.find((each) => !names.includes(each as CheckName));
  if (wrong !== undefined)
    throw badArgs(`there is no check ${wrong}`, { hints: [`choose ${names.join(", ")}`] });
  if (intervalMs < 0) throw badArgs("the interval of --watch must be positive");
}

/** A cluster that does not respond at all is as bad as can be. */
async function diagnose(context: CommandContext, skip: readonly string[]): Promise<Diagnosis> {
  try {
    const cluster = await examine(context, { withHashes: !skip.includes("hashes") });
    const findings = (cluster.isOffline ? offlineChecks : names)
      .filter((check) => !skip.includes(check))
      .flatMap((check) => checks[check](cluster).map((finding) => ({ check, ...finding })));
    return { cluster, findings };
  } catch (error) {
    if (!(error instanceof EtcdError)) throw error;
    throw new CliError(exitCodes.bad, error.message, { cause: error, hints: error.hints });
  }
}
