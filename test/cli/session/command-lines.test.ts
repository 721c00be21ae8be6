import { parseCommandLine, wordsOf } from "../../../src/cli/session/command-lines";
import { CliError } from "../../../src/errors";
import { rawText } from "../../../src/go/raw-text";

const binary = (text: string | Uint8Array) => Buffer.from(text).toString("latin1");
const parse = (line: string) => parseCommandLine(binary(line), "etcdctl");

test.each<[string, string[]]>([
  ["put a 1", ["put", "a", "1"]],
  ["  put\ta   1  ", ["put", "a", "1"]],
  ["put 'a b' \"c d\"", ["put", "a b", "c d"]],
  [`put a"b c"d'e f' x`, ["put", "ab cde f", "x"]],
  [String.raw`put 'a\n' "a\n\t\"\\\$\x41\q"`, ["put", String.raw`a\n`, 'a\n\t"\\$A\\q']],
  [String.raw`put a\ b \# \'`, ["put", "a b", "#", "'"]],
  [`put "" ''`, ["put", "", ""]],
  ["put a#b # and the rest", ["put", "a#b"]],
  ["put --lease=12 k v\r", ["put", "--lease=12", "k", "v"]],
])("the line %j has the words %j", (line, words) => {
  expect(wordsOf(line)).toEqual(words);
});

test("white space is ASCII, so a byte of a character never separates words", () => {
  expect(parse("put à\u3000b ok")?.argv).toEqual(["put", "à\u3000b", "ok"]);
});

test("bytes that are not UTF-8 arrive as they were typed, raw and as \\xHH", () => {
  const raw = Buffer.concat([Buffer.from("put "), Buffer.of(0xff, 0x80), Buffer.from(String.raw` "\xfe"`)]);
  const argv = parseCommandLine(raw.toString("latin1"), "etcdctl")?.argv;
  expect(argv).toEqual(["put", rawText(Buffer.of(0xff, 0x80)), rawText(Buffer.of(0xfe))]);
});

test.each(["", "   ", "# comment", "  # comment", "\r"])("the line %j is no command", (line) => {
  expect(parse(line)).toBeUndefined();
});

test("a line may begin with the name of the program", () => {
  expect(parse("etcdctl put etcdctl 1")?.argv).toEqual(["put", "etcdctl", "1"]);
  expect(parse("etcdctl")?.argv).toEqual([]);
});

test("a JSON line has any bytes in its arguments and in the input of the command", () => {
  expect(parse('["put", "kä", {"base64": "/wA="}]')).toEqual({
    argv: ["put", "kä", rawText(Buffer.of(0xff, 0))],
    stdin: new Uint8Array(0),
  });
  const withInput = parse('{"args": ["put", "k"], "stdin": {"base64": "/wA="}}');
  expect({ ...withInput, stdin: [...(withInput?.stdin ?? [])] }).toEqual({
    argv: ["put", "k"],
    stdin: [255, 0],
  });
});

test.each<[string, RegExp]>([
  ["put 'a", /the quote ' is not closed/],
  ['put "a\\"', /the quote " is not closed/],
  ['["put", 1]', /1 is neither a string nor/],
  ['["put", null]', /null is neither/],
  ['["put", {"base64": "&"}]', /neither/],
  ['["put",', /not a command in JSON: /],
  ['{"arg": ["put"]}', /unknown field "arg"/],
  ['{"stdin": "x"}', /"args" must be an array/],
])("the line %j is refused: %s", (line, reason) => {
  expect(() => parse(line)).toThrow(reason);
  expect(() => parse(line)).toThrow(CliError);
});
