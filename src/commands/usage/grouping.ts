// Which group of `usage` a key belongs to: the beginning of the key, or the resource or namespace of Kubernetes that it names.
// Keys and names are latin1 texts, one character for each byte.
import {
  knownPrefixes,
  parseRegistryKey,
  prefixShownBy,
  resourceOfKey,
  type RegistryKey,
} from "../../kubernetes/registry-keys";
import type { UsageRecord } from "../../offline/usage";
import { Directories } from "./directories";

export const groupings = ["prefix", "resource", "namespace"] as const;
export type Grouping = (typeof groupings)[number];

/** Keys that are in no other group. */
const others = "(other)";
/** Objects that are in no namespace. */
const cluster = "(cluster)";
/** With a great depth each key is a group. Those must not fill the memory. */
const maxGroups = 100_000;

export interface Naming {
  nameOf(key: string): string;
  /** Whether all keys up to the same last slash have the same name, from now on. */
  isByDirectory(): boolean;
}

/** Numbers the groups in the order in which their first keys come. */
export class Groups {
  readonly names: string[] = [];
  private readonly numbers = new Map<string, number>();

  private readonly directories = new Directories();

  constructor(private readonly naming: Naming) {}

  of(key: string): number {
    return this.number(this.naming.nameOf(key));
  }

  /** The same without making a text of most keys. */
  ofRecord(record: UsageRecord): number {
    if (!this.naming.isByDirectory()) return this.of(record.keyText);
    return this.directories.get(record) ?? this.directories.set(record, this.of(record.keyText));
  }

  private number(name: string): number {
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    if (this.names.length >= maxGroups && name !== others) return this.number(others);
    this.numbers.set(name, this.names.length);
    return this.names.push(name) - 1;
  }
}

/**
 * The first `depth` parts of a key after `start` characters, with the slash that follows them: `/registry/pods/`. A key with
 * fewer parts is in the group of its directory. A slash at the very beginning ends no part.
 */
export function byDepth(start: number, depth: number): Naming {
  return {
    nameOf(key) {
      let end = key[start] === "/" ? start + 1 : start;
      for (let part = 0; part < depth; part++) {
        const slash = key.indexOf("/", end);
        if (slash < 0) break;
        end = slash + 1;
      }
      return key.slice(0, end);
    },
    isByDirectory: () => true,
  };
}

/** The names of objects of Kubernetes. Other keys show what the storage prefix may be. */
export class RegistryGrouping implements Naming {
  /** What a key showed that is below no known prefix. */
  prefixSeen: string | undefined;
  foundObjects = false;

  constructor(
    private readonly grouping: Exclude<Grouping, "prefix">,
    /** Undefined: any of the known ones. */
    private readonly prefix: string | undefined,
  ) {}

  nameOf(key: string): string {
    const object = this.parse(key);
    if (object === undefined) return others;
    this.foundObjects = true;
    return this.grouping === "resource" ? resourceOfKey(object) : object.namespace || cluster;
  }

  /** The name of an object matters only while keys may still show the storage prefix. */
  isByDirectory(): boolean {
    return this.foundObjects;
  }

  private parse(key: string): RegistryKey | undefined {
    if (this.prefix !== undefined) return parseRegistryKey(key, this.prefix);
    for (const prefix of knownPrefixes) {
      const object = parseRegistryKey(key, prefix);
      if (object !== undefined) return object;
    }
    this.prefixSeen ??= prefixShownBy(key);
    return undefined;
  }
}
