// The tokens of users that have logged in: of the type that --auth-token names.
// Go: NewTokenProvider and decomposeOpts in server/auth/store.go
import type { Clock } from "../../clock";
import { JwtTokens } from "./jwt";
import { jwtKeys } from "./jwt-keys";
import { TokenError } from "./permissions";
import { SimpleTokens } from "./simple-tokens";
import type { Tokens } from "./token";

export interface TokenOptions {
  readonly clock: Clock;
  /** Value of etcd's --auth-token. Default: `simple`. */
  readonly type?: string | undefined;
  /** Only for simple tokens. */
  readonly ttlSeconds?: number | undefined;
}

/** Reads the files of keys. Throws TokenError with etcd's text; its cause says why. */
export function createTokens({ clock, type = "simple", ttlSeconds }: TokenOptions): Tokens {
  const [name = "", ...words] = type.split(",");
  const options = new Map<string, string>();
  for (const word of words) {
    const [key = "", value, ...more] = word.split("=");
    if (value === undefined || more.length > 0) throw invalidOptions(`"${word}" is not NAME=VALUE`);
    if (options.has(key)) throw invalidOptions(`"${key}" occurs twice`);
    options.set(key, value);
  }
  switch (name) {
    case "simple":
      return new SimpleTokens(clock, ttlSeconds);
    case "jwt":
      return new JwtTokens(clock, jwtKeys(options));
    case "":
      return noTokens;
    default:
      throw invalidOptions(`the types of tokens are simple and jwt, not "${name}"`);
  }
}

/** No user can log in. Go: server/auth/nop.go */
const noTokens: Tokens = {
  assign() {
    throw new TokenError("auth: authentication failed, invalid user ID or password");
  },
  ownerOf: () => undefined,
  invalidate: () => undefined,
};

function invalidOptions(reason: string): TokenError {
  return new TokenError("auth: invalid auth options", { cause: new Error(reason) });
}
