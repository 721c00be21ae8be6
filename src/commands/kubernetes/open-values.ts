// `--encryption-config` of get, watch, history and diff: values as the API server reads them.
import { rawText } from "../../go/raw-text";
import { writeHints } from "../../hints";
import { DecryptionError } from "../../kubernetes/encryption";
import { knownPrefixes, parseRegistryKey, type RegistryKey } from "../../kubernetes/registry-keys";
import type { WatchResponse } from "../../proto/gen/etcdserverpb";
import type { Event, KeyValue } from "../../proto/gen/mvccpb";
import type { CommandContext } from "../command";
import { readEncryptionConfig } from "./encryption-config";

export interface ValueOpener {
  open(kvs: readonly KeyValue[]): KeyValue[];
  openEvents(events: readonly Event[]): Event[];
  /** Prints a hint for each new reason why values did not open. */
  report(): Promise<void>;
}

export async function valueOpener(file: string, { io }: CommandContext): Promise<ValueOpener> {
  const config = await readEncryptionConfig(file, io);
  const reasons = new Map<string, "new" | "reported">();
  const openOne = (kv: KeyValue): KeyValue => {
    const object = objectOf(rawText(kv.key));
    if (config === undefined || object === undefined || kv.value.length === 0) return kv;
    try {
      return { ...kv, value: Buffer.from(config.decrypt(kv.value, kv.key, object).value) };
    } catch (error) {
      if (!(error instanceof DecryptionError)) throw error;
      if (!reasons.has(error.message)) reasons.set(error.message, "new");
      return kv;
    }
  };
  return {
    open: (kvs) => kvs.map(openOne),
    openEvents: (events) =>
      events.map(({ kv, prevKv, ...event }) => {
        return { ...event, kv: kv && openOne(kv), prevKv: prevKv && openOne(prevKv) };
      }),
    async report() {
      for (const [reason, state] of reasons) {
        if (state === "new") await writeHints([`not opened: ${reason}`], io);
        reasons.set(reason, "reported");
      }
    },
  };
}

/** The responses of a watch with their values opened. */
export async function* openResponses(
  watch: AsyncIterable<WatchResponse>,
  opener: ValueOpener,
): AsyncGenerator<WatchResponse> {
  for await (const response of watch) {
    yield { ...response, events: opener.openEvents(response.events) };
    await opener.report();
  }
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
