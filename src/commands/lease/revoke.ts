// `lease revoke ID`: ends a lease; its keys are deleted with it. Answers to etcdctl's lease_command.go.
import { ExitCode } from "../../errors";
import { defineCommand } from "../command";
import { failingAs } from "../failures";
import { badArgs } from "../key-range";
import { parseLeaseId } from "./lease-id";

export const command = defineCommand({
  flags: {},
  async run(context, args) {
    const [text] = args;
    if (text === undefined || args.length !== 1) throw badArgs("lease revoke command needs 1 argument");
    const ID = parseLeaseId(text);
    const { client, printer } = await context.session();
    const response = await failingAs(
      ExitCode.error,
      client.lease.leaseRevoke({ ID }, context.call()),
      (error) => `failed to revoke lease (${error.message})`,
    );
    await context.io.stdout.write(printer.leaseRevoke(ID, response));
  },
});
