// The part of docs/SERVE.md that lists the flags, made from the tables of the command. `npm run docs` writes it.
import { currentFlags, serveFlags, supportedFlags } from "../../src/commands/serve/flags";
import type { EffectFlag } from "../../src/commands/serve/effects";
import { flagsWithoutEffect, refusedFlags } from "../../src/commands/serve/other-flags";

const begin = "<!-- flags -->\n";
const end = "<!-- end of flags -->";

/** The page with the present flags in place of those between its marks. */
export function servePage(page: string): string {
  const [before = "", rest = ""] = page.split(begin);
  const [, after = ""] = rest.split(end);
  return `${before}${begin}\n${flagLists()}\n\n${end}${after}`;
}

function flagLists(): string {
  const earlier = Object.keys(serveFlags).filter((name) => !Object.hasOwn(currentFlags, name));
  return [
    "### Obeyed",
    `${listOf(Object.keys(supportedFlags))}. [COMMANDS.md](COMMANDS.md#etcdctl-serve) says what they do.`,
    `These older names set the flag without \`experimental-\`: ${listOf(earlier.filter(isExperimental))}.`,
    `${listOf(earlier.filter((name) => !isExperimental(name)))} of etcd 3.4 sets \`--log-outputs\`.`,
    "### Accepted without effect",
    byReason(flagsWithoutEffect),
    "### Refused",
    "Only a value that switches something on is refused. The error has the reason and what to do instead.",
    byReason(refusedFlags),
  ].join("\n\n");
}

const isExperimental = (name: string): boolean => name.startsWith("experimental-");

function byReason(flags: Readonly<Record<string, EffectFlag>>): string {
  const names = new Map<string, string[]>();
  for (const [name, flag] of Object.entries(flags)) {
    const reason = flag.effect === "refused" ? `${flag.why}; ${flag.hint}` : flag.why;
    names.set(reason, [...(names.get(reason) ?? []), name]);
  }
  return [...names].map(([reason, each]) => `- ${reason}: ${listOf(each)}`).join("\n");
}

function listOf(names: readonly string[]): string {
  return names
    .toSorted()
    .map((name) => `\`--${name}\``)
    .join(", ");
}
