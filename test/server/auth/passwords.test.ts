// Passwords are hashed and compared off the event loop, few wait, and a canceled one is never hashed.
import { setMaxListeners } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { Passwords } from "../../../src/server/auth/passwords";
import { startEmbeddedServer } from "../../../src/server/server";

const never = new AbortController().signal;
let passwords: Passwords;
beforeEach(() => (passwords = new Passwords()));
afterEach(() => passwords.close());

test("a hash has Go's form, and only its password is the same", async () => {
  const hash = await passwords.hash("pässword", 4, never);
  expect(hash.toString()).toMatch(/^\$2a\$04\$.{53}$/);
  expect(await passwords.isSame("pässword", hash, never)).toBe(true);
  expect(await passwords.isSame("password", hash, never)).toBe(false);
  expect(await passwords.isSame("password", Buffer.from("no hash"), never)).toBe(false);
  await expect(passwords.hash("p".repeat(73), 4, never)).rejects.toThrow(
    "bcrypt: password length exceeds 72 bytes",
  );
});

test("the event loop turns freely while a password is hashed", async () => {
  let turns = 0;
  const hashing = passwords.hash("p", 12, never).finally(() => (turns = -turns));
  while (turns >= 0) {
    await turn();
    turns++;
  }
  await hashing;
  // On the event loop, bcryptjs would give it away about every 100 ms.
  expect(-turns).toBeGreaterThan(100);
});

test("few jobs wait, and a canceled job is never run", async () => {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const running = passwords.hash("p", 4, never);
  const waiting = Array.from({ length: 64 }, () => passwords.hash("p", 31, stop.signal));
  const outcomes = Promise.allSettled(waiting);
  await expect(passwords.hash("p", 4, never)).rejects.toThrow("etcdserver: too many requests");
  stop.abort();
  for (const outcome of await outcomes)
    expect(outcome).toMatchObject({ status: "rejected", reason: { message: "context canceled" } });
  await expect(passwords.hash("p", 4, stop.signal)).rejects.toThrow("context canceled");
  expect(await passwords.isSame("p", await running, never)).toBe(true);
});

test("the end of the server fails the jobs", async () => {
  const jobs = Promise.allSettled([passwords.hash("p", 31, never), passwords.hash("p", 4, never)]);
  passwords.close();
  for (const outcome of await jobs)
    expect(outcome).toMatchObject({ status: "rejected", reason: { message: "etcdserver: server stopped" } });
});

test("the permission is checked before a password is hashed", async () => {
  await using server = await startEmbeddedServer({ listenClientUrls: [], auth: { bcryptCost: 4 } });
  const { auth } = server.client();
  await auth.userAdd({ name: "root", password: "pw", options: undefined, hashedPassword: "" });
  await auth.roleAdd({ name: "root" });
  await auth.userGrantRole({ user: "root", role: "root" });
  await auth.authEnable({});
  const hash = jest.spyOn(Passwords.prototype, "hash");
  const refused = "etcdserver: user name is empty";
  const add = (password: string) =>
    auth.userAdd({ name: "a", password, options: undefined, hashedPassword: "" });
  const change = (password: string) =>
    auth.userChangePassword({ name: "root", password, hashedPassword: "" });
  await expect(add("p")).rejects.toThrow(refused);
  await expect(change("p")).rejects.toThrow(refused);
  expect(hash).not.toHaveBeenCalled();
  // As in etcd, which hashes before it checks the permission.
  const tooLong = "bcrypt: password length exceeds 72 bytes";
  await expect(add("p".repeat(73))).rejects.toThrow(tooLong);
  await expect(change("p".repeat(73))).rejects.toThrow(tooLong);
  hash.mockRestore();
});
