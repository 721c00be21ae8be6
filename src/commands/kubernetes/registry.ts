// Reads what an API server has stored: finds its storage prefix, and walks over the objects below it.
import type { FlagTable } from "../../input/flags";
import type { EtcdClient } from "../../client/client";
import { readRange } from "../../client/range";
import { CliError, ExitCode } from "../../errors";
import { nextKey, prefixEnd } from "../../etcd/keys";
import { rawBytes, rawText } from "../../go/raw-text";
import {
  knownPrefixes,
  normalPrefix,
  parseRegistryKey,
  type RegistryKey,
} from "../../kubernetes/registry-keys";
import { RangeRequest } from "../../proto/gen/etcdserverpb";
import type { KeyValue } from "../../proto/gen/mvccpb";
import { rangeReading, type CommandContext } from "../command";

export const registryFlags = {
  "registry-prefix": {
    kind: "string",
    default: "",
    usage: "where Kubernetes stores its objects, such as /registry (default: found out)",
  },
} as const satisfies FlagTable;

export interface RegistryObject {
  readonly kv: KeyValue;
  readonly key: RegistryKey;
}

/** The objects of one storage prefix. */
export class Registry {
  private constructor(
    private readonly context: CommandContext,
    private readonly client: EtcdClient,
    readonly prefix: string,
  ) {}

  /** With an empty `typedPrefix` it looks for the prefix. Throws CliError if no key shows one. */
  static async open(context: CommandContext, typedPrefix: string): Promise<Registry> {
    const { client } = await context.connect();
    if (typedPrefix !== "") return new Registry(context, client, normalPrefix(typedPrefix));
    const found = await findRegistryPrefix(context, client);
    if (found !== undefined) return new Registry(context, client, found);
    throw new CliError(ExitCode.error, "no objects of Kubernetes are stored here", {
      hints: ["if their keys begin with another prefix than /registry, name it with --registry-prefix"],
    });
  }

  /** What the first key names that begins with `start`, which follows the storage prefix. */
  async first(start: string): Promise<RegistryKey | undefined> {
    const key = await firstKey(this.context, this.client, rawBytes(this.prefix + start));
    return key === undefined ? undefined : parseRegistryKey(rawText(key), this.prefix);
  }

  /** The objects whose keys begin with `start`, such as `/pods/default/`. */
  async *objects(start = "/"): AsyncGenerator<readonly RegistryObject[]> {
    const key = rawBytes(this.prefix + start);
    const range = RangeRequest.create({ key, rangeEnd: prefixEnd(key) });
    for await (const { kvs } of readRange(range, rangeReading(this.context, this.client))) {
      const objects: RegistryObject[] = [];
      for (const kv of kvs) {
        const parsed = parseRegistryKey(rawText(kv.key), this.prefix);
        if (parsed !== undefined) objects.push({ kv, key: parsed });
      }
      yield objects;
    }
  }
}

/** `/registry`. Undefined if no key shows where a Kubernetes stores its objects. */
export async function findRegistryPrefix(
  context: CommandContext,
  client: EtcdClient,
): Promise<string | undefined> {
  const has = async (prefix: string): Promise<boolean> => {
    return (await firstKey(context, client, rawBytes(prefix))) !== undefined;
  };
  for (const prefix of knownPrefixes) if (await has(`${prefix}/`)) return prefix;
  return searchPrefix(context, client, has);
}

/** The first key that begins with `start`. */
async function firstKey(
  context: CommandContext,
  client: EtcdClient,
  start: Uint8Array,
  after: Uint8Array = start,
): Promise<Uint8Array | undefined> {
  const range = { key: after, rangeEnd: prefixEnd(start), limit: 1n, keysOnly: true };
  return (await client.kv.range(RangeRequest.create(range), context.call())).kvs[0]?.key;
}

/** A store with more directories than this at the top is not Kubernetes'. */
const maxLooks = 500;
const maxDepth = 3;

/** Every cluster has namespaces. Looks for them in the directories of the first levels, one request for each. */
async function searchPrefix(
  context: CommandContext,
  client: EtcdClient,
  has: (prefix: string) => Promise<boolean>,
): Promise<string | undefined> {
  let directories = [""];
  let looks = 0;
  for (let depth = 0; depth < maxDepth; depth++) {
    const below: string[] = [];
    for (const directory of directories) {
      const start = rawBytes(`${directory}/`);
      let key = await firstKey(context, client, start);
      while (key !== undefined && ++looks < maxLooks) {
        const name = rawText(key).slice(directory.length + 1);
        const slash = name.indexOf("/");
        const child = slash < 0 ? undefined : `${directory}/${name.slice(0, slash)}`;
        if (child !== undefined) {
          if (await has(`${child}/namespaces/`)) return child;
          below.push(child);
        }
        const after = child === undefined ? nextKey(key) : prefixEnd(rawBytes(`${child}/`));
        key = await firstKey(context, client, start, after);
      }
    }
    directories = below;
  }
  return undefined;
}
