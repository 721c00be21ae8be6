// The judgement of doctor on made-up clusters: what is wrong, how bad it is, and what to do next.
import { checks, type CheckName } from "../../../src/commands/doctor/checks";
import type { Examination, ExaminedMember } from "../../../src/commands/doctor/examine";
import { exitCodes, worst } from "../../../src/commands/doctor/finding";
import { CliError } from "../../../src/errors";
import {
  AlarmType,
  HashKVResponse,
  Member,
  ResponseHeader,
  StatusResponse,
} from "../../../src/proto/gen/etcdserverpb";

const dayMs = 86_400_000;
const nowMs = Date.UTC(2030, 0, 1);

type MemberChange = Partial<Omit<ExaminedMember, "status" | "later" | "member">> & {
  readonly first?: Partial<StatusResponse>;
  readonly then?: Partial<StatusResponse>;
  readonly listed?: Partial<Member>;
  readonly revisions?: readonly [first: bigint, then: bigint];
  readonly isDown?: boolean;
};

function memberOf(at: number, change: MemberChange = {}): ExaminedMember {
  const { first, then, listed, revisions = [7n, 7n], isDown = false, ...rest } = change;
  const id = BigInt(at + 1);
  const name = `m${at}`;
  const base = {
    ...{ version: "3.7.1", leader: 1n, raftTerm: 2n, raftIndex: 100n, raftAppliedIndex: 100n },
    ...{ dbSize: 1_000_000n, dbSizeInUse: 900_000n, dbSizeQuota: 2_000_000_000n },
  };
  const statusAt = (revision: bigint, changes: Partial<StatusResponse> = {}) =>
    StatusResponse.create({
      header: ResponseHeader.create({ memberId: id, revision }),
      ...base,
      ...changes,
    });
  return {
    ...{ name, endpoint: name, tookNs: 1_000_000n, quotaBytes: 2_000_000_000n },
    member: Member.create({ ID: id, name, clientURLs: [name], ...listed }),
    clock: { fromMs: -500, toMs: 500 },
    ...(isDown
      ? { failure: new CliError(1, "context deadline exceeded", { hints: ["start it"] }) }
      : { status: statusAt(revisions[0], first), later: statusAt(revisions[1], { ...first, ...then }) }),
    ...rest,
  };
}

function clusterOf(members: readonly MemberChange[], change: Partial<Examination> = {}): Examination {
  return {
    ...{ strangers: [], clusterId: 1n, members: members.map((each, at) => memberOf(at, each)), alarms: [] },
    ...{ ownCertificates: [], nowMs, isOffline: false },
    ...change,
  };
}

/** `STATUS [MEMBER] FINDING | NEXT` of each finding. */
function judged(check: CheckName, cluster: Examination): string[] {
  return checks[check](cluster).map(({ status, member, finding, next }) =>
    [`${status} ${member === undefined ? "" : `${member} `}${finding}`, ...next].join(" | "),
  );
}

test("a healthy cluster has one good finding for each check", () => {
  const hash = HashKVResponse.create({ hash: 5, hashRevision: 7n, compactRevision: 1n });
  const cluster = clusterOf([{ hash }, { hash }, { hash }]);
  const all = (Object.keys(checks) as CheckName[]).flatMap((check) => checks[check](cluster));
  expect(all.map(({ status }) => status)).toEqual(Object.keys(checks).map(() => "ok"));
});

describe("members:", () => {
  test("a voter that does not respond is bad, with its hints and the way to replace it", () => {
    expect(judged("members", clusterOf([{}, { isDown: true }, {}]))).toEqual([
      "bad m1 does not respond at m1: context deadline exceeded | start it | if it is lost: etcdctl member replace m1 --peer-urls=URL",
    ]);
  });

  test("without a quorum the first finding says so", () => {
    const [first] = judged("members", clusterOf([{}, { isDown: true }, { isDown: true }]));
    expect(first).toMatch(/^bad 1 of 3 voters respond, and the quorum is 2: nothing can be written \| start/);
  });

  test("a member that was added and not started, a learner and an even number of voters are named", () => {
    const unstarted = { isDown: true, name: "2", endpoint: "", listed: { name: "" } };
    expect(judged("members", clusterOf([{}, unstarted]))).toEqual([
      expect.stringMatching(/^bad 1 of 2 voters respond/),
      "bad 2 has not been started | start it, or remove it: etcdctl member remove 2",
      "warn 2 voters survive no more failures than 1 | have an odd number of voters",
    ]);
    expect(judged("members", clusterOf([{}, { listed: { isLearner: true } }]))).toEqual([
      "warn m1 is a learner: it does not vote | etcdctl member promote m1",
    ]);
  });
});

