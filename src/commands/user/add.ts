// `user add NAME[:PASSWORD]`: makes a user; where the password does not come with it, see new-password.ts.
// Answers to etcdctl's user_command.go.
import type { Io } from "../../io";
import { AuthUserAddRequest } from "../../proto/gen/etcdserverpb";
import { defineCommand } from "../command";
import type { FlagTable, FlagValues } from "../flags";
import { badArgs } from "../key-range";
import { newPasswordFlags, readNewPassword } from "./new-password";

const userAddFlags = {
  ...newPasswordFlags,
  "new-user-password": { kind: "string", default: "", usage: "the password; others can see it in `ps`" },
  "no-password": {
    kind: "bool",
    default: false,
    usage: "a user who can only log in with a certificate that bears the name",
  },
} as const satisfies FlagTable;

export const command = defineCommand({
  flags: userAddFlags,
  async run(context, args, flags) {
    const request = await userAddRequest(args, flags, context.io);
    const { client, printer } = await context.session();
    const response = await client.auth.userAdd(request, context.call());
    await context.io.stdout.write(printer.userAdd(request.name, response));
  },
});

async function userAddRequest(
  args: readonly string[],
  flags: FlagValues<typeof userAddFlags>,
  io: Io,
): Promise<AuthUserAddRequest> {
  const [typed] = args;
  if (typed === undefined || args.length !== 1) {
    throw badArgs("user add command requires user name as its argument");
  }
  const colon = typed.indexOf(":");
  checkPasswordFile(flags, colon >= 0);
  const noPassword = flags["no-password"];
  const request = { options: { noPassword } };
  if (noPassword) return AuthUserAddRequest.create({ ...request, name: typed });
  if (flags["new-user-password"] !== "") {
    return AuthUserAddRequest.create({ ...request, name: typed, password: flags["new-user-password"] });
  }
  if (colon < 0) {
    const password = await readNewPassword(io, typed, flags);
    return AuthUserAddRequest.create({ ...request, name: typed, password });
  }
  if (colon === 0) throw badArgs("empty user name is not allowed");
  const [name, password] = [typed.slice(0, colon), typed.slice(colon + 1)];
  return AuthUserAddRequest.create({ ...request, name, password });
}

/** Two passwords, or one and none: not for us to choose. */
function checkPasswordFile(flags: FlagValues<typeof userAddFlags>, isInName: boolean): void {
  if (flags["new-user-password-file"] === "") return;
  if (flags["new-user-password"] !== "" || flags["no-password"] || isInName) {
    throw badArgs(
      "--new-user-password-file excludes --new-user-password, --no-password and a password after the name",
    );
  }
}
