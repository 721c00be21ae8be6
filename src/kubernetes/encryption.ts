// Values that an API server encrypted at rest, and its EncryptionConfiguration, with which they are opened and which says
// which of them an old key still encrypts. The config's keys never leave this file.
//
//   k8s:enc:PROVIDER:VERSION:KEY:…       KEY is the name of the key, or of the KMS plugin
//   aescbc     IV of 16 bytes, AES-CBC with PKCS#7 padding; nothing authenticates it
//   aesgcm     nonce of 12 bytes, AES-GCM and its tag of 16 bytes; the key in etcd is additional authenticated data
//   secretbox  nonce of 24 bytes, then NaCl's secretbox
//   kms        only the KMS can open it
//
// Go: k8s.io/apiserver/pkg/storage/value (transformer.go, encrypt/), pkg/server/options/encryptionconfig/config.go
import { createDecipheriv } from "node:crypto";
import { Reader } from "../proto/wire";
import { resourceName } from "./resources";
import type { RegistryKey } from "./registry-keys";

/** Who encrypted a value. */
export interface EncryptionMark {
  /** `aescbc`, `aesgcm`, `secretbox`, `kms`. */
  readonly provider: string;
  readonly version: string;
  /** The name of the key, or of the KMS plugin. */
  readonly keyName: string;
}

const prefix = Buffer.from("k8s:enc:");
/** Names of keys are short; a value without the third colon is damaged. */
const maxHeadBytes = 512;

/** Undefined for a value that is not encrypted. Names may have any text. */
export function encryptionOf(value: Uint8Array): EncryptionMark | undefined {
  const found = markOf(value);
  return found && { provider: found.provider, version: found.version, keyName: found.keyName };
}

function markOf(value: Uint8Array): (EncryptionMark & { readonly size: number }) | undefined {
  const bytes = Buffer.from(value.buffer, value.byteOffset, Math.min(value.length, maxHeadBytes));
  if (!bytes.subarray(0, prefix.length).equals(prefix)) return undefined;
  const names: string[] = [];
  let at = prefix.length;
  while (names.length < 3) {
    const colon = bytes.indexOf(0x3a, at);
    if (colon < 0) break;
    names.push(bytes.toString("utf8", at, colon));
    at = colon + 1;
  }
  const [provider = "", version = "", keyName = ""] = names;
  return { provider, version, keyName, size: at };
}

/** A value that the configuration does not open. */
export class DecryptionError extends Error {
  override name = "DecryptionError";
}

/** A file that is no EncryptionConfiguration, or that an API server would refuse. */
export class EncryptionConfigError extends Error {
  override name = "EncryptionConfigError";
}

export interface Decrypted {
  readonly value: Uint8Array;
  /** Not encrypted as the API server would write it now: by another key, provider, or not at all. */
  readonly isStale: boolean;
}

interface Opener {
  readonly provider: string;
  /** Empty for `identity`. */
  readonly keyName: string;
  /** Whether an API server writes with it. */
  readonly isFirst: boolean;
  /** Throws for bytes that it did not write. */
  open(bytes: Buffer, key: Uint8Array): Uint8Array;
}

export class EncryptionConfig {
  private constructor(private readonly openers: ReadonlyMap<string, readonly Opener[]>) {}

  /** Reads YAML or JSON. Throws EncryptionConfigError, whose text has no key. */
  static async parse(text: string): Promise<EncryptionConfig> {
    const { parse } = await import("yaml");
    let config: unknown;
    try {
      config = parse(text, { schema: "core", maxAliasCount: 0 });
    } catch {
      // The parser's message would quote lines with keys.
      throw new EncryptionConfigError("not valid YAML");
    }
    // EncryptionConfig: before Kubernetes 1.13.
    const kinds: readonly unknown[] = ["EncryptionConfiguration", "EncryptionConfig"];
    if (!kinds.includes(fieldOf(config, "kind"))) {
      throw new EncryptionConfigError("its kind is not EncryptionConfiguration");
    }
    const openers = new Map<string, Opener[]>();
    for (const [at, entry] of listOf(config, "resources", "").entries()) {
      const where = `resources[${at}]`;
      const made = await openersOf(listOf(entry, "providers", where), where);
      for (const resource of listOf(entry, "resources", where)) {
        const name = String(resource);
        openers.set(name, [...(openers.get(name) ?? []), ...made]);
      }
    }
    return new EncryptionConfig(openers);
  }

  /** Throws DecryptionError. `object` is what the key names; the providers depend on its resource. */
  decrypt(value: Uint8Array, key: Uint8Array, object: RegistryKey): Decrypted {
    const openers = this.openersFor(object);
    const mark = markOf(value);
    if (mark === undefined) {
      const first = openers[0];
      return { value, isStale: first !== undefined && first.provider !== "identity" };
    }
    const matching = openers.filter((opener) => opener.provider === mark.provider);
    if (matching.length === 0) throw new DecryptionError(`no provider ${mark.provider} for this resource`);
    const withKey = matching.filter(({ keyName }) => keyName === mark.keyName);
    if (withKey.length === 0) throw new DecryptionError(`no key ${mark.keyName} in ${mark.provider}`);
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.length).subarray(mark.size);
    for (const opener of withKey) {
      try {
        return { value: opener.open(bytes, key), isStale: !opener.isFirst };
      } catch {
        // Several providers may have keys of the same name.
      }
    }
    throw new DecryptionError(`the key ${mark.keyName} of ${mark.provider} does not open it`);
  }

  /** For a value that cannot be opened here: whether the API server would write it with the same KMS or key. */
  isCurrent(value: Uint8Array, object: RegistryKey): boolean {
    const [first] = this.openersFor(object);
    const mark = markOf(value);
    return first?.provider === "kms" && mark?.provider === "kms" && first.keyName === mark.keyName;
  }

  private openersFor({ resource, group }: RegistryKey): readonly Opener[] {
    const names = [resourceName({ name: resource, group }), `*.${group}`, "*.*"];
    for (const name of names) {
      const found = this.openers.get(name);
      if (found !== undefined) return found;
    }
    return [];
  }
}

