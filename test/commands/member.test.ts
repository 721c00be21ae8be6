import {
  memberAdd as add,
  moveLeader,
  memberPromote as promote,
  memberRemove as remove,
  memberUpdate as update,
} from "../../src/commands/member";
import { EtcdError, StatusCode } from "../../src/errors";
import { serverError } from "../../src/etcd/error-table";
import { Member, ResponseHeader } from "../../src/proto/gen/etcdserverpb";
import type { Answers } from "../support/fake-transport";
import { runCommand } from "../support/run-command";

const members = [
  { ID: 0xa1n, name: "m0", peerURLs: ["http://127.0.0.1:1"] },
  { ID: 0xa2n, name: "cafe" },
  { ID: 0xa3n, name: "twin" },
  { ID: 0xa4n, name: "twin" },
  { ID: 0xa5n, name: "a1" },
  { ID: 0xa6n, name: "" },
].map((member) => Member.create(member));
const answers: Answers = {
  MemberList: () => ({ members }),
  MemberRemove: () => ({}),
  MemberUpdate: () => ({}),
  MemberPromote: () => ({}),
};
const badId = (text: string, reason = "invalid syntax") =>
  `bad member ID arg (strconv.ParseUint: parsing "${text}": ${reason}), expecting ID in Hex`;

describe("a member argument", () => {
  const removed = async (text: string) =>
    (await runCommand(remove, [text], { answers })).calls.at(-1)?.request as unknown;

  test.each([
    ["an ID", "a2", 0xa2n],
    ["a name", "m0", 0xa1n],
    ["a name that looks like an ID", "cafe", 0xa2n],
    ["an ID that is also the name of another member", "a1", 0xa1n],
    ["an ID that no member has", "ff", 0xffn],
  ])("may be %s: %s", async (_, text, ID) => {
    expect(await removed(text)).toEqual({ ID });
  });

  test("that is the name of two members is rejected with both IDs", async () => {
    await expect(removed("twin")).rejects.toMatchObject({
      exitCode: 128,
      message: "2 members are named twin: a3 (twin), a4 (twin); use an ID instead",
    });
  });

  test.each([
    ["unknown", "invalid syntax"],
    // A member that has not started has an empty name, too.
    ["", "invalid syntax"],
    ["10000000000000000", "value out of range"],
  ])("%s is rejected in Go's words, with a list of the members", async (text, reason) => {
    await expect(removed(text)).rejects.toMatchObject({
      exitCode: 128,
      message: badId(text, reason),
      hints: [expect.stringContaining("a1 (m0), a2 (cafe)")],
    });
  });

  test("may be an ID if the member list is not available", async () => {
    const MemberList = () => {
      throw serverError("permissionDenied");
    };
    const { calls } = await runCommand(promote, ["a2"], { answers: { ...answers, MemberList } });
    expect(calls.at(-1)).toMatchObject({ method: "MemberPromote", request: { ID: 0xa2n } });
    await expect(runCommand(promote, ["m0"], { answers: { MemberList } })).rejects.toMatchObject({
      exitCode: 128,
      message: badId("m0"),
      hints: ["cannot look up members by name: etcdserver: permission denied"],
    });
  });

  test("that is no ID is rejected in Go's words, also when a member list does not come in time", async () => {
    const MemberList = () => {
      throw new EtcdError(StatusCode.DeadlineExceeded, "context deadline exceeded", true);
    };
    await expect(runCommand(promote, ["m0"], { answers: { MemberList } })).rejects.toMatchObject({
      exitCode: 128,
      message: badId("m0"),
      hints: ["cannot look up members by name: context deadline exceeded"],
    });
  });

  test("is checked before the output format, as in Go", async () => {
    const format = "xml";
    await expect(runCommand(remove, ["zz"], { answers, format })).rejects.toMatchObject({
      exitCode: 128,
      message: badId("zz"),
    });
    await expect(runCommand(moveLeader, ["zz"], { answers, format })).rejects.toMatchObject({
      exitCode: 128,
      message: 'strconv.ParseUint: parsing "zz": invalid syntax',
    });
    await expect(runCommand(remove, ["a2"], { answers, format })).rejects.toMatchObject({ exitCode: 4 });
  });

  test("is exactly one argument", async () => {
    const message = "member ID is not provided";
    for (const words of [[], ["a1", "a2"]]) {
      await expect(runCommand(remove, words)).rejects.toMatchObject({ exitCode: 128, message });
    }
  });
});

