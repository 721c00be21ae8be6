// Simple tokens: sixteen random letters, a dot and the raft index; each use gives it its whole time again. In memory
// only, as in etcd. Must stay true: no timer runs, what has run out is found and forgotten when somebody asks.
// Answers to etcd's server/auth/simple_token.go.
import { randomInt } from "node:crypto";
import type { Clock } from "../../clock";

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const prefixLength = 16;
export const defaultTokenTtlSeconds = 300;

export class SimpleTokens {
  private readonly held = new Map<string, { readonly user: string; expiresAtNs: bigint }>();
  private readonly ttlNs: bigint;

  constructor(
    private readonly clock: Clock,
    ttlSeconds = defaultTokenTtlSeconds,
  ) {
    // 0 and less mean the default, as in etcd.
    this.ttlNs = BigInt(Math.round((ttlSeconds > 0 ? ttlSeconds : defaultTokenTtlSeconds) * 1e9));
  }

  assign(user: string, raftIndex: bigint): string {
    this.forgetExpired();
    const prefix = Array.from({ length: prefixLength }, () => letters[randomInt(letters.length)]).join("");
    const token = `${prefix}.${raftIndex}`;
    this.held.set(token, { user, expiresAtNs: this.clock.monotonicNs() + this.ttlNs });
    return token;
  }

  /** Whose token it is; undefined: nobody's, or no longer. */
  userOf(token: string): string | undefined {
    const found = this.held.get(token);
    const now = this.clock.monotonicNs();
    if (found === undefined || found.expiresAtNs < now) return undefined;
    found.expiresAtNs = now + this.ttlNs;
    return found.user;
  }

  /** Ends all tokens of a user; of everybody when none is named. */
  invalidate(user?: string): void {
    for (const [token, held] of this.held) {
      if (user === undefined || held.user === user) this.held.delete(token);
    }
  }

  private forgetExpired(): void {
    const now = this.clock.monotonicNs();
    for (const [token, { expiresAtNs }] of this.held) if (expiresAtNs < now) this.held.delete(token);
  }
}

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
