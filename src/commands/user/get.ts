// `user get USER`: the roles of a user; with --detail what each of them may do, the user's name as text in every format of Go's.
// Answers to etcdctl's user_command.go.
import { defineCommand } from "../command";
import type { FlagTable } from "../flags";
import { badArgs } from "../key-range";

const userGetFlags = {
  detail: { kind: "bool", default: false, usage: "show what the user's roles may do" },
} as const satisfies FlagTable;

export const command = defineCommand({
  flags: userGetFlags,
  async run(context, args, { detail }) {
    const [name] = args;
    if (name === undefined || args.length !== 1) {
      throw badArgs("user get command requires user name as its argument");
    }
    const { client, printer } = await context.session();
    const { stdout } = context.io;
    const response = await client.auth.userGet({ name }, context.call());
    if (!detail) return stdout.write(printer.userGet(name, response));
    await stdout.write(printer.aside(`User: ${name}\n`));
    for (const role of response.roles) {
      await stdout.write(printer.aside("\n"));
      await stdout.write(printer.roleGet(role, await client.auth.roleGet({ role }, context.call())));
    }
  },
});
