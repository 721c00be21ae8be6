// `lease grant TTL`: creates a lease of so many seconds. Answers to etcdctl's lease_command.go.
import { ExitCode } from "../../errors";
import { parseInt64 } from "../../goformat/parse-int";
import { LeaseGrantRequest } from "../../proto/gen/etcdserverpb";
import { defineCommand } from "../command";
import { failingAs, parsedAs } from "../failures";
import { badArgs } from "../key-range";

export const command = defineCommand({
  flags: {},
  async run(context, args) {
    const request = leaseGrantRequest(args);
    const { client, printer } = await context.session();
    const response = await failingAs(
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
  const TTL = parsedAs(
    ExitCode.badArgs,
    () => parseInt64(text),
    (reason) => `bad TTL (${reason})`,
  );
  return LeaseGrantRequest.create({ TTL });
}
