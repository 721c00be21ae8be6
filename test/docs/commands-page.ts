// docs/COMMANDS.md: the help of every command of every program, from the manifests. `npm run docs` writes it.
import type { FlagTable } from "../../src/cli/flags";
import { globalFlags, helpFlag } from "../../src/cli/global-flags";
import { flagsText, helpText, type HelpStyle } from "../../src/cli/help";
import { loadProgram } from "../../src/cli/main";
import type { CommandNode } from "../../src/cli/manifest/builders";
import { type Program } from "../../src/cli/manifest/builders";
import { commandHelp } from "../../src/v2/help";
import { commands as commandsOfV2, type CommandNode as NodeOfV2 } from "../../src/v2/manifest";

const programs = ["etcdctl", "etcdutl"] as const;
const style: HelpStyle = {
  palette: { hasColor: false, title: (text) => text, hint: (text) => text },
  columns: 100,
};

export async function commandsPage(): Promise<string> {
  const sections = await Promise.all(programs.map(async (name) => programSection(await loadProgram(name))));
  return `# Every command

Written by \`npm run docs\` from what the programs themselves say (\`--help\`).

${sections.join("\n")}
${(await sectionOfV2(commandsOfV2, [])).join("\n")}`;
}

async function sectionOfV2(nodes: readonly NodeOfV2[], parents: readonly NodeOfV2[]): Promise<string[]> {
  const sections = nodes.map(async (node) => {
    const path = [...parents, node];
    if (node.children) return sectionOfV2(node.children, path);
    const command = await node.load?.();
    const name = path.map((each) => each.name).join(" ");
    return command ? block(`## ETCDCTL_API=2 etcdctl ${name}`, commandHelp(path, command.flags)) : [];
  });
  return (await Promise.all(sections)).flat();
}

async function programSection(program: Program): Promise<string> {
  const commands = await commandsUnder([program.root]);
  const flags =
    program.root.name === "etcdctl" ? block("## Flags of every command", flagsText(globalFlags, style)) : [];
  return [...flags, ...commands].join("\n");
}

async function commandsUnder(path: readonly CommandNode[]): Promise<string[]> {
  const node = path.at(-1) as CommandNode;
  if (node.children.length > 0) {
    const inner = await Promise.all(node.children.map((child) => commandsUnder([...path, child])));
    return inner.flat();
  }
  if (node.builtin) return [];
  const command = await node.load?.();
  const ofParents = Object.assign({}, ...path.map((each) => each.flags)) as FlagTable;
  const name = path.map((each) => each.name).join(" ");
  return block(`## ${name}`, helpText(path, { ...helpFlag, ...ofParents, ...command?.flags }, style));
}

function block(title: string, text: string): string[] {
  return [`${title}\n`, `\`\`\`text\n${text.trimEnd()}\n\`\`\`\n`];
}
