import { flagsFirst, parseFlagSet, type FlagTable } from "../../src/v2/flags";

const table = {
  recursive: { kind: "bool", alias: "r", usage: "" },
  ttl: { kind: "int", usage: "" },
  output: { kind: "string", alias: "o", default: "simple", usage: "" },
  timeout: { kind: "duration", default: 2_000_000_000n, usage: "" },
  roles: { kind: "list", usage: "" },
} as const satisfies FlagTable;

test("a flag that is not set has its default value", () => {
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
])("%j parses flags with one dash or two, up to the first argument", (argv, values, args) => {
  const parsed = parseFlagSet(table, argv);
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
])("%j fails with Go's error text", (argv, message) => {
  expect(parseFlagSet(table, argv).usageError).toBe(message);
});

test("a flag that is set by both of its names is reported separately from another usage error", () => {
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
  // The word after a flag may be its value. So the key stays after -r, and `--` is not the first argument.
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
])("%j: flags move before the arguments", (argv, moved) => {
  expect(flagsFirst(table, argv)).toEqual(moved);
});
