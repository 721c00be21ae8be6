import { findCommand, UnknownCommand } from "../../src/cli/find-command";
import type { CommandNode } from "../../src/cli/manifest/builders";
import { root as etcdctlRoot } from "../../src/cli/manifest/etcdctl";
import { unknownCommandError, version2Hints } from "../../src/cli/suggest";
import { commands as version2Commands } from "../../src/v2/manifest";

const node = (name: string, ...children: CommandNode[]): CommandNode => ({
  name,
  usage: "",
  summary: "",
  children,
});

// The commands of etcd in its order, and one addition.
const root: CommandNode = {
  ...node(
    "etcdctl",
    ...["get", "put", "del", "txn", "compaction", "alarm", "defrag"].map((name) => node(name)),
    {
      ...node("endpoint", node("health"), node("status")),
      flags: { cluster: { kind: "bool", default: false, usage: "" } },
    },
    ...["move-leader", "watch", "version"].map((name) => node(name)),
    node("lease", node("grant"), node("revoke"), node("list")),
    ...["member", "snapshot", "make-mirror", "lock", "elect", "auth", "user", "role", "check"].map((name) =>
      node(name),
    ),
    node("completion"),
    { ...node("serve"), isAddition: true },
    { ...node("help"), builtin: "help" as const },
  ),
  flags: { help: { kind: "bool", default: false, usage: "", short: "h" } },
};

const flags = {
  "write-out": { kind: "string", default: "", usage: "", short: "w" },
  hex: { kind: "bool", default: false, usage: "" },
  offline: { kind: "string", default: "", usage: "", noOptDefault: "true" },
} as const;

const find = (...words: string[]) => {
  const found = findCommand(root, flags, words);
  return [
    found.path
      .slice(1)
      .map(({ name }) => name)
      .join(" "),
    found.args,
  ] as const;
};

const usageErrorOf = (...args: string[]) => {
  try {
    find(...args);
  } catch (error) {
    if (error instanceof UnknownCommand) return unknownCommandError(root, error, false);
    throw error;
  }
  throw new Error("the command was found");
};

const errorOf = (...args: string[]): string => {
  const { message, usage } = usageErrorOf(...args);
  return `Error: ${message}\n${usage}`;
};

const unknown = (typed: string, ...near: string[]): string =>
  `Error: unknown command "${typed}" for "etcdctl"\n` +
  (near.length > 0 ? `\nDid you mean this?\n${near.map((name) => `\t${name}\n`).join("")}\n` : "") +
  "Run 'etcdctl --help' for usage.\n";

describe("a command", () => {
  test.each([
    [["get", "a"], "get", ["a"]],
    [["-w", "json", "get", "a"], "get", ["-w", "json", "a"]],
    [["-wjson", "--hex", "lease", "--offline", "list"], "lease list", ["-wjson", "--hex", "--offline"]],
    [["endpoint", "--cluster", "status"], "endpoint status", ["--cluster"]],
    [["get", "get"], "get", ["get"]],
    [["put", "--write-out", "put", "put"], "put", ["--write-out", "put", "put"]],
    [["", "get", "a"], "get", ["", "a"]],
  ])("is found among flags: %j", (words, command, rest) => expect(find(...words)).toEqual([command, rest]));

  test.each([
    ["pu", "put"],
    ["g", "get"],
    ["p", "put"],
    ["mem", "member"],
    ["s", "snapshot"],
    ["ser", "serve"],
    ["h", "help"],
    ["compact", "compaction"],
  ])("may be abbreviated while it is unique among etcd's: %s", (typed, command) =>
    expect(find(typed)[0]).toBe(command),
  );

  test("of two words may be abbreviated in both", () => expect(find("le", "li")).toEqual(["lease list", []]));

  test.each([
    ["de", "get", "del", "defrag"],
    ["e", "get", "del", "endpoint", "elect"],
    ["l", "del", "lease", "lock"],
    ["comp", "compaction", "completion"],
    ["foo"],
    ["gte", "get"],
    ["puts", "put", "auth"],
    ["set", "get", "put", "del", "user"],
    ["snapshots", "snapshot"],
    ["Get", "get", "put", "del"],
    ["user-add"],
  ])("that is ambiguous or unknown gets cobra's suggestions: %s", (typed, ...near) =>
    expect(errorOf(typed, "a")).toBe(unknown(typed, ...near)),
  );

  test("after an unknown flag is taken as the flag's value", () =>
    expect(errorOf("--nope", "get", "a")).toBe(unknown("a", "alarm", "auth")));

  test("that is the last word is the value of an unknown flag before it", () =>
    expect(find("--nope", "get")[0]).toBe(""));

  test("is not searched after a double dash", () => expect(find("--", "get", "a")[0]).toBe(""));

  test("whose second word is unknown is its parent", () =>
    expect(find("lease", "foo")).toEqual(["lease", ["foo"]]));

  test("whose second word follows a help flag is its parent", () =>
    expect(find("lease", "-h", "grant")).toEqual(["lease", ["-h", "grant"]]));

  test("of version 2 gets a hint at version 3's", () => {
    expect(usageErrorOf("ls", "/").hints).toEqual([
      "ls is a command of version 2; in version 3: etcdctl get DIR --prefix --keys-only",
    ]);
  });

  const version2Names = version2Commands.flatMap(({ name, children }) =>
    children ? children.map((child) => `${name} ${child.name}`) : [name],
  );
  test.each([...version2Names, "import"])("of version 2 exists or has a hint: %s", (name) => {
    const hints = version2Hints(name.split(" "));
    if (hints.length > 0) return expect(hints).toEqual([expect.stringContaining(": etcdctl ")]);
    expect(findCommand(etcdctlRoot, {}, name.split(" ")).args).toEqual([]);
  });
});
