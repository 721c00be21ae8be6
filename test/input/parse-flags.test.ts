import { FlagError, parseFlags, takesNextArg } from "../../src/input/parse-flags";

const table = {
  prefix: { kind: "bool", default: false, usage: "" },
  limit: { kind: "int64", default: 0n, usage: "" },
  ops: { kind: "uint", default: 128, usage: "" },
  wait: { kind: "duration", default: 5000, usage: "" },
  endpoints: { kind: "strings", default: ["a:1"], usage: "" },
  "write-out": { kind: "string", default: "simple", usage: "", short: "w" },
  verbose: { kind: "bool", default: false, usage: "", short: "v" },
  place: { kind: "string", default: "", usage: "", noOptDefault: "home" },
  "old-wait": { kind: "duration", default: 0, usage: "", hidden: true, replacedBy: "wait" },
  sync: { kind: "bool", default: false, usage: "", hidden: true, replacedBy: "" },
} as const;

const parse = (...words: string[]) => parseFlags(table, words);
const messageOf = (...words: string[]): string => {
  try {
    parse(...words);
  } catch (error) {
    if (error instanceof FlagError) return error.message;
  }
  return "";
};

describe("flags on a line", () => {
  test("may stand before, between and after the arguments", () => {
    const { values, args } = parse("--prefix", "a", "--limit=3", "b", "-w", "json");
    expect(args).toEqual(["a", "b"]);
    expect(values).toMatchObject({ prefix: true, limit: 3n, "write-out": "json" });
  });

  test("keep their defaults when not given", () => {
    expect(parse().values).toMatchObject({ limit: 0n, wait: 5000, endpoints: ["a:1"], place: "" });
    expect(parse().given.size).toBe(0);
  });

  test.each([["-w", "json"], ["-wjson"], ["-w=json"], ["--write-out=json"], ["--write-out", "json"]])(
    "take a value as %s %s",
    (...words) => expect(parse(...words).values["write-out"]).toBe("json"),
  );

  test("end at a double dash, and a single dash is an argument", () => {
    expect(parse("-", "--", "-w", "--", "--prefix").args).toEqual(["-", "-w", "--", "--prefix"]);
  });

  test("of bool kind take a value only after an equals sign", () => {
    expect(parse("--prefix", "false")).toMatchObject({ values: { prefix: true }, args: ["false"] });
    expect(parse("--prefix=F").values.prefix).toBe(false);
    expect(parse("-vw=x").values).toMatchObject({ verbose: true, "write-out": "x" });
  });

  test("with an optional value do not take the next argument", () => {
    expect(parse("--place", "x")).toMatchObject({ values: { place: "home" }, args: ["x"] });
    expect(parse("--place=y").values.place).toBe("y");
  });

  test("that are lists grow with each comma and each repetition", () => {
    expect(parse("--endpoints=b,c", "--endpoints", '"d,e",').values.endpoints).toEqual(["b", "c", "d,e", ""]);
    expect(parse("--endpoints=").values.endpoints).toEqual([]);
  });

  test("accept Go's numbers and durations", () => {
    const { values } = parse("--limit=0x10", "--wait=1m30s", "--ops=1_000");
    expect(values).toMatchObject({ limit: 16n, wait: 90_000, ops: 1000 });
  });

  test.each([
    [["--limit=x"], 'invalid argument "x" for "--limit" flag: strconv.ParseInt: parsing "x": invalid syntax'],
    [
      ["--limit=99999999999999999999"],
      'invalid argument "99999999999999999999" for "--limit" flag: strconv.ParseInt: parsing "99999999999999999999": value out of range',
    ],
    [["--wait=5"], 'invalid argument "5" for "--wait" flag: time: missing unit in duration "5"'],
    [
      ["--prefix=maybe"],
      'invalid argument "maybe" for "--prefix" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
    [
      ["-v=x"],
      'invalid argument "x" for "-v, --verbose" flag: strconv.ParseBool: parsing "x": invalid syntax',
    ],
    [
      ['--endpoints=a"b'],
      'invalid argument "a\\"b" for "--endpoints" flag: parse error on line 1, column 2: bare " in non-quoted-field',
    ],
    [
      ['--endpoints="a"b'],
      'invalid argument "\\"a\\"b" for "--endpoints" flag: parse error on line 1, column 3: extraneous or missing " in quoted-field',
    ],
    [
      ['--endpoints="a'],
      'invalid argument "\\"a" for "--endpoints" flag: parse error on line 1, column 3: extraneous or missing " in quoted-field',
    ],
    [["--nope"], "unknown flag: --nope"],
    [["--constructor"], "unknown flag: --constructor"],
    [["-x"], "unknown shorthand flag: 'x' in -x"],
    [["-vxy"], "unknown shorthand flag: 'x' in -xy"],
    [["-w"], "flag needs an argument: 'w' in -w"],
    [["a", "--limit"], "flag needs an argument: --limit"],
    [["--=3"], "bad flag syntax: --=3"],
    [["---x"], "bad flag syntax: ---x"],
  ])("fail with pflag's message: %s", (words, message) => expect(messageOf(...words)).toBe(message));

  test("spelled with one dash are long flags, with a note", () => {
    const { values, notes } = parse("-prefix", "-limit", "4");
    expect(values).toMatchObject({ prefix: true, limit: 4n });
    expect(notes).toEqual([
      "-prefix was read as --prefix: long flags begin with two dashes",
      "-limit was read as --limit: long flags begin with two dashes",
    ]);
  });

  test("of old spelling set the new flag, with a note", () => {
    const { values, notes } = parse("--old-wait=7s", "--sync");
    expect(values.wait).toBe(7000);
    expect(notes).toEqual(["--old-wait is now spelled --wait", "--sync has no effect any more"]);
  });
});

test.each([
  ["--limit", true],
  ["--limit=3", false],
  ["--prefix", false],
  ["--place", false],
  ["--unknown", true],
  ["-w", true],
  ["-wjson", false],
  ["-v", false],
  ["-x", true],
  ["-limit", true],
  ["-prefix", false],
  ["word", false],
])("%s takes the next argument: %s", (word, expected) => expect(takesNextArg(table, word)).toBe(expected));
