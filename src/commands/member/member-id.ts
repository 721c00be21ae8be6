// A member as typed: its ID in hexadecimal, as in Go, or (a departure) its name. An ID that exists wins over a name that
// looks like one; what is neither is told in Go's words, with the members there are.
// Answers to how etcdctl's member_command.go and move_leader_command.go read IDs.
import { CliError, EtcdError, ExitCode } from "../../errors";
import { ParseError } from "../../goformat/parse-error";
import { parseUint64 } from "../../goformat/parse-int";
import { MemberListRequest, type Member } from "../../proto/gen/etcdserverpb";
import type { CallOptions } from "../../transport/transport";
import type { CommandContext } from "../command";
import { badArgs } from "../key-range";

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
  const { client } = await context.session();
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
