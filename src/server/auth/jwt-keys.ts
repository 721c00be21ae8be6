// The options of `--auth-token jwt,pub-key=FILE,priv-key=FILE,sign-method=RS256,ttl=5m`. The files are PEM, and for HS256 and
// its relatives `priv-key` is the secret itself. Errors have etcd's texts.
// Go: server/auth/options.go
import { createPublicKey, createSecretKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseDuration } from "../../go/units";
import type { JwtKeys, JwtMethod } from "./jwt";
import { privateKeyOf, publicKeyOf, type KeyKind } from "./jwt-pem";
import { TokenError } from "./permissions";

const defaultTtlMs = 5 * 60_000;

/** The type of key in Node's terms, its name in golang-jwt's errors, and for ES the curve. */
const methods: Readonly<Record<JwtMethod, KeyKind & { curve?: string }>> = {
  RS256: { type: "rsa", name: "RSA" },
  RS384: { type: "rsa", name: "RSA" },
  RS512: { type: "rsa", name: "RSA" },
  PS256: { type: "rsa", name: "RSA" },
  PS384: { type: "rsa", name: "RSA" },
  PS512: { type: "rsa", name: "RSA" },
  ES256: { type: "ec", name: "ECDSA", curve: "prime256v1" },
  ES384: { type: "ec", name: "ECDSA", curve: "secp384r1" },
  ES512: { type: "ec", name: "ECDSA", curve: "secp521r1" },
  EdDSA: { type: "ed25519", name: "Ed25519" },
  HS256: { type: "secret", name: "HMAC" },
  HS384: { type: "secret", name: "HMAC" },
  HS512: { type: "secret", name: "HMAC" },
};

/** Throws TokenError; its cause says why. */
export function jwtKeys(options: ReadonlyMap<string, string>): JwtKeys {
  const { method, ttlMs, privateData, publicData } = read(options);
  const kind = methods[method];
  if (kind.type === "secret") {
    if (privateData === undefined) throw new TokenError("auth: missing key data");
    const secret = createSecretKey(privateData);
    return { method, ttlMs, signKey: secret, verifyKey: secret };
  }
  const signKey = privateData && privateKeyOf(kind, privateData);
  const publicKey = publicData && publicKeyOf(kind, publicData);
  const ownKey = signKey && createPublicKey(signKey);
  const verifyKey = publicKey ?? ownKey;
  if (verifyKey === undefined) throw new TokenError("auth: missing key data");
  if (ownKey?.equals(verifyKey) === false) {
    throw new TokenError("auth: public and private keys don't match");
  }
  return { method, ttlMs, signKey, verifyKey, unusable: unusable(method, verifyKey) };
}

/** As in etcd, the server starts with such a key, but no user can log in. Go: ecdsa.go of golang-jwt, crypto/rsa */
function unusable(method: JwtMethod, { asymmetricKeyDetails }: KeyObject): string | undefined {
  const { curve } = methods[method];
  const { namedCurve, modulusLength: bits } = asymmetricKeyDetails ?? {};
  if (curve !== undefined && namedCurve !== curve) return "key is invalid";
  if (bits === undefined) return undefined;
  if (bits < minRsaBits) {
    const source = "https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size";
    return `crypto/rsa: ${bits}-bit keys are insecure (see ${source})`;
  }
  // PSS has the hash, a salt of its length and two bytes.
  const pssBytes = 2 * (Number(method.slice(2)) / 8) + 2;
  const isTooShort = method.startsWith("PS") && Math.ceil((bits - 1) / 8) < pssBytes;
  return isTooShort ? "crypto/rsa: message too long for RSA key size" : undefined;
}

const minRsaBits = 1024;

interface Read {
  readonly method: JwtMethod;
  readonly ttlMs: number;
  readonly privateData: Buffer | undefined;
  readonly publicData: Buffer | undefined;
}

function read(options: ReadonlyMap<string, string>): Read {
  const ttl = options.get("ttl") ?? "";
  const method = options.get("sign-method") ?? "";
  const file = (name: string) => {
    const path = options.get(name) ?? "";
    if (path === "") return undefined;
    const data = readFileSync(path);
    return data.length === 0 ? undefined : data;
  };
  try {
    const ttlMs = ttl === "" ? defaultTtlMs : Number(parseDuration(ttl)) / 1e6;
    const data = { publicData: file("pub-key"), privateData: file("priv-key") };
    if (method === "none") throw new TokenError("unsupported signing method: *jwt.signingMethodNone");
    if (!isMethod(method)) {
      throw new Error(`sign-method must be one of ${Object.keys(methods).join(", ")}, not "${method}"`);
    }
    return { method, ttlMs, ...data };
  } catch (cause) {
    if (cause instanceof TokenError) throw cause;
    throw new TokenError("auth: invalid auth options", { cause });
  }
}

function isMethod(text: string): text is JwtMethod {
  return Object.hasOwn(methods, text);
}
