// Simple tokens, in etcd's form.
import { randomInt } from "node:crypto";
import type { Clock } from "../../clock";
import type { TokenOwner, TokenRequest, Tokens } from "./token";

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const prefixLength = 16;
export const defaultTokenTtlSeconds = 300;

/**
 * Tokens of sixteen random letters, a dot and the raft index. Each use extends a token by its full TTL. They are only in
 * memory, as in etcd. No timer runs: expired tokens are removed when the next one is assigned.
 * Go: server/auth/simple_token.go
 */
export class SimpleTokens implements Tokens {
  private readonly tokens = new Map<string, { readonly user: string; expiresAtNs: bigint }>();
  private readonly ttlNs: bigint;

  constructor(
    private readonly clock: Clock,
    ttlSeconds = defaultTokenTtlSeconds,
  ) {
    // 0 and less mean the default, as in etcd.
    this.ttlNs = BigInt(Math.round((ttlSeconds > 0 ? ttlSeconds : defaultTokenTtlSeconds) * 1e9));
  }

  assign({ user, raftIndex, simplePrefix }: TokenRequest): string {
    this.deleteExpired();
    const token = `${simplePrefix}.${raftIndex}`;
    this.tokens.set(token, { user, expiresAtNs: this.clock.monotonicNs() + this.ttlNs });
    return token;
  }

  /** Undefined if the token is unknown or expired. A token counts for every revision: changes of its user end it. */
  ownerOf(token: string, revision: bigint): TokenOwner | undefined {
    const found = this.tokens.get(token);
    const now = this.clock.monotonicNs();
    if (found === undefined || found.expiresAtNs < now) return undefined;
    found.expiresAtNs = now + this.ttlNs;
    return { user: found.user, revision };
  }

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
