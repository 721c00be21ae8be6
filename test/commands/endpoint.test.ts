import { setImmediate } from "node:timers/promises";
import {
  endpointHashKV as hashkv,
  endpointHealth as health,
  endpointStatus as status,
} from "../../src/commands/endpoint";
import { memberList } from "../../src/commands/member";
import { EtcdError, StatusCode } from "../../src/errors";
import { serverError } from "../../src/etcd/error-table";
import { Member, MemberListResponse, StatusResponse } from "../../src/proto/gen/etcdserverpb";
import type { Answers } from "../support/fake-transport";
import { runCommand } from "../support/run-command";

const healthy: Answers = { Range: () => ({}), Alarm: () => ({}) };
/** Ten turns of the event loop later: after the answers of the other endpoints. */
const late = async <T>(answer: T): Promise<T> => {
  for (let turns = 0; turns < 10; turns++) await setImmediate();
  return answer;
};
const unreachable = (): never => {
  throw new EtcdError(StatusCode.DeadlineExceeded, "context deadline exceeded", true, { hints: ["refused"] });
};

describe("endpoint health", () => {
  test("prints in the order of the endpoints, not of the responses", async () => {
    const endpoints = { a: { ...healthy, Range: () => late({}) }, b: healthy };
    const { stdout } = await runCommand(health, [], { endpoints });
    expect(stdout).toMatch(/^a is healthy: successfully committed proposal: took = \S+\nb is healthy/);
  });

  test("reports a denied read as healthy, an alarm and a failed call as unhealthy", async () => {
    const endpoints: Record<string, Answers> = {
      denied: {
        ...healthy,
        Range: () => {
          throw serverError("permissionDenied");
        },
      },
      alarmed: { ...healthy, Alarm: () => ({ alarms: [{ memberID: 1n, alarm: 1 }] }) },
      odd: { ...healthy, Alarm: unreachable },
      down: { Range: unreachable },
    };
    const io = { stdout: "", stderr: "" };
    const failed = runCommand(health, [], {
      endpoints,
      before: (each) =>
        Object.defineProperties(io, {
          stdout: { get: () => each.stdout.text },
          stderr: { get: () => each.stderr.text },
        }),
    });
    await expect(failed).rejects.toMatchObject({
      exitCode: 1,
      message: "unhealthy cluster",
      hints: ["refused"],
    });
    expect(io.stdout).toMatch(/^denied is healthy.*\n$/);
    const unhealthy = "is unhealthy: failed to commit proposal:";
    expect(io.stderr).toBe(
      `alarmed ${unhealthy} Active Alarm(s): NOSPACE \n` +
        `odd ${unhealthy} Unable to fetch the alarm list\n` +
        `down ${unhealthy} context deadline exceeded\n`,
    );
  });
});

describe("endpoint status and hashkv", () => {
  const Status = () => StatusResponse.create({ header: undefined, version: "3.7.1", dbSize: 8n });
  const HashKV = () => late({ hash: 5, hashRevision: 7n });
  const endpoints = {
    a: { Status, HashKV },
    down: { Status: unreachable, HashKV: unreachable },
    b: { Status, HashKV },
  };

  test("report a failed endpoint on stderr and print the others", async () => {
    const ran = await runCommand(status, [], { endpoints });
    expect(ran.exitCode).toBe(1);
    expect(ran.stdout.split("\n").map((line) => line.split(",")[0])).toEqual(["a", "b", ""]);
    expect(ran.stderr).toBe(
      "Failed to get the status of endpoint down (context deadline exceeded)\nhint: refused\n",
    );
  });

  test("hashkv fails with the last error of an endpoint", async () => {
    await expect(runCommand(hashkv, [], { endpoints })).rejects.toMatchObject({
      exitCode: 1,
      message: "context deadline exceeded",
    });
    const ran = await runCommand(hashkv, [], { endpoints: { a: { HashKV } } });
    expect(ran.stdout).toBe("a, 5, 7\n");
  });

  test("--cluster uses the advertised client URLs of every member", async () => {
    const members = ["http://x:1", "http://y:2"].map((url) => Member.create({ clientURLs: [url] }));
    const MemberList = () => MemberListResponse.create({ members });
    const ran = await runCommand(hashkv, ["--cluster"], { answers: { MemberList, HashKV } });
    expect(ran.stdout).toBe("http://x:1, 5, 7\nhttp://y:2, 5, 7\n");
    await expect(
      runCommand(status, ["--cluster"], { answers: { MemberList: unreachable } }),
    ).rejects.toMatchObject({
      exitCode: 1,
      message: "failed to fetch endpoints from etcd cluster member list: context deadline exceeded",
      hints: ["refused"],
    });
  });
});

test("member list sends the consistency, and names the default value in the error for a bad one", async () => {
  const answers = { MemberList: () => ({}) };
  const asked = async (words: string[]) =>
    (await runCommand(memberList, words, { answers })).calls[0]?.request as unknown;
  expect(await asked([])).toEqual({ linearizable: true });
  expect(await asked(["--consistency=s"])).toEqual({ linearizable: false });
  await expect(asked(["--consistency=x"])).rejects.toMatchObject({
    exitCode: 4,
    message: 'unknown consistency flag "l"',
  });
});
