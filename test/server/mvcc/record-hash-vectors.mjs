// Records hash-vectors.json from a real etcd: a seeded history of puts, deletes, transactions and compactions, with the
// answers of HashKV in between. Run by hand: node record-hash-vectors.mjs ENDPOINT > hash-vectors.json, with a fresh etcd
// (3.5.16 or later) at ENDPOINT and its etcdctl in PATH.
import { spawnSync } from "node:child_process";

const endpoint = process.argv[2];

function etcdctl(args, input = "") {
  const run = spawnSync("etcdctl", ["--endpoints", endpoint, ...args], { input, encoding: "utf8" });
  return { ok: run.status === 0, out: run.stdout, err: run.stderr };
}

let seed = 7;
const random = (below) => {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return Math.floor((seed / 2147483648) * below);
};
const key = () => `k${random(12)}`;
const value = () => "v".repeat(random(30)) + random(1000);

const line = (op) => (op.put ? `put ${op.put[0]} "${op.put[1]}"` : `del ${op.del.join(" ")}`);
const steps = [];
let revision = 1;
let compacted = 0;

function write(op) {
  const ops = op.txn ?? [op];
  const { out } = etcdctl(["txn", "-w", "json"], `\n${ops.map(line).join("\n")}\n\n\n`);
  revision = JSON.parse(out).header.revision;
  steps.push(op);
}

function hash(rev) {
  const { ok, out } = etcdctl(["endpoint", "hashkv", "--rev", String(rev), "-w", "json"]);
  if (!ok) throw new Error(`hashkv --rev ${rev} failed`);
  const { hash, compact_revision, hash_revision } = JSON.parse(out)[0].HashKV;
  steps.push({ hash: { rev, hash, compactRevision: compact_revision, hashRevision: hash_revision } });
}

hash(0);
for (let i = 1; i <= 120; i++) {
  const dice = random(10);
  if (dice < 5) write({ put: [key(), value()] });
  else if (dice < 7) write({ del: [key()] });
  else if (dice < 8) write({ del: ["k3", "k6"] });
  else
    write({
      txn: [
        { put: [`t${random(5)}`, value()] },
        { put: [key(), value()] },
        { del: [`d${random(3)}`] },
        { put: ["e", ""] },
      ],
    });
  if (i % 10 === 0) {
    hash(0);
    hash(Math.max(compacted, 1) + random(revision - Math.max(compacted, 1) + 1));
  }
  if (i % 25 === 0) {
    compacted = revision - random(6);
    steps.push({ compact: compacted });
    etcdctl(["compact", "--physical", String(compacted)]);
    for (const rev of [0, compacted, revision]) hash(rev);
  }
}
write({ del: ["a", "z"] });
hash(0);
etcdctl(["compact", "--physical", String(revision)]);
steps.push({ compact: revision });
hash(0);
hash(revision);
write({ put: ["again", "1"] });
hash(0);
console.log(`[\n${steps.map((step) => JSON.stringify(step)).join(",\n")}\n]`);
