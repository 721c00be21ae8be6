import { writeFileSync } from "node:fs";
import path from "node:path";
import { authEnable as enable } from "../../src/commands/auth";
import {
  roleGrantPermission as grantPermission,
  grantRequest,
  permissionRange,
  roleRevokePermission as revokePermission,
  roleAdd,
} from "../../src/commands/role";
import { userPasswd as passwd, userAdd, userGet } from "../../src/commands/user";
import { serverError } from "../../src/etcd/error-table";
import { runCommand, type RunOptions } from "../support/run-command";
import { sharedFolder } from "../support/work-folder";

const refused = (message: string) => ({ exitCode: 128, message });

describe("auth enable", () => {
  test("creates role root and grants it if it is missing, then enables auth again", async () => {
    let tries = 0;
    const answers = {
      AuthEnable: () => {
        if (++tries === 1) throw serverError("rootRoleNotExist");
        return {};
      },
      RoleAdd: () => ({}),
      UserGrantRole: () => ({}),
    };
    const { stdout, calls } = await runCommand(enable, [], { answers });
    expect(stdout).toBe("Authentication Enabled\n");
    expect(calls).toMatchObject([
      { method: "AuthEnable" },
      { method: "RoleAdd", request: { name: "root" } },
      { method: "UserGrantRole", request: { user: "root", role: "root" } },
      { method: "AuthEnable" },
    ]);
  });

  test("does not create role root after any other error", async () => {
    const answers = {
      AuthEnable: () => {
        throw serverError("rootUserNotExist");
      },
    };
    await expect(runCommand(enable, [], { answers })).rejects.toThrow("etcdserver: root user does not exist");
  });
});

test("a unary command rejects a wrong number of arguments", async () => {
  const { stdout, calls } = await runCommand(roleAdd, ["r"], { answers: { RoleAdd: () => ({}) } });
  expect(stdout).toBe("Role r created\n");
  expect(calls).toMatchObject([{ method: "RoleAdd", request: { name: "r" } }]);
  const message = "role add command requires role name as its argument";
  for (const words of [[], ["a", "b"]]) {
    await expect(runCommand(roleAdd, words)).rejects.toMatchObject(refused(message));
  }
});

describe("a new password", () => {
  const answers = { UserAdd: () => ({}), UserChangePassword: () => ({}) };
  const sent = async (command: typeof userAdd | typeof passwd, words: string[], options: RunOptions = {}) =>
    (await runCommand(command as typeof userAdd, words, { answers, ...options })).calls[0]
      ?.request as unknown;

  test.each([
    [["alice:a:b"], { name: "alice", password: "a:b" }],
    [["alice:"], { name: "alice", password: "" }],
    [["alice:x", "--new-user-password=y"], { name: "alice:x", password: "y" }],
    [["alice:x", "--no-password"], { name: "alice:x", password: "", options: { noPassword: true } }],
  ])("user add %j sends %j", async (words, request) => {
    expect(await sent(userAdd, words)).toMatchObject(request);
  });

  test("is read twice from a prompt", async () => {
    const { io, calls } = await runCommand(passwd, ["bob"], { answers, passwords: ["p", "p"] });
    expect(io.prompts).toEqual(["Password of bob: ", "Type password of bob again for confirmation: "]);
    expect(calls[0]?.request).toMatchObject({ name: "bob", password: "p" });
  });

  test.each([
    [["p", "q"], "given passwords are different"],
    [["", "p"], "empty password"],
  ])("typed as %j is rejected before the client connects", async (passwords, message) => {
    await expect(runCommand(userAdd, ["bob"], { passwords })).rejects.toMatchObject(refused(message));
  });

  test.each([
    ["  p q\nr\n", "p"],
    ["p", "p"],
    ["\np\n", ""],
    ["", ""],
    ["p\u00a0q\n", "p"],
  ])("is the first word of the line %j with --interactive=false", async (stdin, password) => {
    expect(await sent(passwd, ["bob", "--interactive=false"], { stdin })).toMatchObject({ password });
  });

  test("user add rejects an empty name before the colon", async () => {
    await expect(runCommand(userAdd, [":p"])).rejects.toMatchObject(
      refused("empty user name is not allowed"),
    );
  });

  describe("from a file", () => {
    const dir = sharedFolder();
    const file = (name: string, text: string, mode = 0o600) => {
      writeFileSync(path.join(dir, name), text, { mode });
      return path.join(dir, name);
    };

    test("loses only its last newline", async () => {
      expect(await sent(userAdd, ["bob", "--new-user-password-file", file("a", " p q\n")])).toMatchObject({
        name: "bob",
        password: " p q",
      });
      expect(await sent(passwd, ["bob", "--new-user-password-file", file("b", "p\r\n")])).toMatchObject({
        password: "p",
      });
    });

    test("is used with a hint if other users can read the file", async () => {
      const words = ["bob", "--new-user-password-file", file("c", "p", 0o644)];
      expect((await runCommand(passwd, words, { answers })).stderr).toMatch(/^hint: .*chmod o= /);
    });

    test.each([
      ["empty", "\n", /it is empty/],
      ["long", "x".repeat(70_000), /longer than 65536 bytes/],
    ])("is rejected if the file is %s", async (name, text, message) => {
      const words = ["bob", "--new-user-password-file", file(name, text)];
      await expect(runCommand(passwd, words)).rejects.toMatchObject({
        exitCode: 128,
        message: expect.stringMatching(message) as string,
      });
    });

    test("is rejected if the file is missing, or if there is a second password", async () => {
      const missing = path.join(dir, "nope");
      await expect(runCommand(passwd, ["bob", "--new-user-password-file", missing])).rejects.toMatchObject(
        refused(`could not take the password from file ${missing} (no such file or directory)`),
      );
      for (const more of [["bob", "--new-user-password=x"], ["bob", "--no-password"], ["bob:x"]]) {
        await expect(
          runCommand(userAdd, [...more, "--new-user-password-file", file("d", "p")]),
        ).rejects.toMatchObject({ exitCode: 128 });
      }
    });
  });
});