test("leader: none, one that some do not know, and a read that the quorum does not confirm", () => {
  const none = { first: { leader: 0n } };
  expect(judged("leader", clusterOf([none, none, none]))[0]).toMatch(/^bad no member leads the cluster/);
  expect(judged("leader", clusterOf([{}, {}, none]))[0]).toMatch(/^bad m2 knows no leader/);
  expect(judged("leader", clusterOf([{}, {}, { first: { leader: 3n } }]))[0]).toMatch(
    /^warn m2 knows another/,
  );
  expect(judged("leader", clusterOf([{}, { readError: "timeout" }]))[0]).toMatch(
    /^bad m1 cannot confirm a read with the quorum: timeout/,
  );
});

test("versions: an upgrade and a downgrade that are under way", () => {
  expect(judged("versions", clusterOf([{}, { first: { version: "3.6.4" } }]))).toEqual([
    "warn the members run 3.6.4, 3.7.1 | finish the upgrade: one version on all members",
  ]);
  const downgradeInfo = { enabled: true, targetVersion: "3.6.0" };
  expect(judged("versions", clusterOf([{ first: { downgradeInfo } }]))[0]).toMatch(
    /^warn a downgrade to 3.6.0/,
  );
});

describe("raft:", () => {
  test("a member that has reached by the second look what others had at the first lacks nothing", () => {
    const leads = { first: { raftIndex: 9000n, raftAppliedIndex: 9000n } };
    const follows = { first: { raftIndex: 100n }, then: { raftIndex: 9001n, raftAppliedIndex: 9001n } };
    expect(judged("raft", clusterOf([leads, follows]))).toEqual([
      "ok all members have applied the log (index 9000)",
    ]);
  });

  test("entries that are missing or not applied are a warning above 1000 and bad above 5000", () => {
    const at = (raftIndex: bigint, raftAppliedIndex = raftIndex) => ({
      first: { raftIndex, raftAppliedIndex },
    });
    const found = judged("raft", clusterOf([at(9000n), at(8000n), at(7999n), at(3999n), at(9000n, 7000n)]));
    expect(found.map((each) => each.replace(/ \|.*/, ""))).toEqual([
      "warn m2 lacks the last 1001 raft entries",
      "bad m3 lacks the last 5001 raft entries",
      "warn m4 has not applied 2000 raft entries",
    ]);
  });
});

test("revisions: a member that serves an old state", () => {
  const found = judged("revisions", clusterOf([{ revisions: [9000n, 9000n] }, { revisions: [1n, 2n] }]));
  expect(found[0]).toMatch(/^bad m1 lacks the last 8998 revisions/);
});

describe("space:", () => {
  const sized = (dbSize: bigint, dbSizeInUse = dbSize) => clusterOf([{ first: { dbSize, dbSizeInUse } }]);

  test("is a warning from 80% of the quota on, and bad from 95% on", () => {
    expect(judged("space", sized(1_599_999_999n))).toEqual(["ok the largest database has 1.6 GB of 2.0 GB"]);
    expect(judged("space", sized(1_600_000_000n))[0]).toMatch(
      /^warn m0 uses 80% of its quota \(1.6 GB of 2.0 GB\) \| etcdctl space reclaim --dry-run/,
    );
    expect(judged("space", sized(1_900_000_000n))[0]).toMatch(/^bad m0 uses 95% of its quota/);
  });

  test("names a database that is half empty", () => {
    expect(judged("space", sized(300_000_000n, 150_000_000n))).toEqual([
      "warn m0 150 MB of 300 MB are free pages | etcdctl defrag --cluster --plan --min-free 50",
    ]);
    expect(judged("space", sized(30_000_000n, 1n))[0]).toMatch(/^ok/);
  });

  test("says that it does not know the quota", () => {
    const cluster = clusterOf([{ quotaBytes: { unknown: "no metrics" } }]);
    expect(judged("space", cluster)).toEqual(["ok the largest database has 1.0 MB; the quota is not known"]);
  });
});