describe("member add", () => {
  const MemberAdd = ({ peerURLs }: { peerURLs: string[] }) => {
    const member = Member.create({ ID: 0xb1n, peerURLs });
    return { header: ResponseHeader.create({ clusterId: 1n }), member, members: [members[0], member] };
  };

  test("prints the variables to start the new member with", async () => {
    const words = ["new", "--peer-urls=http://127.0.0.1:3,http://127.0.0.1:2", "--learner"];
    const { stdout, calls } = await runCommand(add, words, { answers: { MemberAdd } });
    expect(calls[0]?.request).toEqual({
      peerURLs: ["http://127.0.0.1:3", "http://127.0.0.1:2"],
      isLearner: true,
    });
    expect(stdout).toContain(`
ETCD_NAME="new"
ETCD_INITIAL_CLUSTER="m0=http://127.0.0.1:1,new=http://127.0.0.1:3,new=http://127.0.0.1:2"
ETCD_INITIAL_ADVERTISE_PEER_URLS="http://127.0.0.1:3,http://127.0.0.1:2"
ETCD_INITIAL_CLUSTER_STATE="existing"
`);
  });

  test.each([
    [[], 128, "member name not provided"],
    [["m"], 128, "member peer urls not provided"],
    [["m", "HTTP://a", "x"], 128, "too many arguments, did you mean --peer-urls=HTTP://a"],
    [["m", "--peer-urls=nope"], 1, "URL scheme must be http, https, unix, or unixs: nope"],
    [["m", "--peer-urls=http://a"], 1, 'URL address does not have the form "host:port": http://a'],
    [["m", "--peer-urls=http://a:1/x"], 1, "URL must not contain a path: http://a:1/x"],
    [["m", "--peer-urls=a:1:2"], 1, "URL scheme must be http, https, unix, or unixs: a:1:2"],
    [
      ["m", "--peer-urls=127.0.0.1:1"],
      1,
      'parse "127.0.0.1:1": first path segment in URL cannot contain colon',
    ],
  ])("refuses %j", async (words, exitCode, message) => {
    await expect(runCommand(add, words)).rejects.toMatchObject({ exitCode, message });
  });
});

test("member update checks the ID before the URLs, in Go's order", async () => {
  const noUrls = { exitCode: 128, message: "member peer urls not provided" };
  await expect(runCommand(update, ["a1"])).rejects.toMatchObject(noUrls);
  await expect(runCommand(update, ["zz"], { answers })).rejects.toMatchObject({ message: badId("zz") });
  await expect(runCommand(update, ["m0"], { answers })).rejects.toMatchObject(noUrls);
  const { calls } = await runCommand(update, ["m0", "--peer-urls=http://b:1"], { answers });
  expect(calls.at(-1)?.request).toEqual({ ID: 0xa1n, peerURLs: ["http://b:1"] });
});

describe("move-leader", () => {
  const status = (memberId: bigint): Answers => ({
    Status: () => ({ header: ResponseHeader.create({ memberId }), leader: 0xa2n }),
    MoveLeader: () => ({}),
  });

  test("sends the request to the endpoint that is the leader", async () => {
    const endpoints = { a: status(0xa1n), b: status(0xa2n) };
    const { stdout } = await runCommand(moveLeader, ["m0"], { answers, endpoints });
    expect(stdout).toBe("Leadership transferred from a2 to a1\n");
  });

  test("fails if no endpoint is the leader", async () => {
    const endpoints = { a: status(0xa1n), b: status(0xa3n) };
    await expect(runCommand(moveLeader, ["a1"], { answers, endpoints })).rejects.toMatchObject({
      exitCode: 128,
      message: "no leader endpoint given at [a b]",
    });
    await expect(runCommand(moveLeader, ["zz"], { answers, endpoints })).rejects.toMatchObject({
      exitCode: 128,
      message: 'strconv.ParseUint: parsing "zz": invalid syntax',
    });
  });
});
