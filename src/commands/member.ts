// The commands of `member`, and `move-leader`, which reads its argument in the same way.
// Go: etcdctl/ctlv3/command/member_command.go and move_leader_command.go.
import type { FlagTable, FlagValues } from "../input/flags";
import type { EtcdClient } from "../client/client";
import { badArgs, CliError, EtcdError, ExitCode, StatusCode } from "../errors";
import { ParseError, parseUint64 } from "../go/strconv";
import type { Member } from "../proto/gen/etcdserverpb";
import { MemberAddRequest, MemberListRequest } from "../proto/gen/etcdserverpb";
import { parseUrls } from "../server/cluster/urls";
import type { CallOptions } from "../transport/transport";
import { consistencyFlag, isSerializable } from "./arguments";
import type { CommandContext, Connection } from "./command";
import { defineCommand } from "./command";

/** The error about a bad --consistency names the default value, as in Go. */
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

const peerUrlsFlag = {
  "peer-urls": {
    kind: "string",
    default: "",
    usage: "comma-separated URLs where the other members reach this member",
  },
} as const satisfies FlagTable;

const memberAddFlags = {
  ...peerUrlsFlag,
  learner: {
    kind: "bool",
    default: false,
    usage: "add the member as a learner: it does not vote until it is promoted",
  },
} as const satisfies FlagTable;

/** Prints the ETCD_ variables that the new member must be started with. */
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

/** The name is not part of the request: the new member sends it when it starts. */
function memberAddRequest(
  args: readonly string[],
  flags: FlagValues<typeof memberAddFlags>,
): { name: string; request: MemberAddRequest } {
  const [name] = args;
  if (name === undefined) throw badArgs("member name not provided");
  if (args.length > 1) {
    const urls = args.filter((arg) => arg.toLowerCase().startsWith("http"));
    throw badArgs(["too many arguments", ...urls.map((url) => `did you mean --peer-urls=${url}`)].join(", "));
  }
  const request = MemberAddRequest.create({
    peerURLs: peerUrls(flags["peer-urls"]),
    isLearner: flags.learner,
  });
  return { name, request };
}

export const memberRemove = defineCommand({
  flags: {},
  async run(context, args) {
    const typed = memberArgument(args);
    const { client, printer } = await connectFor(context, typed);
    const call = context.call();
    const ID = await memberId(context, typed, call);
    const response = await client.cluster.memberRemove({ ID }, call);
    await context.io.stdout.write(printer.memberRemove(ID, response));
  },
});

export const memberUpdate = defineCommand({
  flags: peerUrlsFlag,
  async run(context, args, { "peer-urls": urls }) {
    const typed = memberArgument(args);
    // Go reports a bad ID before missing URLs. If `typed` is not an ID, it may be a name: the URLs are checked after the look-up.
    if (isId(typed)) peerUrls(urls);
    const { client, printer } = await connectFor(context, typed);
    const call = context.call();
    const ID = await memberId(context, typed, call);
    const peerURLs = peerUrls(urls);
    checkPeerUrls(peerURLs);
    const response = await client.cluster.memberUpdate({ ID, peerURLs }, call);
    await context.io.stdout.write(printer.memberUpdate(ID, response));
  },
});

export const memberPromote = defineCommand({
  flags: {},
  async run(context, args) {
    const typed = memberArgument(args);
    const { client, printer } = await connectFor(context, typed);
    const call = context.call();
    const ID = await memberId(context, typed, call);
    const response = await client.cluster.memberPromote({ ID }, call);
    await context.io.stdout.write(printer.memberPromote(ID, response));
  },
});

/**
 * Sends the request to the leader, which must be one of the endpoints. Asks the endpoints one after the other for their status;
 * a failed status call ends the command, as in Go.
 */
export const moveLeader = defineCommand({
  flags: {},
  async run(context, args) {
    const [typed] = args;
    if (typed === undefined || args.length !== 1) throw badArgs("move-leader command needs 1 argument");
    const { printer } = await connectFor(context, typed, unchanged);
    const call = context.call();
    const targetID = await memberId(context, typed, call, unchanged);
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

/** The only argument. Checked before the client connects. */
function memberArgument(args: readonly string[]): string {
  const [text] = args;
  if (text === undefined || args.length !== 1) throw badArgs("member ID is not provided");
  return text;
}

function isId(text: string): boolean {
  return typeof parseId(text) === "bigint";
}

/** In Go, a wrong ID is an error before a wrong format or password. */
async function connectFor(
  context: CommandContext,
  text: string,
  message?: (reason: string) => string,
): Promise<Connection> {
  try {
    return await context.connect();
  } catch (error) {
    const id = parseId(text);
    const isOurs = error instanceof CliError || error instanceof EtcdError;
    if (!isOurs || typeof id === "bigint" || context.io.interrupt.aborted) throw error;
    throw notFound(id, error, message);
  }
}

function notFound(id: ParseError, reason: CliError | EtcdError, message = badMemberId): CliError {
  const hint = `cannot look up members by name: ${reason.message}`;
  return noMember(message(id.message), reason, [hint, ...reason.hints]);
}

const badMemberId = (reason: string) => `bad member ID arg (${reason}), expecting ID in Hex`;
const unchanged = (reason: string) => reason;

/**
 * The ID of a member, given as a hexadecimal ID or (a departure) as a name. An existing ID wins over an equal name. The look-up
 * shares the deadline of `call` with the command. `message` is Go's error for an argument that is not an ID.
 */
async function memberId(
  context: CommandContext,
  text: string,
  call: CallOptions,
  message = badMemberId,
): Promise<bigint> {
  const id = parseId(text);
  const members = await listMembers(context, call);
  if (members instanceof EtcdError) {
    if (typeof id !== "bigint") throw notFound(id, members, message);
    // The command can use an ID without the list, but not without time.
    if (members.code === StatusCode.DeadlineExceeded) throw members;
    return id;
  }
  if (typeof id === "bigint" && members.some((member) => member.ID === id)) return id;
  // A member that has not started has an empty name; an empty argument does not mean that member.
  const named = text === "" ? [] : members.filter((member) => member.name === text);
  if (named.length > 1)
    throw badArgs(`${named.length} members are named ${text}: ${listed(named)}; use an ID instead`);
  if (named[0]) return named[0].ID;
  if (typeof id === "bigint") return id;
  throw noMember(message(id.message), id, [
    `no member has this ID or name; the members are ${listed(members)}`,
  ]);
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

/** The value of --peer-urls; the flag cannot be repeated. */
export function peerUrls(text: string): string[] {
  if (text === "") {
    throw badArgs("member peer urls not provided", {
      hints: ["name the URL at which the other members reach it: --peer-urls http://HOST:2380"],
    });
  }
  return text.split(",");
}

/** Call it after the client has connected: in Go, the client checks the URLs. */
export function checkPeerUrls(urls: readonly string[]): void {
  try {
    parseUrls(urls);
  } catch (cause) {
    throw new CliError(ExitCode.error, (cause as Error).message, { cause });
  }
}
