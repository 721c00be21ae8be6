// The text of docs/COMMANDS.md: a contents list, then the help of every command. `npm run docs` writes the file.
import { manifestFlags } from "../../src/cli/find-command";
import { globalFlagsText, helpText, type HelpStyle } from "../../src/cli/help";
import { globalFlags } from "../../src/cli/global-flags";
import { loadProgram } from "../../src/cli/main";
import type { CommandNode } from "../../src/cli/manifest/builders";
import { commandHelp } from "../../src/v2/help";
import { commands as commandsOfV2, type CommandNode as NodeOfV2 } from "../../src/v2/manifest";

const style: HelpStyle = {
  palette: { hasColor: false, title: (text) => text },
  columns: 100,
};

/** A command with its help. `words` are the words after the program's name: `["member", "add"]`. */
interface Section {
  readonly program: string;
  readonly words: readonly string[];
  readonly text: string;
}

const globalFlagsTitle = "Global flags";

export async function commandsPage(): Promise<string> {
  const sections = [
    ...(await sectionsOf("etcdctl")),
    ...(await sectionsOf("etcdutl")),
    ...(await sectionsOfV2(commandsOfV2, [])),
  ];
  const parts = [
    "# Every command",
    "`npm run docs` writes this page from the texts that `--help` prints.",
    contents(sections),
    block(globalFlagsTitle, globalFlagsText(globalFlags, style)),
    ...sections.map((section) => block(titleOf(section), section.text)),
  ];
  return `${parts.join("\n\n")}\n`;
}

async function sectionsOf(name: "etcdctl" | "etcdutl"): Promise<Section[]> {
  const { root } = await loadProgram(name);
  return sectionsUnder([root]);
}

async function sectionsUnder(path: readonly CommandNode[]): Promise<Section[]> {
  const node = path.at(-1) as CommandNode;
  if (node.children.length > 0) {
    const inner = await Promise.all(node.children.map((child) => sectionsUnder([...path, child])));
    return inner.flat();
  }
  if (node.builtin && !["session", "profile"].includes(node.builtin)) return [];
  const command = await node.load?.();
  const [program = "", ...words] = path.map((each) => each.name);
  return [{ program, words, text: helpText(path, { ...manifestFlags(path), ...command?.flags }, style) }];
}

async function sectionsOfV2(nodes: readonly NodeOfV2[], parents: readonly NodeOfV2[]): Promise<Section[]> {
  const sections = nodes.map(async (node) => {
    const path = [...parents, node];
    if (node.children) return sectionsOfV2(node.children, path);
    const command = await node.load?.();
    if (command === undefined) return [];
    const words = path.map((each) => each.name);
    return [{ program: "ETCDCTL_API=2 etcdctl", words, text: commandHelp(path, command.flags) }];
  });
  return (await Promise.all(sections)).flat();
}

/** One line for each program, below it one line for each first word; further words are links in that line. */
function contents(sections: readonly Section[]): string {
  const lines = [`- ${link(globalFlagsTitle, globalFlagsTitle)}`];
  for (const [program, commands] of groupBy(sections, (section) => section.program)) {
    lines.push(`- ${program}`);
    for (const [first, group] of groupBy(commands, ({ words: [word = ""] }) => word)) {
      const links = group.map((each) => link(each.words.slice(1).join(" ") || first, titleOf(each)));
      const isNoun = group.some(({ words }) => words.length > 1);
      lines.push(`  - ${isNoun ? `${first}: ` : ""}${links.join(", ")}`);
    }
  }
  return lines.join("\n");
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function titleOf({ program, words }: Section): string {
  return [program, ...words].join(" ");
}

/** A link to a heading, as GitHub makes them: small letters, blanks as dashes, no other signs. */
function link(text: string, title: string): string {
  const anchor = title
    .toLowerCase()
    .replaceAll(/[^\w -]/g, "")
    .replaceAll(" ", "-");
  return `[${text}](#${anchor})`;
}

function block(title: string, text: string): string {
  return `## ${title}\n\n\`\`\`text\n${text.trimEnd()}\n\`\`\``;
}
