// `lease grant TTL`: creates a lease of so many seconds. Answers to etcdctl's lease_command.go.
import type { FlagTable } from "../cli/flags";
import { keepAlive, keepAliveOnce, failureReason } from "../client/lease";
import { badArgs, ExitCode } from "../errors";
import { parseInt64 } from "../go/strconv";
import { LeaseGrantRequest } from "../proto/gen/etcdserverpb";
import { mapCallError, mapParseError, parseLeaseId } from "./arguments";
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

export function leaseGrantRequest(args: readonly string[]): LeaseGrantRequest {
  const [text] = args;
  if (text === undefined || args.length !== 1) throw badArgs("lease grant command needs TTL argument");
  const TTL = mapParseError(
    ExitCode.badArgs,
    () => parseInt64(text),
    (reason) => `bad TTL (${reason})`,
  );
  return LeaseGrantRequest.create({ TTL });
}

// `lease revoke ID`: ends a lease; its keys are deleted with it. Answers to etcdctl's lease_command.go.

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

// `lease timetolive ID`: how long a lease has left, and with --keys which keys hang on it.
// A failed call is exit code 2 here, and the ID is looked at after the format, as in Go.
// Answers to etcdctl's lease_command.go.

const timeToLiveFlags = {
  keys: { kind: "bool", default: false, usage: "list the keys attached to the lease too" },
} as const satisfies FlagTable;

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

// `lease list`: all leases there are. A failed call is exit code 2, as in Go. Answers to etcdctl's lease_command.go.

export const leaseList = defineCommand({
  flags: {},
  async run(context) {
    const { client, printer } = await context.connect();
    const response = await mapCallError(ExitCode.badConnection, client.lease.leaseLeases({}, context.call()));
    await context.io.stdout.write(printer.leaseLeases(response));
  },
});

// `lease keep-alive ID`: renews a lease until it ends or Ctrl-C; with --once one time.
// A lease that is gone ends the command with exit code 0, and with 2 under --once, as in Go.
// Answers to etcdctl's lease_command.go.

const keepAliveFlags = {
  once: { kind: "bool", default: false, usage: "renew the lease one time and end" },
} as const satisfies FlagTable;

export const leaseKeepAlive = defineCommand({
  flags: keepAliveFlags,
  async run(context, args, { once }) {
    const [text] = args;
    if (text === undefined || args.length !== 1) {
      throw badArgs("lease keep-alive command needs lease ID as argument");
    }
    const id = parseLeaseId(text);
    const { client, printer } = await context.connect();
    const { stdout, stderr, clock } = context.io;
    if (once) {
      const response = await mapCallError(
        ExitCode.badConnection,
        keepAliveOnce(client.lease, id, context.call(), clock),
      );
      return stdout.write(printer.leaseKeepAlive(response));
    }
    let lastFailure: string | undefined;
    const renewals = keepAlive(client.lease, id, {
      ...{ callOptions: context.call(), streamOptions: context.stream(), clock },
      onFailure: (error) => (lastFailure = failureReason(lastFailure, error)),
    });
    for await (const response of renewals) {
      lastFailure = undefined;
      await stdout.write(printer.leaseKeepAlive(response));
    }
    await stdout.write(printer.leaseExpired(id));
    // Go says "expired or revoked" too when it merely could not reach anyone for as long as the lease may live.
    if (lastFailure !== undefined) await stderr.write(`hint: it could not be renewed: ${lastFailure}\n`);
  },
});