test("user get --detail prints the user name and then the permissions of each role", async () => {
  const answers = {
    UserGet: () => ({ roles: ["r", "s"] }),
    RoleGet: () => ({ perm: [{ permType: 0, key: Buffer.from("a"), rangeEnd: Buffer.alloc(0) }] }),
  };
  const { stdout, calls } = await runCommand(userGet, ["bob", "--detail"], { answers });
  expect(stdout).toMatch(/^User: bob\n\nRole r\n[^]*\ta\n[^]*\n\nRole s\n/);
  expect(calls.map(({ method }) => method)).toEqual(["UserGet", "RoleGet", "RoleGet"]);
});

describe("the keys of a permission", () => {
  const none = { prefix: false, "from-key": false };
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
  test.each([
    [["a"], none, "a", ""],
    [["a", "c", "ignored"], none, "a", "c"],
    [["a"], { ...none, prefix: true }, "a", "b"],
    [["a"], { ...none, "from-key": true }, "a", "\0"],
    [[""], none, "\0", ""],
    [["", "ignored"], none, "\0", ""],
    [[""], { ...none, prefix: true }, "\0", "\0"],
    [["", "ignored"], { ...none, "from-key": true }, "\0", "\0"],
  ])("%j with %j are the range [%j, %j)", (words, flags, key, end) => {
    const range = permissionRange(words, flags);
    expect([text(range.key), text(range.rangeEnd)]).toEqual([key, end]);
  });

  const both = { prefix: true, "from-key": true };
  test.each([
    [["a"], both, "--from-key and --prefix flags are mutually exclusive"],
    [["", "c"], both, "--from-key and --prefix flags are mutually exclusive"],
    [["a", "c"], both, "unexpected endkey argument with --prefix flag"],
    [["a", "c"], { ...none, "from-key": true }, "unexpected endkey argument with --from-key flag"],
  ])("%j with %j are rejected", (words, flags, message) => {
    expect(() => permissionRange(words, flags)).toThrow(message);
  });

  test("follow the role and the permission type, which may be in upper or lower case", async () => {
    expect(grantRequest(["r", "ReadWrite", "a"], none)).toMatchObject({ name: "r", perm: { permType: 2 } });
    await expect(runCommand(grantPermission, ["r", "own", "a"])).rejects.toMatchObject(
      refused("invalid permission type: own"),
    );
    await expect(runCommand(grantPermission, ["r", "read"])).rejects.toMatchObject(
      refused("role grant command requires role name, permission type, and key [endkey] as its argument"),
    );
  });

  test("are printed as typed when they are revoked", async () => {
    const answers = { RoleRevokePermission: () => ({}) };
    const { stdout, calls } = await runCommand(revokePermission, ["r", "", "--prefix"], { answers });
    expect(stdout).toBe("Permission of range [, <open ended> is revoked from role r\n");
    expect(calls[0]?.request).toMatchObject({ role: "r", key: Buffer.of(0), rangeEnd: Buffer.of(0) });
  });
});
