// Go: etcdctl/ctlv3/command/lease_command.go.
import type { FlagTable } from "../input/flags";
import { failureToReport, keepAlive, keepAliveOnce } from "../client/lease";
import { badArgs, ExitCode, type EtcdError } from "../errors";
import { hintLines } from "../hints";
import { parseInt64 } from "../go/strconv";
import { LeaseGrantRequest } from "../proto/gen/etcdserverpb";
import { leaseIdHints, mapCallError, mapParseError } from "./arguments";
import { defineCommand } from "./command";

export const leaseGrant = defineCommand({
  flags: {},
  async run(context, args) {
    const request = leaseGrantRequest(args);
    const { client, printer } = await context.connect();
    const response = await mapCallError(
      ExitCode.error,
      client.lease.leaseGrant(request, context.call()),
      (error) => `failed to grant lease (${error.message})`,
    );
    await context.io.stdout.write(printer.leaseGrant(response));
  },
});

function leaseGrantRequest(args: readonly string[]): LeaseGrantRequest {
  const [text] = args;
  if (text === undefined || args.length !== 1) throw badArgs("lease grant command needs TTL argument");
  const TTL = mapParseError(
    ExitCode.badArgs,
    () => parseInt64(text),
    (reason) => `bad TTL (${reason})`,
  );
  return LeaseGrantRequest.create({ TTL });
}

export const leaseRevoke = defineCommand({
  flags: {},
  async run(context, args) {
    const [text] = args;
    if (text === undefined || args.length !== 1) throw badArgs("lease revoke command needs 1 argument");
    const ID = parseLeaseId(text);
    const { client, printer } = await context.connect();
    const response = await mapCallError(
      ExitCode.error,
      client.lease.leaseRevoke({ ID }, context.call()),
      (error) => `failed to revoke lease (${error.message})`,
    );
    await context.io.stdout.write(printer.leaseRevoke(ID, response));
  },
});

const timeToLiveFlags = {
  keys: { kind: "bool", default: false, usage: "also list the keys attached to the lease" },
} as const satisfies FlagTable;

/** As in Go, the exit code of a failed call is 2, and the output format is checked before the ID. */
export const leaseTimeToLive = defineCommand({
  flags: timeToLiveFlags,
  async run(context, args, { keys }) {
    const [text] = args;
    if (text === undefined || args.length !== 1) {
      throw badArgs("lease timetolive command needs lease ID as argument");
    }
    const { client, printer } = await context.connect();
    const response = await mapCallError(
      ExitCode.badConnection,
      client.lease.leaseTimeToLive({ ID: parseLeaseId(text), keys }, context.call()),
    );
    await context.io.stdout.write(printer.leaseTimeToLive(response, keys));
  },
});

/** The exit code of a failed call is 2, as in Go. */
export const leaseList = defineCommand({
  flags: {},
  async run(context) {
    const { client, printer } = await context.connect();
    const response = await mapCallError(ExitCode.badConnection, client.lease.leaseLeases({}, context.call()));
    await context.io.stdout.write(printer.leaseLeases(response));
  },
});

const keepAliveFlags = {
  once: { kind: "bool", default: false, usage: "renew the lease once, then exit" },
} as const satisfies FlagTable;

/** Renews a lease until it ends or until Ctrl-C. If the lease has ended, the exit code is 0, with --once it is 2, as in Go. */
export const leaseKeepAlive = defineCommand({
  flags: keepAliveFlags,
  async run(context, args, { once }) {
    const [text] = args;
    if (text === undefined || args.length !== 1) {
      throw badArgs("lease keep-alive command needs lease ID as argument");
    }
    const id = parseLeaseId(text);
    const { client, printer } = await context.connect();
    const { stdout, clock } = context.io;
    if (once) {
      const response = await mapCallError(
        ExitCode.badConnection,
        keepAliveOnce(client.lease, id, context.call(), clock),
      );
      return stdout.write(printer.leaseKeepAlive(response));
    }
    let lastFailure: EtcdError | undefined;
    const renewals = keepAlive(client.lease, id, {
      ...{ callOptions: context.call(), streamOptions: context.stream(), clock },
      onFailure: (error) => (lastFailure = failureToReport(lastFailure, error)),
    });
    for await (const response of renewals) {
      lastFailure = undefined;
      await stdout.write(printer.leaseKeepAlive(response));
    }
    await stdout.write(printer.leaseExpired(id));
    // Go prints "expired or revoked" also if no member was reachable until the TTL had passed. The hint shows the real cause.
    if (lastFailure !== undefined)
      await context.reportFailure(
        hintLines([`the lease could not be renewed: ${lastFailure.message}`], context.io).trimEnd(),
        lastFailure,
      );
  },
});

function parseLeaseId(text: string): bigint {
  return mapParseError(
    ExitCode.badArgs,
    () => parseInt64(text, 16),
    (reason) => `bad lease ID arg (${reason}), expecting ID in Hex`,
    leaseIdHints,
  );
}