async function openersOf(providers: readonly unknown[], where: string): Promise<Opener[]> {
  const openers: Opener[] = [];
  for (const provider of providers) {
    const [name, ...others] = Object.keys((provider ?? {}) as object);
    if (name === undefined || others.length > 0) {
      throw new EncryptionConfigError(`${where}: each provider must have one name`);
    }
    const made = await providerOpeners(name, fieldOf(provider, name), where);
    for (const opener of made) openers.push({ ...opener, isFirst: openers.length === 0 });
  }
  return openers;
}

type Open = Opener["open"];

async function providerOpeners(
  provider: string,
  config: unknown,
  where: string,
): Promise<Omit<Opener, "isFirst">[]> {
  switch (provider) {
    case "identity":
      return [{ provider, keyName: "", open: (bytes) => bytes }];
    case "aescbc":
      return keyOpeners(provider, config, where, [16, 24, 32], (secret) => (bytes) => openCbc(bytes, secret));
    case "aesgcm":
      return keyOpeners(provider, config, where, [16, 24, 32], (secret) => (bytes, key) => {
        return openGcm(bytes, secret, key);
      });
    case "secretbox": {
      const { xsalsa20poly1305 } = await import("@noble/ciphers/salsa");
      return keyOpeners(provider, config, where, [32], (secret) => (bytes) => {
        return xsalsa20poly1305(secret, bytes.subarray(0, 24)).decrypt(bytes.subarray(24));
      });
    }
    case "kms": {
      const refuse: Open = () => {
        throw new DecryptionError("only the KMS can open it");
      };
      return [{ provider, keyName: textField(config, "name"), open: refuse }];
    }
    default:
      throw new EncryptionConfigError(`${where}: unknown provider ${JSON.stringify(provider)}`);
  }
}

function keyOpeners(
  provider: string,
  config: unknown,
  where: string,
  sizes: readonly number[],
  openWith: (secret: Buffer) => Open,
): Omit<Opener, "isFirst">[] {
  const keys = listOf(config, "keys", `${where}, ${provider}`);
  return keys.map((key) => {
    const keyName = textField(key, "name");
    const secret = Buffer.from(textField(key, "secret"), "base64");
    if (keyName === "") throw new EncryptionConfigError(`${where}, ${provider}: a key has no name`);
    if (!sizes.includes(secret.length)) {
      const wanted = `${sizes.join(" or ")} bytes in base64`;
      throw new EncryptionConfigError(`${where}, ${provider}: the secret of ${keyName} must be ${wanted}`);
    }
    return { provider, keyName, open: openWith(secret) };
  });
}

const blockBytes = 16;
const nonceBytes = 12;
const tagBytes = 16;

function openCbc(bytes: Buffer, secret: Buffer): Uint8Array {
  const decipher = createDecipheriv(`aes-${secret.length * 8}-cbc`, secret, bytes.subarray(0, blockBytes));
  decipher.setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(bytes.subarray(blockBytes)), decipher.final()]);
  // Padding of several blocks is allowed, unlike in OpenSSL.
  const size = padded.at(-1) ?? 0;
  const isPadded = size > 0 && size <= padded.length && padded.subarray(-size).every((byte) => byte === size);
  if (!isPadded) throw new DecryptionError("wrong padding");
  return padded.subarray(0, padded.length - size);
}

function openGcm(bytes: Buffer, secret: Buffer, key: Uint8Array): Uint8Array {
  if (bytes.length < nonceBytes + tagBytes) throw new DecryptionError("too short");
  const cipher = secret.length === 16 ? "aes-128-gcm" : secret.length === 24 ? "aes-192-gcm" : "aes-256-gcm";
  const decipher = createDecipheriv(cipher, secret, bytes.subarray(0, nonceBytes));
  decipher.setAAD(key);
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]);
}

/** The ID of the KMS's own key, in a value of KMS version 2. Go: EncryptedObject in envelope/kmsv2/api.proto */
export function kmsKeyId(value: Uint8Array): string {
  const mark = markOf(value);
  if (mark?.provider !== "kms" || mark.version !== "v2") return "";
  try {
    const reader = new Reader(Buffer.from(value.buffer, value.byteOffset, value.length).subarray(mark.size));
    for (let tag = reader.tag(); ; tag = reader.tag()) {
      if (tag === keyIdTag) return reader.bytes().toString();
      reader.skip(tag);
    }
  } catch {
    return "";
  }
}

/** Field 2, bytes. */
const keyIdTag = 18;

function fieldOf(value: unknown, name: string): unknown {
  const isObject = typeof value === "object" && value !== null;
  return isObject && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

function textField(value: unknown, name: string): string {
  const field = fieldOf(value, name);
  return typeof field === "string" ? field : "";
}

function listOf(value: unknown, name: string, where: string): readonly unknown[] {
  const field = fieldOf(value, name);
  if (Array.isArray(field) && field.length > 0) return field;
  throw new EncryptionConfigError(`${where === "" ? "" : `${where}: `}${name} is not a list, or is empty`);
}
