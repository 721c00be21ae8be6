// Values that the Go module of the API server encrypted, and the configuration that opens them.
import { readFileSync } from "node:fs";
import path from "node:path";

export interface EncryptedValue {
  readonly provider: string;
  /** Base64, as are the values. */
  readonly secret: string;
  /** In etcd. */
  readonly key: string;
  readonly value: string;
  /** Without the head that names provider and key. */
  readonly stored: string;
}

export const encryptedValues = JSON.parse(
  readFileSync(path.join(__dirname, "fixtures", "encrypted.json"), "utf8"),
) as EncryptedValue[];

/** The value in etcd, if the name of the secret is `name`. */
export function storedValue({ provider, stored }: EncryptedValue, name: string): Buffer {
  return Buffer.concat([Buffer.from(`k8s:enc:${provider}:v1:${name}:`), Buffer.from(stored, "base64")]);
}

export interface Provider {
  readonly provider: string;
  readonly keys?: readonly { readonly name: string; readonly secret: string }[];
}

export function configText(
  providers: readonly Provider[],
  resources: readonly string[] = ["secrets"],
): string {
  return JSON.stringify({
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "EncryptionConfiguration",
    resources: [
      { resources, providers: providers.map(({ provider, keys }) => ({ [provider]: keys ? { keys } : {} })) },
    ],
  });
}
