// Signed tokens: JSON web tokens with a user, the revision of the auth store and an end. A server that has the same key
// accepts them too, an etcd as well. Source: RFC 7515, RFC 7519. Go: server/auth/jwt.go, github.com/golang-jwt/jwt
import { constants, createHmac, sign, timingSafeEqual, verify, type KeyObject } from "node:crypto";
import type { Clock } from "../../clock";
import { TokenError } from "./permissions";
import type { TokenOwner, TokenRequest, Tokens } from "./token";

export type JwtMethod = `${"RS" | "PS" | "ES" | "HS"}${256 | 384 | 512}` | "EdDSA";

export interface JwtKeys {
  readonly method: JwtMethod;
  /** Absent: the server only verifies. */
  readonly signKey: KeyObject | undefined;
  readonly verifyKey: KeyObject;
  /** Why no token can be signed or verified with these keys. */
  readonly unusable?: string | undefined;
  readonly ttlMs: number;
}

export class JwtTokens implements Tokens {
  constructor(
    private readonly clock: Clock,
    private readonly keys: JwtKeys,
  ) {}

  assign({ user, revision }: TokenRequest): string {
    const { method, signKey, ttlMs, unusable } = this.keys;
    if (signKey === undefined) {
      throw new TokenError("auth: token signing attempted with verify-only key");
    }
    if (unusable !== undefined) throw new TokenError(unusable);
    const exp = Math.floor((this.clock.now() + ttlMs) / 1000);
    const head = encoded(`{"alg":"${method}","typ":"JWT"}`);
    const signed = `${head}.${encoded(`{"exp":${exp},"revision":${revision},"username":${JSON.stringify(user)}}`)}`;
    return `${signed}.${signatureOf(method, signed, signKey).toString("base64url")}`;
  }

  ownerOf(token: string): TokenOwner | undefined {
    const parts = token.split(".");
    const [head, claims, signature] = parts.map(decoded);
    if (parts.length !== 3 || head === undefined || claims === undefined || signature === undefined) {
      return undefined;
    }
    const { method, verifyKey, unusable } = this.keys;
    if (objectOf(head)?.alg !== method || unusable !== undefined) return undefined;
    const signed = token.slice(0, token.lastIndexOf("."));
    if (!isSignature(method, signed, verifyKey, signature)) return undefined;
    const { username, revision, exp, nbf } = objectOf(claims) ?? {};
    if (typeof username !== "string" || typeof revision !== "number") return undefined;
    if (!this.isNow(exp, nbf)) return undefined;
    return { user: username, revision: BigInt.asUintN(64, BigInt(Math.trunc(revision))) };
  }

  invalidate(): void {
    // Every change of users raises the revision, and a token of an older one is refused where it counts.
  }

  /** The end and the begin are optional. */
  private isNow(exp: unknown, nbf: unknown): boolean {
    const nowSeconds = this.clock.now() / 1000;
    if (isGiven(exp) && !(typeof exp === "number" && nowSeconds < inGo(exp))) return false;
    return !isGiven(nbf) || (typeof nbf === "number" && nowSeconds >= inGo(nbf));
  }
}

/** For golang-jwt, 0 is no time. */
function isGiven(time: unknown): boolean {
  return time !== undefined && time !== 0;
}

/** Go turns a time that no int64 can hold into the lowest int64. */
function inGo(seconds: number): number {
  return seconds >= 2 ** 63 ? -(2 ** 63) : seconds;
}

function signatureOf(method: JwtMethod, text: string, key: KeyObject): Buffer {
  const data = Buffer.from(text);
  switch (method.slice(0, 2)) {
    case "HS":
      return createHmac(hashOf(method), key).update(data).digest();
    case "Ed":
      return sign(null, data, key);
    default:
      return sign(hashOf(method), data, { key, ...schemeOf(method, constants.RSA_PSS_SALTLEN_DIGEST) });
  }
}

function isSignature(method: JwtMethod, text: string, key: KeyObject, signature: Buffer): boolean {
  const data = Buffer.from(text);
  switch (method.slice(0, 2)) {
    case "HS": {
      const expected = signatureOf(method, text, key);
      return signature.length === expected.length && timingSafeEqual(signature, expected);
    }
    case "Ed":
      return verify(null, data, key, signature);
    default: {
      const options = { key, ...schemeOf(method, constants.RSA_PSS_SALTLEN_AUTO) };
      return verify(hashOf(method), data, options, signature);
    }
  }
}

/** RS is PKCS #1 v1.5, PS is PSS, and ES has the two numbers one after the other. */
function schemeOf(method: JwtMethod, saltLength: number) {
  if (method.startsWith("ES")) return { dsaEncoding: "ieee-p1363" } as const;
  return method.startsWith("PS")
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }
    : { padding: constants.RSA_PKCS1_PADDING };
}

function hashOf(method: JwtMethod): string {
  return `sha${method.slice(2)}`;
}

function encoded(text: string): string {
  return Buffer.from(text).toString("base64url");
}

/** Undefined for text that is not base64url; Node would skip its wrong characters. */
function decoded(part: string): Buffer | undefined {
  return /^[\w-]*$/.test(part) && part.length % 4 !== 1 ? Buffer.from(part, "base64url") : undefined;
}

function objectOf(json: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json.toString());
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
