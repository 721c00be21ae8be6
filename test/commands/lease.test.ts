import {
  leaseGrant as grant,
  leaseKeepAlive as keepAlive,
  leaseList as list,
  leaseRevoke as revoke,
  leaseTimeToLive as timeToLive,
} from "../../src/commands/lease";
import { serverError } from "../../src/etcd/error-table";
import type { LeaseKeepAliveRequest } from "../../src/proto/gen/etcdserverpb";
import { runCommand } from "../support/run-command";

const refuse = () => {
  throw serverError("leaseNotFound");
};

test("grant, revoke, timetolive and list send their arguments; lease IDs are hexadecimal", async () => {
  const answers = {
    LeaseGrant: ({ TTL }: { TTL: bigint }) => ({ ID: 31n, TTL }),
    LeaseRevoke: () => ({}),
    LeaseTimeToLive: () => ({ ID: 31n, TTL: 5n, grantedTTL: 9n, keys: [Buffer.from("a")] }),
    LeaseLeases: () => ({ leases: [{ ID: 31n }] }),
  };
  const id = "000000000000001f";
  expect((await runCommand(grant, ["9"], { answers })).stdout).toBe(`lease ${id} granted with TTL(9s)\n`);
  expect((await runCommand(revoke, ["1f"], { answers })).stdout).toBe(`lease ${id} revoked\n`);
  expect((await runCommand(timeToLive, ["1f", "--keys"], { answers })).stdout).toBe(
    `lease ${id} granted with TTL(9s), remaining(5s), attached keys([a])\n`,
  );
  expect((await runCommand(list, [], { answers })).stdout).toBe(`found 1 leases\n${id}\n`);
});

test("a failed call has Go's text and exit code, and keeps its hints", async () => {
  const answers = {
    LeaseGrant: () => {
      throw serverError("noSpace", { hints: ["make room"] });
    },
    ...{ LeaseRevoke: refuse, LeaseTimeToLive: refuse, LeaseLeases: refuse },
  };
  await expect(runCommand(grant, ["9"], { answers })).rejects.toMatchObject({
    exitCode: 1,
    message: "failed to grant lease (etcdserver: mvcc: database space exceeded)",
    hints: ["make room"],
  });
  const notFound = "etcdserver: requested lease not found";
  await expect(runCommand(revoke, ["1"], { answers })).rejects.toMatchObject({
    exitCode: 1,
    message: `failed to revoke lease (${notFound})`,
  });
  for (const run of [runCommand(timeToLive, ["1"], { answers }), runCommand(list, [], { answers })]) {
    await expect(run).rejects.toMatchObject({ exitCode: 2, message: notFound });
  }
});

test.each([
  [grant, [], "lease grant command needs TTL argument"],
  [grant, ["x"], 'bad TTL (strconv.ParseInt: parsing "x": invalid syntax)'],
  [revoke, [], "lease revoke command needs 1 argument"],
  [revoke, ["zz"], 'bad lease ID arg (strconv.ParseInt: parsing "zz": invalid syntax), expecting ID in Hex'],
  [timeToLive, [], "lease timetolive command needs lease ID as argument"],
  [keepAlive, ["1", "2"], "lease keep-alive command needs lease ID as argument"],
])("arguments are checked before the client connects", async (command, words, message) => {
  await expect(runCommand(command, words)).rejects.toMatchObject({ exitCode: 128, message });
});

describe("lease keep-alive", () => {
  const answering = (ttls: bigint[]) => ({
    LeaseKeepAlive: async function* (requests: AsyncIterable<LeaseKeepAliveRequest>) {
      for await (const { ID } of requests) yield { ID, TTL: ttls.shift() ?? 0n };
    },
  });

  test("prints that the lease has ended", async () => {
    const { stdout, stderr, exitCode } = await runCommand(keepAlive, ["1f"], { answers: answering([0n]) });
    expect([stdout, stderr, exitCode]).toEqual(["lease 000000000000001f expired or revoked.\n", "", 0]);
    const json = await runCommand(keepAlive, ["1f"], { answers: answering([0n]), format: "json" });
    expect(json.stdout).toBe("");
  });

  test("prints a hint with the cause if the lease could not be renewed", async () => {
    const { stdout, stderr } = await runCommand(keepAlive, ["1f"], {
      answers: { LeaseKeepAlive: refuse },
      timeoutMs: 10,
    });
    expect(stdout).toBe("lease 000000000000001f expired or revoked.\n");
    expect(stderr).toBe("hint: the lease could not be renewed: etcdserver: requested lease not found\n");
  });

  test("--once renews once, and exits with code 2 for a missing lease", async () => {
    const { stdout } = await runCommand(keepAlive, ["--once", "1f"], { answers: answering([9n]) });
    expect(stdout).toBe("lease 000000000000001f keepalived with TTL(9)\n");
    await expect(runCommand(keepAlive, ["--once", "1f"], { answers: answering([]) })).rejects.toMatchObject({
      exitCode: 2,
      message: "etcdserver: requested lease not found",
    });
  });
});
