// `export [PREFIX]` prints keys with their values and leases as JSON lines, or YAML with -w yaml, for `import`.
import { badArgs, CliError, ExitCode } from "../../errors";
import type { ObjectFormat } from "../../output/readable/printer";
import { keyRange } from "../arguments";
import { defineCommand, type CommandContext } from "../command";
import { exportKeys } from "./export-keys";

const flags = {
  rev: { kind: "int64", default: 0n, usage: "export the keys as they were at this revision" },
} as const;

export const command = defineCommand({
  flags,
  async run(context, args, { rev }) {
    const [prefix = ""] = args;
    if (args.length > 1) throw badArgs("export takes one prefix, or none for all keys");
    if (rev < 0n) throw badArgs("--rev must not be negative");
    const format = await exportFormat(context);
    const { client } = await context.connect();
    const range = { ...keyRange([prefix], { prefix: true, "from-key": false }), revision: rev };
    await exportKeys(context, client, range, format, (bytes) => context.io.stdout.write(bytes));
  },
});

async function exportFormat(context: CommandContext): Promise<ObjectFormat> {
  const format = await context.format();
  if (format === "yaml") return "yaml";
  if (format === "simple" || format === "jsonl") return "jsonl";
  throw new CliError(ExitCode.badFeature, `${format} not supported as output format`, {
    hints: ["export prints jsonl (the default) or yaml"],
  });
}
