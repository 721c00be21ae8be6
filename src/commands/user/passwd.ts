// `user passwd USER`: gives a user another password, see new-password.ts. Answers to etcdctl's user_command.go.
import { AuthUserChangePasswordRequest } from "../../proto/gen/etcdserverpb";
import { defineCommand } from "../command";
import { badArgs } from "../key-range";
import { newPasswordFlags, readNewPassword } from "./new-password";

export const command = defineCommand({
  flags: newPasswordFlags,
  async run(context, args, flags) {
    const [name] = args;
    if (name === undefined || args.length !== 1) {
      throw badArgs("user passwd command requires user name as its argument");
    }
    const password = await readNewPassword(context.io, name, flags);
    const { client, printer } = await context.session();
    const request = AuthUserChangePasswordRequest.create({ name, password });
    const response = await client.auth.userChangePassword(request, context.call());
    await context.io.stdout.write(printer.userChangePassword(response));
  },
});
