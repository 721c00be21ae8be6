// Collects what doctor judges. Members are asked side by side, so one that hangs costs one command timeout.
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { EtcdClient } from "../../client/client";
import { EtcdError, type CliError } from "../../errors";
import { isServerError } from "../../etcd/error-table";
import type { AlarmMember, HashKVResponse, StatusResponse } from "../../proto/gen/etcdserverpb";
import type { HttpAnswer } from "../../transport/http-get";
import { pemBlocks } from "../../transport/tls/contents";
import type { CommandContext } from "../command";
import { connectionError, readFailure } from "../endpoint";
import { activeAlarms, quotaOf, survey, type Survey, type SurveyedMember, type Unknown } from "../survey";

/** The server's clock minus ours lies between these two, because a Date header has whole seconds. */
export interface ClockOffset {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface ExaminedMember extends SurveyedMember {
  /** A second status, asked for after the first ones of all members; undefined for a member that does not respond. */
  readonly later?: StatusResponse | undefined;
  /** Why a read that the quorum confirms failed through this member. */
  readonly readError?: string | undefined;
  readonly quotaBytes?: bigint | Unknown;
  readonly clock?: ClockOffset | Unknown;
  /** Undefined without TLS. */
  readonly certificateEndsMs?: number | Unknown | undefined;
  readonly hash?: HashKVResponse | Unknown;
}

export interface OwnCertificate {
  readonly file: string;
  readonly endsMs: number | Unknown;
}

export interface Examination extends Survey {
  readonly members: readonly ExaminedMember[];
  readonly alarms: readonly AlarmMember[] | Unknown;
  readonly ownCertificates: readonly OwnCertificate[];
  readonly nowMs: number;
  readonly isOffline: boolean;
}

export interface ExamineOptions {
  /** Without it, no hash is computed: a member reads its whole history for it. */
  readonly withHashes: boolean;
}

export async function examine(context: CommandContext, options: ExamineOptions): Promise<Examination> {
  const { client } = await context.connect();
  const isOffline = (await context.offlinePath()) !== undefined;
  const found = await survey(context);
  const revisions = found.members.flatMap(({ status }) => status?.header?.revision ?? []);
  const revision = revisions.reduce((a, b) => (a < b ? a : b), revisions[0] ?? 0n);
  const hashAt = options.withHashes && revisions.length > 1 && !isOffline ? revision : undefined;
  const members = await Promise.all(
    found.members.map(async (each) => (each.status ? examineMember(context, each, hashAt, isOffline) : each)),
  );
  const alarms = await activeAlarms(client, context).catch(unknownFor(context));
  const ownCertificates = await ownFiles(context);
  return { ...found, members, alarms, ownCertificates, nowMs: context.io.clock.now(), isOffline };
}

async function examineMember(
  context: CommandContext,
  seen: SurveyedMember,
  hashAt: bigint | undefined,
  isOffline: boolean,
): Promise<ExaminedMember> {
  const { endpoint, member } = seen;
  const client = await context.clientOf(endpoint);
  const later = await client.maintenance
    .status({}, context.call())
    .catch((error: unknown) => void failureOf(context, error));
  // A learner serves none of these.
  const isVoter = !member.isLearner;
  const readError = isVoter ? (await readFailure(client, context.call()))?.message : undefined;
  const hash = isVoter && hashAt !== undefined ? await hashOf(context, client, hashAt) : undefined;
  const http = isOffline ? undefined : await overHttp(context, endpoint);
  return {
    ...{ ...seen, later, readError, ...http },
    quotaBytes: await quotaOf(context, seen),
    ...(hash && { hash }),
  };
}

async function hashOf(
  context: CommandContext,
  { maintenance }: EtcdClient,
  revision: bigint,
): Promise<HashKVResponse | Unknown> {
  const longest = context.longCall(); // A hash of a large database takes longer than other calls.
  return maintenance.hashKV({ revision }, longest).catch(unknownFor(context));
}

async function overHttp(
  context: CommandContext,
  endpoint: string,
): Promise<Pick<ExaminedMember, "clock" | "certificateEndsMs">> {
  const { clock } = context.io;
  const sentMs = clock.now();
  try {
    const answer = await context.httpGet(endpoint, "/version");
    return { clock: clockOffset(answer, sentMs, clock.now()), certificateEndsMs: answer.certificateEndsMs };
  } catch (error) {
    const unknown = (error as Error).message;
    return { clock: { unknown }, certificateEndsMs: { unknown } };
  }
}

/** The server has written `dateMs` between both moments, and has cut off up to one second. */
function clockOffset({ dateMs }: HttpAnswer, sentMs: number, receivedMs: number): ClockOffset | Unknown {
  if (dateMs === undefined) return { unknown: "its response has no Date header" };
  return { fromMs: dateMs - receivedMs, toMs: dateMs + 1000 - sentMs };
}

/** A certificate is useless when one of its chain has ended; a file of CAs when all have. */
async function ownFiles(context: CommandContext): Promise<OwnCertificate[]> {
  const { cacert, cert } = await context.tls();
  const own = cert ? [{ file: cert, endsMs: endOf(cert, Math.min) }] : [];
  return [...own, ...(cacert ? [{ file: cacert, endsMs: endOf(cacert, Math.max) }] : [])];
}

function endOf(file: string, choose: (...ends: number[]) => number): number | Unknown {
  try {
    const certificates = pemBlocks(readFileSync(file)).filter(({ type }) => type === "CERTIFICATE");
    const ends = certificates.map(({ text }) => Date.parse(new X509Certificate(text).validTo));
    return ends.length === 0 ? { unknown: "the file has no certificate" } : choose(...ends);
  } catch (error) {
    return { unknown: (error as Error).message };
  }
}

function failureOf(context: CommandContext, error: unknown): EtcdError | CliError {
  context.io.interrupt.throwIfAborted();
  return error instanceof EtcdError ? error : connectionError(error);
}

function unknownFor(context: CommandContext): (error: unknown) => Unknown {
  return (error) => {
    const failure = failureOf(context, error);
    const advice = isServerError(failure, "permissionDenied") ? " (it needs a user with the role root)" : "";
    return { unknown: `${failure.message}${advice}` };
  };
}
