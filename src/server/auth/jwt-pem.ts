// Keys for signed tokens from PEM files. As in Go, the first block counts, and its contents decide, not its name. OpenSSL reads
// more than Go does, so what Go refuses is refused here with Go's texts.
// Go: rsa_utils.go, ecdsa_utils.go and ed25519_utils.go of github.com/golang-jwt/jwt, crypto/x509 (pkcs8.go)
import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from "node:crypto";
import { TokenError } from "./permissions";

export interface KeyKind {
  /** In Node's terms. */
  readonly type: "rsa" | "ec" | "ed25519" | "secret";
  /** In golang-jwt's errors. */
  readonly name: string;
}

type PrivateForm = "pkcs1" | "sec1" | "pkcs8";

/** Throws TokenError. */
export function privateKeyOf({ type, name }: KeyKind, pem: Buffer): KeyObject {
  const der = firstBlock(pem);
  const read = (form: PrivateForm) =>
    attempt(() => createPrivateKey({ key: der, format: "der", type: form }));
  const ofType = type === "rsa" ? read("pkcs1") : type === "ec" ? read("sec1") : undefined;
  const wrapped = read("pkcs8");
  if (ofType !== undefined && hasKnownCurve(ofType)) return checked(ofType, type, name, "private");
  if (wrapped === undefined) throw notWrapped(read);
  if (!hasKnownCurve(wrapped)) {
    throw new TokenError(
      "x509: failed to parse EC private key embedded in PKCS#8: x509: unknown elliptic curve",
    );
  }
  const unknown = unknownAlgorithms[wrapped.asymmetricKeyType ?? ""];
  if (unknown !== undefined) {
    throw new TokenError(`x509: PKCS#8 wrapping contained private key with unknown algorithm: ${unknown}`);
  }
  return checked(wrapped, type, name, "private");
}

/** Also of a certificate, but not for Ed25519. Throws TokenError. */
export function publicKeyOf({ type, name }: KeyKind, pem: Buffer): KeyObject {
  const der = firstBlock(pem);
  const read = (form: "spki" | "pkcs1") =>
    attempt(() => createPublicKey({ key: der, format: "der", type: form }));
  // Node would take the public half of a private key.
  const isPrivate = (["pkcs8", "sec1", "pkcs1"] as const).some(privateReader(der));
  if (isPrivate) throw notReadable();
  const key =
    read("spki") ??
    (type === "ed25519" ? undefined : attempt(() => new X509Certificate(der).publicKey)) ??
    (type === "rsa" ? read("pkcs1") : undefined);
  if (key === undefined || !hasKnownCurve(key)) throw notReadable();
  return checked(key, type, name, "public");
}

function privateReader(der: Buffer): (form: PrivateForm) => KeyObject | undefined {
  return (type) => attempt(() => createPrivateKey({ key: der, format: "der", type }));
}

function checked(key: KeyObject, type: string, name: string, half: "public" | "private"): KeyObject {
  if (key.asymmetricKeyType !== type) throw new TokenError(`key is not a valid ${name} ${half} key`);
  return key;
}

function notWrapped(read: (form: PrivateForm) => KeyObject | undefined): TokenError {
  const instead = read("sec1") !== undefined ? "ParseECPrivateKey" : read("pkcs1") && "ParsePKCS1PrivateKey";
  if (instead === undefined) return notReadable();
  return new TokenError(`x509: failed to parse private key (use ${instead} instead for this key format)`);
}

function notReadable(): TokenError {
  return new TokenError("invalid key: Key must be a PEM encoded PKCS1 or PKCS8 key");
}

/** Of keys that OpenSSL reads and Go does not. */
const unknownAlgorithms: Readonly<Record<string, string>> = {
  "rsa-pss": "1.2.840.113549.1.1.10",
  dsa: "1.2.840.10040.4.1",
  dh: "1.2.840.113549.1.3.1",
  ed448: "1.3.101.113",
  x448: "1.3.101.111",
};

/** True for keys that have no curve. */
function hasKnownCurve(key: KeyObject): boolean {
  if (key.asymmetricKeyType !== "ec") return true;
  return ["secp224r1", "prime256v1", "secp384r1", "secp521r1"].includes(
    key.asymmetricKeyDetails?.namedCurve ?? "",
  );
}

/** The bytes of the first block. Lines such as `Proc-Type: …` may come before them. Go: encoding/pem */
function firstBlock(pem: Buffer): Buffer {
  const [, , body] =
    /^-----BEGIN ([^\r\n]*)-----[ \t]*\r?\n(.*?)^-----END \1-----/ms.exec(pem.toString("latin1")) ?? [];
  if (body === undefined) throw notReadable();
  const lines = body.split("\n").filter((line) => !line.includes(":"));
  return Buffer.from(lines.join(""), "base64");
}

function attempt(read: () => KeyObject): KeyObject | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
