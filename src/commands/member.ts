// `member list`: the members of the cluster. A bad --consistency is told with get's default, as Go does it.
// Answers to etcdctl's member_command.go.
import type { FlagTable, FlagValues } from "../cli/flags";
import type { EtcdClient } from "../client/client";
import { badArgs, CliError, EtcdError, ExitCode } from "../errors";
import { ParseError, parseUint64 } from "../go/strconv";
import { parseUrl } from "../go/url";
import type { Member } from "../proto/gen/etcdserverpb";
import { MemberAddRequest, MemberListRequest } from "../proto/gen/etcdserverpb";
import type { CallOptions } from "../transport/transport";
import { consistencyFlag, isSerializable, mapParseError } from "./arguments";
import type { CommandContext } from "./command";
import { defineCommand } from "./command";

export const memberList = defineCommand({
  flags: { consistency: consistencyFlag },
  async run(context, _args, { consistency }) {
    const linearizable = !isSerializable(consistency, consistencyFlag.default);
    const { client, printer } = await context.connect();
    const request = MemberListRequest.create({ linearizable });
    await context.io.stdout.write(
      printer.memberList(await client.cluster.memberList(request, context.call())),
    );
  },
});

export const peerUrlsFlag = {
  "peer-urls": {
    kind: "string",
    default: "",
    usage: "the URLs at which the other members reach it, separated by commas",
  },
} as const satisfies FlagTable;

// `member add NAME --peer-urls=…`: adds a member, which is started afterwards with the printed ETCD_ lines.
// Answers to etcdctl's member_command.go.

const memberAddFlags = {
  ...peerUrlsFlag,
  learner: { kind: "bool", default: false, usage: "add it as a learner, which does not vote until promoted" },
} as const satisfies FlagTable;

export const memberAdd = defineCommand({
  flags: memberAddFlags,
  async run(context, args, flags) {
    const { name, request } = memberAddRequest(args, flags);
    const { client, printer } = await context.connect();
    checkPeerUrls(request.peerURLs);
    const response = await client.cluster.memberAdd(request, context.call());
    await context.io.stdout.write(printer.memberAdd(response));
    await context.io.stdout.write(printer.memberEnvironment(name, flags["peer-urls"], response));
  },
});

/** The name is not part of the request: a member brings its own when it starts. */
export function memberAddRequest(
  args: readonly string[],
  flags: FlagValues<typeof memberAddFlags>,
): { name: string; request: MemberAddRequest } {
  const [name] = args;
  if (name === undefined) throw badArgs("member name not provided");
  if (args.length > 1) {
    const urls = args.filter((word) => word.toLowerCase().startsWith("http"));
    throw badArgs(["too many arguments", ...urls.map((url) => `did you mean --peer-urls=${url}`)].join(", "));
  }
  const request = MemberAddRequest.create({
    peerURLs: peerUrls(flags["peer-urls"]),
    isLearner: flags.learner,
  });
  return { name, request };
}

// `member remove MEMBER`: takes a member out of the cluster; it is stopped by that. Answers to etcdctl's member_command.go.

export const memberRemove = defineCommand({
  flags: {},
  async run(context, args) {
    const typed = oneMember(args);
    const { client, printer } = await context.connect();
    const call = context.call();
    const ID = await memberId(context, typed, call);
    const response = await client.cluster.memberRemove({ ID }, call);
    await context.io.stdout.write(printer.memberRemove(ID, response));
  },
});

// `member update MEMBER --peer-urls=…`: changes where the other members reach a member. Answers to etcdctl's member_command.go.

export const memberUpdate = defineCommand({
  flags: peerUrlsFlag,
  async run(context, args, { "peer-urls": urls }) {
    const typed = oneMember(args);
    // In Go's order a word that is no ID comes before URLs that are missing; whether it is a name is known later.
    if (isId(typed)) peerUrls(urls);
    const { client, printer } = await context.connect();
    const call = context.call();
    const ID = await memberId(context, typed, call);
    const peerURLs = peerUrls(urls);
    checkPeerUrls(peerURLs);
    const response = await client.cluster.memberUpdate({ ID, peerURLs }, call);
    await context.io.stdout.write(printer.memberUpdate(ID, response));
  },
});

// `member promote MEMBER`: makes a learner a voting member. Answers to etcdctl's member_command.go.

export const memberPromote = defineCommand({
  flags: {},
  async run(context, args) {
    const typed = oneMember(args);
    const { client, printer } = await context.connect();
    const call = context.call();
    const ID = await memberId(context, typed, call);
    const response = await client.cluster.memberPromote({ ID }, call);
    await context.io.stdout.write(printer.memberPromote(ID, response));
  },
});

// `move-leader MEMBER`: the leader hands its part to another member. It must be among the endpoints, since only it can.
// Each endpoint is asked in turn until the leader is found; one that does not answer ends the command, as in Go.
// Answers to etcdctl's move_leader_command.go.