test("alarms: each with its remedy", () => {
  const alarms = [
    { memberID: 1n, alarm: AlarmType.NOSPACE },
    { memberID: 2n, alarm: AlarmType.CORRUPT },
  ];
  const [space, corrupt] = judged("alarms", clusterOf([{}, {}], { alarms }));
  expect(space).toBe(
    "bad m0 has raised the alarm NOSPACE: the cluster refuses writes | etcdctl space reclaim",
  );
  expect(corrupt).toMatch(/^bad m1 has raised the alarm CORRUPT.*snapshot.*member replace m1/);
  expect(judged("alarms", clusterOf([{}], { alarms: { unknown: "permission denied" } }))).toEqual([
    "unknown permission denied",
  ]);
});

test("latency: a warning from 250 ms on, bad from 1 s on", () => {
  const found = judged("latency", clusterOf([{}, { tookNs: 250_000_000n }, { tookNs: 1_000_000_000n }]));
  expect(found.map((each) => each.replace(/ \|.*/, ""))).toEqual([
    "warn m1 takes 250ms to respond from here",
    "bad m2 takes 1s to respond from here",
  ]);
});

describe("clock:", () => {
  const offset = (fromMs: number) => ({ clock: { fromMs, toMs: fromMs + 1000 } });

  test("only a difference that is certain counts", () => {
    expect(judged("clock", clusterOf([offset(0), offset(1999), offset(-2999)]))[0]).toMatch(/^ok/);
  });

  test("a warning from 2 s on, bad from 60 s on", () => {
    const found = judged("clock", clusterOf([{}, offset(2000), offset(-61_000)]));
    expect(found.map((each) => each.replace(/ \|.*/, ""))).toEqual([
      "warn m1 its clock is at least 2s fast, compared with this machine's",
      "bad m2 its clock is at least 1m0s slow, compared with this machine's",
    ]);
  });

  test("when all members agree, this machine's clock is the wrong one", () => {
    expect(judged("clock", clusterOf([offset(5000), offset(5200)]))[0]).toMatch(
      /correct the clock of this machine$/,
    );
  });

  test("a member without HTTP has an unknown clock", () => {
    expect(judged("clock", clusterOf([{ clock: { unknown: "no HTTP" } }]))).toEqual(["unknown m0 no HTTP"]);
  });
});

test("certificates: a warning 30 days before the end, bad 7 days before it, of members and of our own files", () => {
  const ends = (days: number) => ({ certificateEndsMs: nowMs + days * dayMs });
  const ownCertificates = [{ file: "client.pem", endsMs: nowMs - dayMs }];
  const found = judged("certificates", clusterOf([ends(31), ends(29), ends(6)], { ownCertificates }));
  expect(found.map((each) => each.replace(/ \|.*/, ""))).toEqual([
    "warn m1 its certificate, or one in its chain, ends on 2030-01-30",
    "bad m2 its certificate, or one in its chain, ends on 2030-01-07",
    "bad client.pem ended on 2029-12-31",
  ]);
  expect(judged("certificates", clusterOf([ends(31)]))).toEqual([
    "ok the first certificate ends on 2030-02-01",
  ]);
});

describe("hashes:", () => {
  const hashed = (hash: number, compactRevision = 1n) => ({
    hash: HashKVResponse.create({ hash, compactRevision }),
  });

  test("names the member whose data differs from that of the others", () => {
    const [found] = judged("hashes", clusterOf([hashed(1), hashed(1), hashed(2)]));
    expect(found).toMatch(
      /^bad the members store different data: m0 and m1 differ from m2 \|.*member replace m2/,
    );
  });

  test("names none of two members that differ", () => {
    expect(judged("hashes", clusterOf([hashed(1), hashed(2)]))[0]).not.toContain("member replace");
  });

  test("does not compare while members have compacted to different revisions", () => {
    expect(judged("hashes", clusterOf([hashed(1), hashed(2, 5n)]))[0]).toMatch(/^unknown/);
  });
});

test("the exit code is that of the worst finding, as monitoring plugins have it", () => {
  const code = (...statuses: ("ok" | "warn" | "bad" | "unknown")[]) =>
    exitCodes[worst(statuses.map((status) => ({ status, finding: "", next: [] })))];
  expect(code("ok", "ok")).toBe(0);
  expect(code("ok", "warn", "unknown")).toBe(1);
  expect(code("warn", "bad", "unknown")).toBe(2);
  expect(code("ok", "unknown")).toBe(3);
});
