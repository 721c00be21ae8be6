// What the auth store needs of tokens.

/** Who a token stands for. */
export interface TokenOwner {
  readonly user: string;
  /** The revision of the auth store for which the token counts. */
  readonly revision: bigint;
}

export interface TokenRequest {
  readonly user: string;
  /** The present revision of the auth store. */
  readonly revision: bigint;
  /** A simple token is this prefix, from newTokenPrefix, and the raft index. */
  readonly simplePrefix: string;
  readonly raftIndex: bigint;
}

export interface Tokens {
  /** Throws TokenError if the server cannot make tokens. */
  assign(request: TokenRequest): string;
  /** Undefined for a token that is not valid. `revision` is the present one of the auth store. */
  ownerOf(token: string, revision: bigint): TokenOwner | undefined;
  /** Ends all tokens of a user. Without a user, ends all tokens. A signed token cannot be ended before its time. */
  invalidate(user?: string): void;
}
