// Go: etcdctl/ctlv3/command/user_command.go.
import type { FlagTable, FlagValues } from "../input/flags";
import { readPasswordFile, splitUser } from "../input/password";
import { badArgs } from "../errors";
import type { Io } from "../io";
import { AuthUserAddRequest, AuthUserChangePasswordRequest } from "../proto/gen/etcdserverpb";
import { defineCommand, unaryCommand } from "./command";
import { LineReader, binaryToText } from "./tokenize";

const newPasswordFlags = {
  interactive: {
    kind: "bool",
    default: true,
    usage: "ask for the password twice; with =false, read it from one line of stdin",
  },
  "new-user-password-file": { kind: "string", default: "", usage: "file that contains the new password" },
} as const satisfies FlagTable;

const userAddFlags = {
  ...newPasswordFlags,
  "new-user-password": {
    kind: "string",
    default: "",
    usage: "the password; other users of this machine can see it with ps",
  },
  "no-password": {
    kind: "bool",
    default: false,
    usage: "create a user that can only log in with a client certificate",
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
  checkPasswordFile(flags, typed.includes(":"));
  const noPassword = flags["no-password"];
  const request = { options: { noPassword } };
  if (noPassword) return AuthUserAddRequest.create({ ...request, name: typed });
  if (flags["new-user-password"] !== "") {
    return AuthUserAddRequest.create({ ...request, name: typed, password: flags["new-user-password"] });
  }
  if (typed.startsWith(":")) throw badArgs("empty user name is not allowed");
  const { user: name, password } = await splitUser(typed, () => readNewPassword(io, typed, flags));
  return AuthUserAddRequest.create({ ...request, name, password });
}

/** Only one of the flags and arguments may set the password. */
function checkPasswordFile(flags: FlagValues<typeof userAddFlags>, isInName: boolean): void {
  if (flags["new-user-password-file"] === "") return;
  if (flags["new-user-password"] !== "" || flags["no-password"] || isInName) {
    throw badArgs(
      "--new-user-password-file cannot be used with --new-user-password, --no-password or NAME:PASSWORD",
    );
  }
}

export const userDelete = unaryCommand({
  argumentCount: 1,
  usageError: "user delete command requires user name as its argument",
  call: ({ auth }, [name], options) => auth.userDelete({ name }, options),
  print: (printer, response, [name]) => printer.userDelete(name, response),
});

const userGetFlags = {
  detail: { kind: "bool", default: false, usage: "also show the permissions of each role" },
} as const satisfies FlagTable;

/** With --detail the user name is printed as plain text in each of Go's formats. */
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
    await stdout.write(printer.plainText(`User: ${name}\n`));
    for (const role of response.roles) {
      await stdout.write(printer.plainText("\n"));
      await stdout.write(printer.roleGet(role, await client.auth.roleGet({ role }, context.call())));
    }
  },
});

export const userList = unaryCommand({
  argumentCount: 0,
  usageError: "user list command requires no arguments",
  call: ({ auth }, _args, options) => auth.userList({}, options),
  print: (printer, response) => printer.userList(response),
});

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

export const userGrantRole = unaryCommand({
  argumentCount: 2,
  usageError: "user grant command requires user name and role name as its argument",
  call: ({ auth }, [user, role], options) => auth.userGrantRole({ user, role }, options),
  print: (printer, response, [user, role]) => printer.userGrantRole(user, role, response),
});

export const userRevokeRole = unaryCommand({
  argumentCount: 2,
  usageError: "user revoke-role requires user name and role name as its argument",
  call: ({ auth }, [name, role], options) => auth.userRevokeRole({ name, role }, options),
  print: (printer, response, [name, role]) => printer.userRevokeRole(name, role, response),
});

/** Reads a new password from a file, a prompt that asks twice, or a line of stdin, before the client connects, as in Go. */
async function readNewPassword(
  io: Io,
  user: string,
  flags: FlagValues<typeof newPasswordFlags>,
): Promise<string> {
  const file = flags["new-user-password-file"];
  if (file !== "") return readPasswordFile(file, io);
  return flags.interactive ? askTwice(io, user) : readFirstWord(io);
}

const scriptHint =
  "a script gives the password with --new-user-password-file FILE, or as one line of stdin with --interactive=false";

async function askTwice(io: Io, user: string): Promise<string> {
  const password = await io.readPassword(`Password of ${user}: `);
  if (password === "") throw badArgs("empty password", { hints: io.stdin.isTTY ? [] : [scriptHint] });
  const again = await io.readPassword(`Type password of ${user} again for confirmation: `);
  if (password !== again) throw badArgs("given passwords are different");
  return password;
}

/** Go's unicode.IsSpace, without the newline. */
const space = "[\\t\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const firstWord = new RegExp(`^${space}*((?:(?!${space}).)*)`, "su");

/** As Scanf with `%s` reads it in Go. */
async function readFirstWord({ stdin }: Io): Promise<string> {
  const line = (await new LineReader(stdin.chunks()).next()) ?? "";
  return firstWord.exec(binaryToText(line))?.[1] ?? "";
}