export const command = defineCommand({
  flags: {},
  async run(context, args) {
    const [typed] = args;
    if (typed === undefined || args.length !== 1) throw badArgs("move-leader command needs 1 argument");
    const { printer } = await context.connect();
    const call = context.call();
    const targetID = await memberId(context, typed, call, (reason) => reason);
    const { client, leader } = await findLeader(context, call);
    const response = await client.maintenance.moveLeader({ targetID }, call);
    await context.io.stdout.write(printer.moveLeader(leader, targetID, response));
  },
});

async function findLeader(
  context: CommandContext,
  call: CallOptions,
): Promise<{ client: EtcdClient; leader: bigint }> {
  const endpoints = await context.endpoints();
  for (const endpoint of endpoints) {
    const client = await context.clientOf(endpoint);
    const { header, leader } = await client.maintenance.status({}, call);
    if (header?.memberId === leader) return { client, leader };
  }
  throw badArgs(`no leader endpoint given at [${endpoints.join(" ")}]`);
}

// A member as typed: its ID in hexadecimal, as in Go, or (a departure) its name. An ID that exists wins over a name that
// looks like one; what is neither is told in Go's words, with the members there are.
// Answers to how etcdctl's member_command.go and move_leader_command.go read IDs.

/** Checks before anything is dialled that there is one word. */
export function oneMember(args: readonly string[]): string {
  const [text] = args;
  if (text === undefined || args.length !== 1) throw badArgs("member ID is not provided");
  return text;
}

export function isId(text: string): boolean {
  return typeof parseId(text) === "bigint";
}

/** `call` is that of the command: an ID is left no more time than a name. `wording`: what Go says of a word that is no ID. */
export async function memberId(
  context: CommandContext,
  text: string,
  call: CallOptions,
  wording = (reason: string) => `bad member ID arg (${reason}), expecting ID in Hex`,
): Promise<bigint> {
  const id = parseId(text);
  const members = await listMembers(context, call);
  if (members instanceof EtcdError) {
    // An ID needs no list; a name does.
    if (typeof id === "bigint") return id;
    const hint = `members could not be looked up by name: ${members.message}`;
    throw noMember(wording(id.message), members, [hint, ...members.hints]);
  }
  if (typeof id === "bigint" && members.some((member) => member.ID === id)) return id;
  // A member that has not started has no name: nothing typed is not that one.
  const named = text === "" ? [] : members.filter((member) => member.name === text);
  if (named.length > 1)
    throw badArgs(`${named.length} members are named ${text}: ${listed(named)}; name one by its ID`);
  if (named[0]) return named[0].ID;
  if (typeof id === "bigint") return id;
  throw noMember(wording(id.message), id, [`no member has that name either; there are ${listed(members)}`]);
}

function parseId(text: string): bigint | ParseError {
  try {
    return parseUint64(text, 16);
  } catch (error) {
    if (error instanceof ParseError) return error;
    throw error;
  }
}

async function listMembers(
  context: CommandContext,
  call: CallOptions,
): Promise<readonly Member[] | EtcdError> {
  const { client } = await context.connect();
  try {
    const request = MemberListRequest.create({ linearizable: true });
    return (await client.cluster.memberList(request, call)).members;
  } catch (error) {
    if (!(error instanceof EtcdError) || context.io.interrupt.aborted) throw error;
    return error;
  }
}

function noMember(message: string, cause: unknown, hints: readonly string[]): CliError {
  return new CliError(ExitCode.badArgs, message, { cause, hints });
}

function listed(members: readonly Member[]): string {
  return members.map(({ ID, name }) => `${ID.toString(16)} (${name || "not started"})`).join(", ");
}

// `--peer-urls`, as member add and update take it: text with commas, not a repeatable list. The URLs themselves are looked at
// when there is a client, since Go's client does it. Answers to etcdctl's member_command.go and client/pkg/types/urls.go.

export function peerUrls(text: string): string[] {
  if (text === "") throw badArgs("member peer urls not provided");
  return text.split(",");
}

export function checkPeerUrls(urls: readonly string[]): void {
  for (const url of urls) checkPeerUrl(url.trim());
}

function checkPeerUrl(url: string): void {
  const { scheme, host, path } = mapParseError(ExitCode.error, () => parseUrl(url));
  if (scheme === "unix" || scheme === "unixs") return;
  if (scheme !== "http" && scheme !== "https") {
    throw new CliError(ExitCode.error, `URL scheme must be http, https, unix, or unixs: ${url}`);
  }
  if (!/^(\[[^\]]*\]|[^:[\]]*):\d*$/.test(host)) {
    throw new CliError(ExitCode.error, `URL address does not have the form "host:port": ${url}`);
  }
  if (path !== "") throw new CliError(ExitCode.error, `URL must not contain a path: ${url}`);
}
