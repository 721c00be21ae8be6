// `k8s encryption`: which values an API server has encrypted at rest, by which provider and key. With its configuration also
// which of them an old key still encrypts, and which the configuration does not open.
import { badArgs, CliError, ExitCode } from "../../errors";
import { oneSafeLine } from "../../go/raw-text";
import { writeHints } from "../../hints";
import { DecryptionError, encryptionOf, kmsKeyId, type EncryptionConfig } from "../../kubernetes/encryption";
import { resourceOfKey } from "../../kubernetes/registry-keys";
import type { JsonObject } from "../../output/json-value";
import { listingPrinter, type Listing } from "../columns";
import { defineCommand, type CommandContext } from "../command";
import { formatCount, keyText } from "../key-text";
import { encryptionFlags } from "../object-flags";
import { readEncryptionConfig } from "./encryption-config";
import { Registry, registryFlags, type RegistryObject } from "./registry";

const flags = {
  ...registryFlags,
  ...encryptionFlags,
  stale: {
    kind: "bool",
    default: false,
    usage: "print the keys of the values that the first provider of the configuration did not write",
  },
} as const;

export const command = defineCommand({
  flags,
  async run(context, args, values) {
    if (args.length > 0) throw badArgs("k8s encryption takes no arguments");
    const config = await readEncryptionConfig(values["encryption-config"], context.io);
    if (values.stale && config === undefined) {
      throw badArgs("--stale needs the configuration: --encryption-config FILE");
    }
    const print = listingPrinter(await context.format());
    const registry = await Registry.open(context, values["registry-prefix"]);
    const { stdout } = context.io;
    if (values.stale && config !== undefined) return printStale(context, registry, config);
    const counts = new Counts(config);
    for await (const objects of registry.objects()) for (const object of objects) counts.add(object);
    await stdout.write(print(counts.listing(), await context.tableStyle()));
    if (counts.stale > 0) {
      const are = counts.stale === 1 ? "value is" : "values are";
      const what = `${counts.stale} ${are} not encrypted by the first provider of the configuration`;
      await writeHints(
        [`${what}; --stale prints the keys, and a write of each object encrypts it again`],
        context.io,
      );
    }
  },
});

async function printStale(
  context: CommandContext,
  registry: Registry,
  config: EncryptionConfig,
): Promise<void> {
  let unreadable = 0;
  for await (const objects of registry.objects()) {
    let text = "";
    for (const object of objects) {
      const state = stateOf(object, config);
      if (state === "unreadable") unreadable++;
      if (state !== "current") text += `${keyText(object.kv.key)}\n`;
    }
    await context.io.stdout.write(text);
  }
  if (unreadable === 0) return;
  const message = `the configuration does not open ${formatCount(unreadable, "value")}`;
  throw new CliError(ExitCode.error, message, {
    hints: ["k8s encryption --encryption-config FILE shows by which key they are encrypted"],
  });
}

type State = "current" | "stale" | "unreadable";

function stateOf({ kv, key }: RegistryObject, config: EncryptionConfig): State {
  try {
    return config.decrypt(kv.value, kv.key, key).isStale ? "stale" : "current";
  } catch (error) {
    if (!(error instanceof DecryptionError)) throw error;
    return config.isCurrent(kv.value, key) ? "current" : "unreadable";
  }
}

interface Row {
  readonly resource: string;
  /** `plain`, `aescbc v1`. */
  readonly encryption: string;
  readonly keyName: string;
  values: number;
  stale: number;
  unreadable: number;
}

class Counts {
  stale = 0;
  private readonly rows = new Map<string, Row>();

  constructor(private readonly config: EncryptionConfig | undefined) {}

  add(object: RegistryObject): void {
    const { value } = object.kv;
    const mark = encryptionOf(value);
    const keyId = kmsKeyId(value);
    const row = this.row(
      resourceOfKey(object.key),
      mark === undefined ? "plain" : `${mark.provider} ${mark.version}`.trim(),
      keyId === "" ? (mark?.keyName ?? "") : `${mark?.keyName ?? ""} ${keyId}`,
    );
    row.values++;
    const state = this.config === undefined ? "current" : stateOf(object, this.config);
    if (state === "current") return;
    row[state]++;
    if (state === "stale") this.stale++;
  }

  private row(resource: string, encryption: string, keyName: string): Row {
    const id = JSON.stringify([resource, encryption, keyName]);
    const row = this.rows.get(id) ?? { resource, encryption, keyName, values: 0, stale: 0, unreadable: 0 };
    this.rows.set(id, row);
    return row;
  }

  listing(): Listing {
    const rows = [...this.rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    const states = this.config === undefined ? [] : (["stale", "unreadable"] as const);
    return {
      rows: {
        head: ["RESOURCE", "ENCRYPTION", "KEY", "VALUES", ...states.map((state) => state.toUpperCase())],
        body: rows.map((row) => [
          ...[row.resource, row.encryption, row.keyName || "-"].map(oneSafeLine),
          ...[row.values, ...states.map((state) => row[state])].map(String),
        ]),
      },
      objects: rows.map((row): JsonObject => ({
        resource: row.resource,
        encryption: row.encryption,
        ...(row.keyName !== "" && { key: row.keyName }),
        values: row.values,
        ...Object.fromEntries(states.map((state) => [state, row[state]])),
      })),
    };
  }
}
