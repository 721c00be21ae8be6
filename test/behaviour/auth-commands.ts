// Which commands succeed while authentication is on, for root and for alice. Alice has the role r, which may read and write
// the keys that begin with a. Rows show where versions of etcd differ.
export interface Expected {
  readonly exit: number;
  /** A part of stderr. */
  readonly stderr: string;
}

export interface CommandWithAuth {
  readonly line: string;
  readonly words: readonly string[];
  readonly stdin: string;
  readonly root: Expected;
  readonly alice: Expected;
  /** Succeeds without a user. */
  readonly needsNoUser: boolean;
}

const fine: Expected = { exit: 0, stderr: "" };
const denied: Expected = { exit: 1, stderr: "permission denied" };
const deniedWith = (exit: number): Expected => ({ ...denied, exit });
const fails = (text: string): Expected => ({ exit: 1, stderr: text });

type Version = "3.4" | "3.5" | "3.7";
interface Row {
  readonly line: string;
  readonly words?: readonly string[];
  readonly stdin?: string;
  readonly root?: Expected;
  readonly alice: Expected;
  readonly since?: Version;
  readonly needsNoUser?: boolean;
  /** How an older etcd differs. */
  readonly in34?: Partial<Row>;
  readonly in35?: Partial<Row>;
}

const unknownMember = fails("etcdserver: member not found");

/** Root runs them in this order, so that the later rows undo the earlier ones. */
const rows: readonly Row[] = [
  { line: "get a", alice: fine },
  { line: "get b", alice: denied },
  { line: "get a --prefix", alice: fine },
  { line: "get a c", alice: denied },
  { line: "get a --from-key", alice: denied },
  { line: "put a 1", alice: fine },
  { line: "put b 1", alice: denied },
  { line: "del a1", alice: fine },
  { line: "del b1", alice: denied },
  { line: "del b --prefix --dry-run", alice: denied },
  { line: "txn (own)", words: ["txn", "--then", "put a 1"], alice: fine },
  { line: "txn (foreign)", words: ["txn", "--then", "put a 1", "--else", "get b"], alice: denied },
  { line: "txn (condition)", words: ["txn", "--if", 'value("b") = "1"', "--then", "get a"], alice: denied },
  { line: "txn (stdin)", words: ["txn"], stdin: "\nput b 1\n\n\n", alice: denied },
  { line: "compaction 1", alice: denied, in34: { alice: fine, root: fails("has been compacted") } },
  { line: "lease grant 60", alice: fine },
  { line: "lease list", alice: fine, in34: { needsNoUser: true } },
  { line: "alarm list", alice: fine },
  { line: "alarm disarm", alice: fine },
  { line: "member list", alice: fine, in34: { needsNoUser: true } },
  {
    line: "member add m --peer-urls=nope",
    alice: fails("URL scheme must be"),
    root: fails("URL scheme must be"),
    needsNoUser: true,
  },
  { line: "member remove 1", alice: denied, root: unknownMember },
  { line: "member update 1 --peer-urls=http://127.0.0.1:1", alice: denied, root: unknownMember },
  { line: "member promote 1", alice: denied, root: unknownMember },
  { line: "endpoint status", alice: fine, in35: { alice: denied }, in34: { needsNoUser: true } },
  { line: "endpoint health", alice: fine },
  { line: "endpoint hashkv", alice: denied },
  { line: "defrag", alice: denied },
  { line: "defrag --cluster", alice: denied },
  { line: "snapshot save -", alice: deniedWith(5) },
  {
    line: "auth status",
    alice: fine,
    needsNoUser: true,
    since: "3.5",
    in35: { alice: denied, needsNoUser: false },
  },
  { line: "auth enable", alice: denied },
  { line: "user add carol:pw", alice: denied },
  { line: "user list", alice: denied },
  { line: "user get alice", alice: fine },
  { line: "user get bob", alice: denied },
  { line: "user get alice --detail", alice: fine },
  { line: "user passwd carol --interactive=false", stdin: "pw2\n", alice: denied },
  { line: "user grant-role carol s", alice: denied },
  { line: "user revoke-role carol s", alice: denied },
  { line: "user delete carol", alice: denied },
  { line: "role add t", alice: denied },
  { line: "role list", alice: denied },
  { line: "role get r", alice: fine },
  { line: "role get s", alice: denied },
  { line: "role grant-permission t read k", alice: denied },
  { line: "role revoke-permission t k", alice: denied },
  { line: "role delete t", alice: denied },
];

export function commandsWithAuth(version: Version): CommandWithAuth[] {
  return rows
    .filter(({ since = "3.4" }) => version >= since)
    .map((row) => ({ ...row, ...(version === "3.4" && row.in34), ...(version === "3.5" && row.in35) }))
    .map(({ line, words = line.split(" "), stdin = "", alice, root = fine, needsNoUser = false }) => {
      return { line, words, stdin, root, alice, needsNoUser };
    });
}
