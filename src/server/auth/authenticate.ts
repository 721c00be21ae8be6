// Simple tokens and the hashes of passwords, in etcd's forms. This file is the only importer of bcryptjs and loads it with
// the first password.
import { randomInt } from "node:crypto";
import type { Clock } from "../../clock";

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const prefixLength = 16;
export const defaultTokenTtlSeconds = 300;

/**
 * Tokens of sixteen random letters, a dot and the raft index. Each use extends a token by its full TTL. They are only in
 * memory, as in etcd. No timer runs: expired tokens are removed when the next one is assigned.
 * Go: server/auth/simple_token.go
 */
export class SimpleTokens {
  private readonly tokens = new Map<string, { readonly user: string; expiresAtNs: bigint }>();
  private readonly ttlNs: bigint;

  constructor(
    private readonly clock: Clock,
    ttlSeconds = defaultTokenTtlSeconds,
  ) {
    // 0 and less mean the default, as in etcd.
    this.ttlNs = BigInt(Math.round((ttlSeconds > 0 ? ttlSeconds : defaultTokenTtlSeconds) * 1e9));
  }

  assign(user: string, raftIndex: bigint): string {
    this.deleteExpired();
    const prefix = Array.from({ length: prefixLength }, () => letters[randomInt(letters.length)]).join("");
    const token = `${prefix}.${raftIndex}`;
    this.tokens.set(token, { user, expiresAtNs: this.clock.monotonicNs() + this.ttlNs });
    return token;
  }

  /** The user of a token; undefined if the token is unknown or expired. */
  userOf(token: string): string | undefined {
    const found = this.tokens.get(token);
    const now = this.clock.monotonicNs();
    if (found === undefined || found.expiresAtNs < now) return undefined;
    found.expiresAtNs = now + this.ttlNs;
    return found.user;
  }

  /** Ends all tokens of a user. Without a user, ends all tokens. */
  invalidate(user?: string): void {
    for (const [token, entry] of this.tokens) {
      if (user === undefined || entry.user === user) this.tokens.delete(token);
    }
  }

  private deleteExpired(): void {
    const now = this.clock.monotonicNs();
    for (const [token, { expiresAtNs }] of this.tokens) if (expiresAtNs < now) this.tokens.delete(token);
  }
}

export const defaultBcryptCost = 10;
const minCost = 4;
const maxCost = 31;
const maxPasswordBytes = 72;

/** Hashes a password. A cost outside bcrypt's bounds means the default, as in etcd. Yields to other work every 100 ms. */
export async function hashPassword(password: string, cost = defaultBcryptCost): Promise<Buffer> {
  if (Buffer.byteLength(password) > maxPasswordBytes) {
    throw new Error("bcrypt: password length exceeds 72 bytes");
  }
  const { genSalt, hash } = await import("bcryptjs");
  const salt = await genSalt(cost < minCost || cost > maxCost ? defaultBcryptCost : cost);
  // Go's bcrypt package uses the older name of the same algorithm.
  return Buffer.from(await hash(password, salt.replace(/^\$2b/, "$2a")));
}

export async function isPassword(password: string, hashed: Uint8Array): Promise<boolean> {
  const { compare } = await import("bcryptjs");
  return compare(password, Buffer.from(hashed).toString("latin1"));
}
