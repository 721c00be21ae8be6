// The manual pages, from the manifest and the flags: one for each program, and one for each command, as git has them
// (etcdctl-get.1). `npm run docs` and the packing of the package write them to man/.
import { manifestFlags } from "../../src/cli/find-command";
import type { FlagTable } from "../../src/input/flags";
import { globalFlags } from "../../src/cli/global-flags";
import { defaultNote, flagTerm } from "../../src/cli/help";
import { loadProgram } from "../../src/cli/main";
import { groups, type CommandNode } from "../../src/cli/manifest/builders";
import { ownVersion } from "../../src/etcd/versions";

/** The names of the files and their texts. */
export async function manPages(): Promise<ReadonlyMap<string, string>> {
  const pages = new Map<string, string>();
  for (const name of ["etcdctl", "etcdutl"] as const) {
    const { root } = await loadProgram(name);
    pages.set(`${name}.1`, programPage(root));
    for (const path of leaves([root])) pages.set(`${pageName(path)}.1`, await commandPage(path));
  }
  return pages;
}

function leaves(path: readonly CommandNode[]): (readonly CommandNode[])[] {
  const node = path.at(-1) as CommandNode;
  if (node.children.length === 0) return [path];
  return node.children.flatMap((child) => leaves([...path, child]));
}

function pageName(path: readonly CommandNode[]): string {
  return path.map(({ name }) => name).join("-");
}

function commandName(path: readonly CommandNode[]): string {
  return path.map(({ name }) => name).join(" ");
}

function programPage(root: CommandNode): string {
  const { name, summary } = root;
  const commands = leaves([root]);
  const byGroup = Object.entries(groups)
    .map(([group, title]) => ({ title, paths: commands.filter((path) => path[1]?.group === group) }))
    .filter(({ paths }) => paths.length > 0);
  const listed = byGroup.length > 0 ? byGroup : [{ title: "Commands", paths: commands }];
  return page(name, [
    section("NAME", `${text(name)} \\- ${text(lowerFirst(summary))}`),
    section("SYNOPSIS", `.B ${text(name)}\n${text("<command> [flags]")}`),
    section(
      "DESCRIPTION",
      text(summary),
      text("Each command has a page, for example"),
      seeAlso([firstLeaf(commands)]),
    ),
    section(
      "COMMANDS",
      ...listed.flatMap(({ title, paths }) => [
        `.SS ${text(title)}`,
        ...paths.map((path) => item(pageName(path), (path.at(-1) as CommandNode).summary)),
      ]),
    ),
    ...(name === "etcdctl"
      ? [
          section("GLOBAL FLAGS", "Every command takes them.", ...flagItems(globalFlags)),
          section(
            "ENVIRONMENT",
            text("Each global flag has a variable: ETCDCTL_ and its name in capitals, for example"),
            ".B ETCDCTL_WRITE_OUT=json.",
            text("If both are set, the flag wins."),
          ),
        ]
      : []),
    section(
      "EXIT STATUS",
      text("0 for success. 1 for an error, 2 for a failed connection, 128 for wrong arguments."),
    ),
  ]);
}

function firstLeaf(paths: readonly (readonly CommandNode[])[]): readonly CommandNode[] {
  return paths.find((path) => path[1]?.name === "get") ?? (paths[0] as readonly CommandNode[]);
}

async function commandPage(path: readonly CommandNode[]): Promise<string> {
  const node = path.at(-1) as CommandNode;
  const command = await node.load?.();
  const flags: FlagTable = { ...manifestFlags(path), ...command?.flags };
  const program = path[0] as CommandNode;
  const siblings = path.length > 2 ? leaves(path.slice(0, -1)) : [];
  return page(pageName(path), [
    section("NAME", `${text(pageName(path))} \\- ${text(lowerFirst(node.summary))}`),
    section("SYNOPSIS", `.B ${text(commandName(path))}\n${text(`[flags] ${node.usage}`.trim())}`),
    section("DESCRIPTION", paragraphs([`${node.summary}.`, node.details ?? ""])),
    section("FLAGS", ...flagItems(flags)),
    section(
      "SEE ALSO",
      seeAlso([[program], ...siblings.filter((each) => each.at(-1) !== node)]),
      ...(program.name === "etcdctl" ? [".PP", text("The global flags are in the page of etcdctl.")] : []),
    ),
  ]);
}

function page(name: string, sections: readonly string[]): string {
  const head = `.TH ${name.toUpperCase().replaceAll("-", "\\-")} 1 "" "etcdctl for Node ${ownVersion}" "etcdctl for Node"`;
  return `.\\" Written by npm run docs.\n${head}\n${sections.join("\n")}\n`;
}

function section(title: string, ...parts: readonly string[]): string {
  return [`.SH ${title}`, ...parts].join("\n");
}

function flagItems(flags: FlagTable): string[] {
  return Object.entries(flags)
    .filter(([, { hidden }]) => hidden !== true)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, flag]) => item(flagTerm(name, flag), `${flag.usage}${defaultNote(flag)}`));
}

function item(term: string, description: string): string {
  return `.TP\n.B ${text(term)}\n${text(description)}`;
}

function paragraphs(texts: readonly string[]): string {
  return texts
    .flatMap((each) => each.split("\n\n"))
    .filter((each) => each !== "")
    .map((each) => (/^ {2}/m.test(each) ? `.nf\n${text(each)}\n.fi` : text(each)))
    .join("\n.PP\n");
}

function seeAlso(paths: readonly (readonly CommandNode[])[]): string {
  return paths
    .map((path, at) => `.BR ${text(pageName(path))} (1)${at + 1 < paths.length ? "," : ""}`)
    .join("\n");
}

/** No character has a meaning for troff, and no line begins as a request. */
function text(plain: string): string {
  return plain
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("…", "...")
    .split("\n")
    .map((line) => (/^[.']/.test(line) ? `\\&${line}` : line))
    .join("\n");
}

function lowerFirst(summary: string): string {
  return /^[A-Z][a-z]/.test(summary) ? summary.charAt(0).toLowerCase() + summary.slice(1) : summary;
}
