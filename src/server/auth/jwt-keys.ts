// The options of `--auth-token jwt,pub-key=FILE,priv-key=FILE,sign-method=RS256,ttl=5m`. The files are PEM, and for HS256 and
// its relatives `priv-key` is the secret itself. Errors have etcd's texts.
// Go: server/auth/options.go, github.com/golang-jwt/jwt (rsa_utils.go, ecdsa_utils.go, ed25519_utils.go)
import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseDuration } from "../../go/units";
import type { JwtKeys, JwtMethod } from "./jwt";
import { TokenError } from "./permissions";

const defaultTtlMs = 5 * 60_000;

/** The type of key in Node's terms, its name in golang-jwt's errors, and for ES the curve. */
const methods: Readonly<Record<JwtMethod, { type: string; name: string; curve?: string }>> = {
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
  const { type } = methods[method];
  if (type === "secret") {
    if (privateData === undefined) throw new TokenError("auth: missing key data");
    const secret = createSecretKey(privateData);
    return { method, ttlMs, signKey: secret, verifyKey: secret };
  }
  const signKey = privateData && parsed(method, "private", privateData, createPrivateKey);
  const publicKey = publicData && parsed(method, "public", publicData, publicKeyOf);
  const ownKey = signKey && createPublicKey(signKey);
  const verifyKey = publicKey ?? ownKey;
  if (verifyKey === undefined) throw new TokenError("auth: missing key data");
  if (ownKey?.equals(verifyKey) === false) {
    throw new TokenError("auth: public and private keys don't match");
  }
  return { method, ttlMs, signKey, verifyKey };
}

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
    if (!isMethod(method)) {
      throw new Error(`sign-method must be one of ${Object.keys(methods).join(", ")}, not "${method}"`);
    }
    return { method, ttlMs, ...data };
  } catch (cause) {
    throw new TokenError("auth: invalid auth options", { cause });
  }
}

function isMethod(text: string): text is JwtMethod {
  return Object.hasOwn(methods, text);
}

/** A key of another kind is refused, as is an elliptic key on another curve than the method's. */
function parsed(
  method: JwtMethod,
  half: "public" | "private",
  data: Buffer,
  parse: (data: Buffer) => KeyObject,
): KeyObject {
  const { type, name, curve } = methods[method];
  let key: KeyObject;
  try {
    key = parse(data);
  } catch (cause) {
    throw new TokenError("invalid key: Key must be a PEM encoded PKCS1 or PKCS8 key", { cause });
  }
  if (key.asymmetricKeyType !== type) throw new TokenError(`key is not a valid ${name} ${half} key`);
  if (curve !== undefined && key.asymmetricKeyDetails?.namedCurve !== curve) {
    const cause = new Error(`${method} needs a key on the curve ${curve}`);
    throw new TokenError("key is invalid", { cause });
  }
  return key;
}

/** Also of a certificate. Node would take a private key too, golang-jwt does not. */
function publicKeyOf(data: Buffer): KeyObject {
  if (data.includes("PRIVATE KEY")) throw new Error("it is a private key");
  return createPublicKey(data);
}
