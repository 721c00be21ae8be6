import { flagsFirst, parseFlagSet, type FlagTable } from "../../src/v2/flags";

const table = {
  recursive: { kind: "bool", alias: "r", usage: "" },
  ttl: { kind: "int", usage: "" },
  output: { kind: "string", alias: "o", default: "simple", usage: "" },
  timeout: { kind: "duration", default: 2_000_000_000n, usage: "" },
  roles: { kind: "list", usage: "" },
} as const satisfies FlagTable;

test("defaults hold where nothing is given", () => {
  expect(parseFlagSet(table, [])).toEqual({
    values: { recursive: false, ttl: 0n, output: "simple", timeout: 2_000_000_000n, roles: [] },
    args: [],
    usageError: undefined,
    duplicateFlag: undefined,
  });
});

test.each([
  [["-recursive", "--ttl=5", "/a"], { recursive: true, ttl: 5n }, ["/a"]],
  [["--ttl", "0x10"], { ttl: 16n }, []],
  [["-o=json", "--timeout", "1m"], { output: "json", timeout: 60_000_000_000n }, []],
  [["--recursive=F", "-", "-r"], { recursive: false }, ["-", "-r"]],
  [["--", "-r"], { recursive: false }, ["-r"]],
  [["--roles", "a", "-roles=b,c"], { roles: ["a", "b,c"] }, []],
])("%j: one dash or two, up to the first word that is no flag", (words, values, args) => {
  const parsed = parseFlagSet(table, words);
  expect(parsed).toMatchObject({ values, args, usageError: undefined });
});

test.each([
  [["--nope"], "flag provided but not defined: -nope"],
  [["---r"], "bad flag syntax: ---r"],
  [["-=r"], "bad flag syntax: -=r"],
  [["--ttl"], "flag needs an argument: -ttl"],
  [["--ttl", "x"], 'invalid value "x" for flag -ttl: parse error'],
  [["--ttl=9223372036854775808"], 'invalid value "9223372036854775808" for flag -ttl: value out of range'],
  [["--timeout=3"], 'invalid value "3" for flag -timeout: parse error'],
  [["-r=yes"], 'invalid boolean value "yes" for -r: parse error'],
])("%j is told in Go's words", (words, mistake) => {
  expect(parseFlagSet(table, words).usageError).toBe(mistake);
});

test("a flag given by both of its names is a mistake of its own, told beside another one", () => {
  const parsed = parseFlagSet(table, ["-r", "--recursive", "--nope"]);
  expect(parsed.duplicateFlag).toBe("Cannot use two forms of the same flag: r recursive");
  expect(parsed.usageError).toBe("flag provided but not defined: -nope");
});

test.each([
  [
    ["/a", "--ttl", "5", "v"],
    ["--ttl", "5", "/a", "v"],
  ],
  [
    ["/a", "v", "--ttl"],
    ["--ttl", "/a", "v"],
  ],
  // What follows a flag may be its value, so the key stays with it, and `--` is then no longer the first word.
  [
    ["-r", "/a", "--", "sh", "-c", "x"],
    ["-r", "/a", "--", "sh", "-c", "x"],
  ],
  [
    ["/a", "--", "sh", "-c", "x"],
    ["--", "/a", "sh", "-c", "x"],
  ],
  [
    ["/k", "-1"],
    ["/k", "-1"],
  ],
])("%j: flags are moved before the arguments", (words, moved) => {
  expect(flagsFirst(table, words)).toEqual(moved);
});
