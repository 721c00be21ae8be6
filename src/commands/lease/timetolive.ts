// `lease timetolive ID`: how long a lease has left, and with --keys which keys hang on it.
// A failed call is exit code 2 here, and the ID is looked at after the format, as in Go.
// Answers to etcdctl's lease_command.go.
import { ExitCode } from "../../errors";
import { defineCommand } from "../command";
import { failingAs } from "../failures";
import type { FlagTable } from "../flags";
import { badArgs } from "../key-range";
import { parseLeaseId } from "./lease-id";

const timeToLiveFlags = {
  keys: { kind: "bool", default: false, usage: "list the keys attached to the lease too" },
} as const satisfies FlagTable;

export const command = defineCommand({
  flags: timeToLiveFlags,
  async run(context, args, { keys }) {
    const [text] = args;
    if (text === undefined || args.length !== 1) {
      throw badArgs("lease timetolive command needs lease ID as argument");
    }
    const { client, printer } = await context.session();
    const response = await failingAs(
      ExitCode.badConnection,
      client.lease.leaseTimeToLive({ ID: parseLeaseId(text), keys }, context.call()),
    );
    await context.io.stdout.write(printer.leaseTimeToLive(response, keys));
  },
});
