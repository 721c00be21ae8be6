// Passwords as bcrypt hashes, in the form that etcd writes. The only importer of bcryptjs, loaded when first needed.
// Hashing gives way to other work every 100 ms. Answers to the use of golang.org/x/crypto/bcrypt in etcd's server.

export const defaultBcryptCost = 10;
const minCost = 4;
const maxCost = 31;
const maxPasswordBytes = 72;

/** A cost out of bcrypt's bounds counts as the default, as in etcd. */
export async function hashPassword(password: string, cost = defaultBcryptCost): Promise<Buffer> {
  if (Buffer.byteLength(password) > maxPasswordBytes) {
    throw new Error("bcrypt: password length exceeds 72 bytes");
  }
  const { genSalt, hash } = await import("bcryptjs");
  const salt = await genSalt(cost < minCost || cost > maxCost ? defaultBcryptCost : cost);
  // Go knows the same algorithm under its older name.
  return Buffer.from(await hash(password, salt.replace(/^\$2b/, "$2a")));
}

export async function isPassword(password: string, hashed: Uint8Array): Promise<boolean> {
  const { compare } = await import("bcryptjs");
  return compare(password, Buffer.from(hashed).toString("latin1"));
}
