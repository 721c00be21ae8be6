// `get --tree`: the keys as a tree, with the number of keys in each directory.
import { command as get } from "../../src/commands/get";
import type { RangeRequest, RangeResponse } from "../../src/proto/gen/etcdserverpb";
import { KeyValue } from "../../src/proto/gen/mvccpb";
import { runCommand } from "../support/run-command";

type Answer = Pick<RangeResponse, "kvs" | "count">;

const keys = (...names: (string | Uint8Array)[]): Answer => ({
  kvs: names.map((name) => KeyValue.create({ key: Buffer.from(name) })),
  count: BigInt(names.length),
});

async function run(words: string[], answer: Answer) {
  return runCommand(get, words, { answers: { Range: () => answer } });
}

async function tree(answer: Answer, ...words: string[]): Promise<string> {
  return (await run(["--tree", ...words], answer)).stdout;
}

async function request(...words: string[]): Promise<RangeRequest> {
  return (await run(words, keys("a"))).calls[0]?.request as RangeRequest;
}

const pods = keys(
  "/registry/pods/default/a",
  "/registry/pods/default/b",
  "/registry/pods/kube-system/c",
  "/registry/ranges/serviceips",
);

test("the tree starts at the common directory of all keys and counts the keys in each directory", async () => {
  expect(await tree(pods, "/registry")).toBe(
    `/registry/ (4)
├── pods/ (3)
│   ├── default/ (2)
│   │   ├── a
│   │   └── b
│   └── kube-system/ (1)
│       └── c
└── ranges/ (1)
    └── serviceips
`,
  );
});

test("--depth limits the levels and counts the keys below them", async () => {
  expect(await tree(pods, "/registry", "--depth=1")).toBe("/registry/ (4)\n├── pods/ (3)\n└── ranges/ (1)\n");
  const early = keys("/a/b/c/d/1", "/a/b/c/d/2", "/x");
  expect(await tree(early, "--depth=2")).toBe("/ (3)\n├── a/ (2)\n│   └── b/ (2)\n└── x\n");
});

test("the tree shows a key beside a directory of the same name, empty names, and keys without a slash", async () => {
  expect(await tree(keys("a", "a/", "a//b", "a/c"))).toBe(
    `. (4)
├── a
└── a/ (3)
    ├── ""
    ├── / (1)
    │   └── b
    └── c
`,
  );
});

test("names with unprintable characters or quotes are quoted", async () => {
  expect(await tree(keys("d/\x1b[0m", 'd/"q"', Buffer.from([0x64, 0x2f, 0xff]), "d/é", "d/\n/x"))).toBe(
    `d/ (5)
├── "\\x1b[0m"
├── "\\"q\\""
├── "\\xff"
├── é
└── "\\n/" (1)
    └── x
`,
  );
});

test("keys that are not sorted by name still make one tree", async () => {
  expect(await tree(keys("b/1", "a/1", "b/2"), "--order=DESCEND", "--sort-by=MODIFY")).toBe(
    ". (3)\n├── b/ (2)\n│   ├── 1\n│   └── 2\n└── a/ (1)\n    └── 1\n",
  );
});

test("the tree shows how many keys a limit left out, and is empty without keys", async () => {
  expect(await tree({ ...keys("a"), count: 12n }, "--limit=1")).toBe(". (1 of 12)\n└── a\n");
  expect(await tree(keys())).toBe("");
});

test("a key with a million slashes is drawn with a limited number of lines", async () => {
  const drawn = await tree(keys("/".repeat(1_000_000), "x"));
  expect(drawn.split("\n").length).toBeLessThan(1100);
});

test("--tree reads keys without values, with KEY as a prefix by default, and all keys without KEY", async () => {
  const zero = Uint8Array.of(0);
  expect(await request("/r", "--tree")).toMatchObject({
    key: bytes("/r"),
    rangeEnd: bytes("/s"),
    keysOnly: true,
  });
  expect(await request("--tree")).toMatchObject({ key: zero, rangeEnd: zero });
  expect(await request("a", "c", "--tree")).toMatchObject({ key: bytes("a"), rangeEnd: bytes("c") });
  expect(await request("a", "--from-key", "--tree")).toMatchObject({ key: bytes("a"), rangeEnd: zero });
});

function bytes(text: string): Uint8Array {
  return Buffer.from(text);
}

test.each([
  [["a", "--tree", "--count-only"], "`--tree` and `--count-only` cannot be set at the same time, choose one"],
  [
    ["a", "--tree", "--print-value-only"],
    "`--tree` and `--print-value-only` cannot be set at the same time, choose one",
  ],
  [["a", "--depth=1"], "--depth requires --tree"],
])("get %j is rejected", async (words, message) => {
  await expect(run(words, keys())).rejects.toMatchObject({ exitCode: 128, message });
});

test("a format without trees is rejected before the first request", async () => {
  const calls: unknown[] = [];
  const options = { format: "json", answers: { Range: (asked: unknown) => void calls.push(asked) } };
  const message = "--tree is only for `--write-out=simple`";
  await expect(runCommand(get, ["a", "--tree"], options)).rejects.toMatchObject({ exitCode: 128, message });
  expect(calls).toEqual([]);
});

test("a name with a space at its start or end is quoted", async () => {
  expect(await tree(keys(" ", "a ", "b c"))).toBe('. (3)\n├── " "\n├── "a "\n└── b c\n');
});
