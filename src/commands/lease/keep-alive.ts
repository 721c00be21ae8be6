// `lease keep-alive ID`: renews a lease until it ends or Ctrl-C; with --once one time.
// A lease that is gone ends the command with exit code 0, and with 2 under --once, as in Go.
// Answers to etcdctl's lease_command.go.
import { keepAlive, keepAliveOnce, reasonAfter } from "../../client/keep-alive";
import { ExitCode } from "../../errors";
import { defineCommand } from "../command";
import { failingAs } from "../failures";
import type { FlagTable } from "../flags";
import { badArgs } from "../key-range";
import { parseLeaseId } from "./lease-id";

const keepAliveFlags = {
  once: { kind: "bool", default: false, usage: "renew the lease one time and end" },
} as const satisfies FlagTable;

export const command = defineCommand({
  flags: keepAliveFlags,
  async run(context, args, { once }) {
    const [text] = args;
    if (text === undefined || args.length !== 1) {
      throw badArgs("lease keep-alive command needs lease ID as argument");
    }
    const id = parseLeaseId(text);
    const { client, printer } = await context.session();
    const { stdout, stderr, clock } = context.io;
    if (once) {
      const response = await failingAs(
        ExitCode.badConnection,
        keepAliveOnce(client.lease, id, context.call(), clock),
      );
      return stdout.write(printer.leaseKeepAlive(response));
    }
    let lastFailure: string | undefined;
    const renewals = keepAlive(client.lease, id, {
      ...{ call: context.call(), stream: context.stream(), clock },
      onFailure: (error) => (lastFailure = reasonAfter(lastFailure, error)),
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
