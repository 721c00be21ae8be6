// `get --encryption-config`: values as the API server reads them.
import { hintLine, rawText } from "../../go/raw-text";
import { DecryptionError } from "../../kubernetes/encryption";
import { knownPrefixes, parseRegistryKey, type RegistryKey } from "../../kubernetes/registry-keys";
import type { KeyValue } from "../../proto/gen/mvccpb";
import type { CommandContext } from "../command";
import { readEncryptionConfig } from "./encryption-config";

export interface ValueOpener {
  open(kvs: readonly KeyValue[]): KeyValue[];
  /** Prints a hint if some values did not open. */
  finish(): Promise<void>;
}

export async function valueOpener(file: string, { io }: CommandContext): Promise<ValueOpener> {
  const config = await readEncryptionConfig(file, io);
  const reasons = new Set<string>();
  return {
    open: (kvs) =>
      kvs.map((kv) => {
        const object = objectOf(rawText(kv.key));
        if (config === undefined || object === undefined) return kv;
        try {
          return { ...kv, value: Buffer.from(config.decrypt(kv.value, kv.key, object).value) };
        } catch (error) {
          if (!(error instanceof DecryptionError)) throw error;
          reasons.add(error.message);
          return kv;
        }
      }),
    async finish() {
      for (const reason of reasons) await io.stderr.write(hintLine(`not opened: ${reason}`));
    },
  };
}

/** Under a known storage prefix, or one of a single part. */
function objectOf(key: string): RegistryKey | undefined {
  const single = /^\/[^/]*/.exec(key)?.[0];
  for (const prefix of [...knownPrefixes, ...(single === undefined ? [] : [single])]) {
    const object = parseRegistryKey(key, prefix);
    if (object !== undefined) return object;
  }
  return undefined;
}
