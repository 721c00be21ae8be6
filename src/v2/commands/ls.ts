// ls: the keys of a directory. Answers to ctlv2/command/ls_command.go.
import type { KeyNode } from "../api/keys";
import { defineCommand } from "../command";
import { printResponse } from "../print";
import { openKeys, shown } from "./key-command";

export const command = defineCommand({
  flags: {
    sort: { kind: "bool", about: "sort by key" },
    recursive: { kind: "bool", alias: "r", about: "go down into directories" },
    p: { kind: "bool", about: "end the names of directories with a slash" },
    quorum: { kind: "bool", alias: "q", about: "read through the quorum, not from one member alone" },
  },
  instead: (args) => `get ${shown(args[0], "/")} --prefix --keys-only`,
  async run(context, args, { sort, recursive, quorum, p }) {
    const keys = await openKeys(context);
    const response = await context.inTime((signal) =>
      keys.get(args[0] ?? "/", { sort, recursive, quorum }, signal),
    );
    if (context.settings.output !== "simple") return printResponse(context, response);
    const { node } = response;
    const lines = [...(node.dir ? [] : [node.key]), ...(node.nodes ?? []).flatMap((each) => names(each, p))];
    await context.io.stdout.write(lines.map((line) => `${line}\n`).join(""));
  },
});

function names(node: KeyNode, slash: boolean): string[] {
  return [
    node.dir && slash ? `${node.key}/` : node.key,
    ...(node.nodes ?? []).flatMap((each) => names(each, slash)),
  ];
}
