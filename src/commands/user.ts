// `user add NAME[:PASSWORD]`: makes a user; where the password does not come with it, see new-password.ts.
// Answers to etcdctl's user_command.go.
import type { FlagTable, FlagValues } from "../cli/flags";
import { readPasswordFile } from "../cli/password";
import { badArgs } from "../errors";
import type { Io } from "../io";
import { AuthUserAddRequest, AuthUserChangePasswordRequest } from "../proto/gen/etcdserverpb";
import { defineCommand, oneCall } from "./command";
import { Lines, textOf } from "./txn/tokenize";

export const newPasswordFlags = {
  interactive: {
    kind: "bool",
    default: true,
    usage: "ask for the password twice; with =false take it from a line of stdin",
  },
  "new-user-password-file": { kind: "string", default: "", usage: "file with the new password" },
} as const satisfies FlagTable;

const userAddFlags = {
  ...newPasswordFlags,
  "new-user-password": { kind: "string", default: "", usage: "the password; others can see it in `ps`" },
  "no-password": {
    kind: "bool",
    default: false,
    usage: "a user who can only log in with a certificate that bears the name",
  },
} as const satisfies FlagTable;

export const userAdd = defineCommand({
  flags: userAddFlags,
  async run(context, args, flags) {
    const request = await userAddRequest(args, flags, context.io);
    const { client, printer } = await context.connect();
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

// `user delete USER`: deletes a user. Answers to etcdctl's user_command.go.

export const userDelete = oneCall({
  words: 1,
  otherwise: "user delete command requires user name as its argument",
  call: ({ auth }, [name], options) => auth.userDelete({ name }, options),
  print: (printer, response, [name]) => printer.userDelete(name, response),
});

// `user get USER`: the roles of a user; with --detail what each of them may do, the user's name as text in every format of Go's.
// Answers to etcdctl's user_command.go.

const userGetFlags = {
  detail: { kind: "bool", default: false, usage: "show what the user's roles may do" },
} as const satisfies FlagTable;

export const userGet = defineCommand({
  flags: userGetFlags,
  async run(context, args, { detail }) {
    const [name] = args;
    if (name === undefined || args.length !== 1) {
      throw badArgs("user get command requires user name as its argument");
    }
    const { client, printer } = await context.connect();
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

// `user list`: the names of all users. Answers to etcdctl's user_command.go.

export const userList = oneCall({
  words: 0,
  otherwise: "user list command requires no arguments",
  call: ({ auth }, _words, options) => auth.userList({}, options),
  print: (printer, response) => printer.userList(response),
});

// `user passwd USER`: gives a user another password, see new-password.ts. Answers to etcdctl's user_command.go.

export const userPasswd = defineCommand({
  flags: newPasswordFlags,
  async run(context, args, flags) {
    const [name] = args;
    if (name === undefined || args.length !== 1) {
      throw badArgs("user passwd command requires user name as its argument");
    }
    const password = await readNewPassword(context.io, name, flags);
    const { client, printer } = await context.connect();
    const request = AuthUserChangePasswordRequest.create({ name, password });
    const response = await client.auth.userChangePassword(request, context.call());
    await context.io.stdout.write(printer.userChangePassword(response));
  },
});

// `user grant-role USER ROLE`: gives a role to a user. Answers to etcdctl's user_command.go.

export const userGrantRole = oneCall({
  words: 2,
  otherwise: "user grant command requires user name and role name as its argument",
  call: ({ auth }, [user, role], options) => auth.userGrantRole({ user, role }, options),
  print: (printer, response, [user, role]) => printer.userGrantRole(user, role, response),
});

// `user revoke-role USER ROLE`: takes a role from a user. Answers to etcdctl's user_command.go.

export const userRevokeRole = oneCall({
  words: 2,
  otherwise: "user revoke-role requires user name and role name as its argument",
  call: ({ auth }, [name, role], options) => auth.userRevokeRole({ name, role }, options),
  print: (printer, response, [name, role]) => printer.userRevokeRole(name, role, response),
});

// Where `user add` and `user passwd` get a new password from: a file, a prompt that asks twice, or the first word of a line of
// stdin. Asked for before anything is dialled, as in Go.
// Answers to readPasswordInteractive and to Scanf's "%s" in etcdctl's user_command.go.

export async function readNewPassword(
  io: Io,
  user: string,
  flags: FlagValues<typeof newPasswordFlags>,
): Promise<string> {
  const file = flags["new-user-password-file"];
  if (file !== "") return readPasswordFile(file, io);
  return flags.interactive ? askTwice(io, user) : firstWord(io);
}

async function askTwice(io: Io, user: string): Promise<string> {
  const password = await io.readPassword(`Password of ${user}: `);
  if (password === "") throw badArgs("empty password");
  const again = await io.readPassword(`Type password of ${user} again for confirmation: `);
  if (password !== again) throw badArgs("given passwords are different");
  return password;
}

/** What Go takes for a blank. */
const blank = "[\\t\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const word = new RegExp(`^${blank}*((?:(?!${blank}).)*)`, "su");

async function firstWord({ stdin }: Io): Promise<string> {
  const line = (await new Lines(stdin.chunks()).next()) ?? "";
  return word.exec(textOf(line))?.[1] ?? "";
}
