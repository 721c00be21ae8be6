// Simple tokens, in etcd's form.
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

  /** `prefix` comes from newTokenPrefix. */
  assign(user: string, raftIndex: bigint, prefix: string): string {
    this.deleteExpired();
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

/** The random part of a token. It is part of the proposal, so that all members know the same token. */
export function newTokenPrefix(): string {
  return Array.from({ length: prefixLength }, () => letters[randomInt(letters.length)]).join("");
}
