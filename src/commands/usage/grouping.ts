// Which group of `usage` a key belongs to: the beginning of the key, or the resource or namespace of Kubernetes that it names.
// Keys and names are latin1 texts, one character for each byte.
import {
  knownPrefixes,
  parseRegistryKey,
  prefixShownBy,
  resourceOfKey,
  type RegistryKey,
} from "../../kubernetes/registry-keys";

export const groupings = ["prefix", "resource", "namespace"] as const;
export type Grouping = (typeof groupings)[number];

/** Keys that are in no other group. */
const others = "(other)";
/** Objects that are in no namespace. */
const cluster = "(cluster)";
/** With a great depth each key is a group. Those must not fill the memory. */
const maxGroups = 100_000;

/** Numbers the groups in the order in which their first keys come. */
export class Groups {
  readonly names: string[] = [];
  private readonly numbers = new Map<string, number>();

  constructor(private readonly nameOf: (key: string) => string) {}

  of(key: string): number {
    return this.number(this.nameOf(key));
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
export function byDepth(start: number, depth: number): (key: string) => string {
  return (key) => {
    let end = key[start] === "/" ? start + 1 : start;
    for (let part = 0; part < depth; part++) {
      const slash = key.indexOf("/", end);
      if (slash < 0) break;
      end = slash + 1;
    }
    return key.slice(0, end);
  };
}

/** The names of objects of Kubernetes. Other keys show what the storage prefix may be. */
export class RegistryGrouping {
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
