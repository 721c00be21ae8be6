// `lease list`: all leases there are. A failed call is exit code 2, as in Go. Answers to etcdctl's lease_command.go.
import { ExitCode } from "../../errors";
import { defineCommand } from "../command";
import { failingAs } from "../failures";

export const command = defineCommand({
  flags: {},
  async run(context) {
    const { client, printer } = await context.session();
    const response = await failingAs(ExitCode.badConnection, client.lease.leaseLeases({}, context.call()));
    await context.io.stdout.write(printer.leaseLeases(response));
  },
});
