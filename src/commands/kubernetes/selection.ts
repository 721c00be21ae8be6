// Which objects the user means: the flags, the arguments `KIND NAME` and the namespace of `k8s ls`, `k8s get` and `k8s tree`.
import type { FlagTable, FlagValues } from "../../input/flags";
import { badArgs, CliError, ExitCode } from "../../errors";
import { writeHints } from "../../hints";
import { resourceName, type Resource } from "../../kubernetes/resources";
import type { CommandContext } from "../command";
import { encryptionFlags } from "../object-flags";
import { readEncryptionConfig } from "./encryption-config";
import { ObjectReader } from "./object-reader";
import { Registry, registryFlags, type RegistryObject } from "./registry";
import { namedResources } from "./resource-names";

export const selectionFlags = {
  namespace: {
    kind: "string",
    default: "",
    short: "n",
    usage: "namespace of the objects (default: default)",
  },
  "all-namespaces": { kind: "bool", default: false, short: "A", usage: "objects of all namespaces" },
  ...registryFlags,
  ...encryptionFlags,
} as const satisfies FlagTable;

/** Objects of kinds; without names all of them. */
export interface Wanted {
  readonly kinds: string;
  readonly names: readonly string[];
}

/** `pods`, `pods web db`, or `pods/web svc/db`. */
export function wantedObjects(args: readonly string[], command: string): readonly Wanted[] {
  const pairs = args.map((arg) => arg.split("/")).filter(([kind, ...rest]) => kind !== "" && rest.length > 0);
  if (pairs.length > 0) {
    const isEach = pairs.length === args.length && pairs.every((pair) => pair.length === 2 && pair[1] !== "");
    if (!isEach) throw badArgs(`k8s ${command} takes KIND NAME..., or KIND/NAME...`);
    return pairs.map(([kinds = "", name = ""]) => ({ kinds, names: [name] }));
  }
  const [kinds, ...names] = args;
  return kinds === undefined ? [] : [{ kinds, names }];
}

export interface Opened {
  readonly registry: Registry;
  readonly reader: ObjectReader;
  /** Undefined: all. */
  readonly namespace: string | undefined;
  /** Throws CliError for a kind that nothing stored has. */
  select(wanted: readonly Wanted[]): Promise<Selection>;
}

/** Connects, and finds where the objects are stored. */
export async function openRegistry(
  context: CommandContext,
  flags: FlagValues<typeof selectionFlags>,
): Promise<Opened> {
  const reader = new ObjectReader(await readEncryptionConfig(flags["encryption-config"], context.io));
  const registry = await Registry.open(context, flags["registry-prefix"]);
  const namespace = flags["all-namespaces"] ? undefined : flags.namespace || "default";
  return {
    ...{ registry, reader, namespace },
    async select(wanted) {
      const parts: Part[] = [];
      for (const { kinds, names } of wanted) {
        parts.push({ resources: await namedResources(kinds, registry, reader), names: new Set(names) });
      }
      return new Selection(registry, parts, namespace);
    },
  };
}

interface Part {
  readonly resources: readonly Resource[];
  /** Empty: all. */
  readonly names: ReadonlySet<string>;
}

export class Selection {
  private readonly failures: CliError[] = [];

  constructor(
    private readonly registry: Registry,
    private readonly parts: readonly Part[],
    /** Undefined: all. An object without a namespace is in each. */
    readonly namespace: string | undefined,
  ) {}

  get resources(): readonly Resource[] {
    return this.parts.flatMap(({ resources }) => resources);
  }

  /** Whether there can be one object at most. */
  get isOneObject(): boolean {
    const [part] = this.parts;
    const isOneName = this.resources.length === 1 && part?.names.size === 1;
    return isOneName && this.namespace !== undefined;
  }

  /** The objects, in the order of the words, of the resources and then of the keys. */
  async *objects(): AsyncGenerator<SelectedObject> {
    for (const part of this.parts) {
      const missing = new Set(part.names);
      let count = 0;
      for (const resource of part.resources) {
        for await (const object of this.objectsOf(resource, part.names)) {
          count++;
          missing.delete(object.key.name);
          yield { resource, object };
        }
      }
      if (count === 0 || missing.size > 0) this.failures.push(await this.notFound(part, missing));
    }
  }

  /** What of the wanted was not found; call it after `objects`. */
  get failure(): CliError | undefined {
    const [first] = this.failures;
    if (first === undefined || this.failures.length === 1) return first;
    const hints = new Set(this.failures.flatMap((each) => each.hints));
    const message = this.failures.map((each) => each.message).join("; ");
    return new CliError(ExitCode.error, message, { hints: [...hints] });
  }

  private async *objectsOf(resource: Resource, names: ReadonlySet<string>): AsyncGenerator<RegistryObject> {
    const start = `/${resource.path}/`;
    const hasNamespaces = (await this.registry.first(start))?.namespace !== "";
    const isOne = this.namespace !== undefined && hasNamespaces;
    const [name = ""] = names.size === 1 ? names : [];
    for await (const objects of this.registry.objects(isOne ? `${start}${this.namespace}/${name}` : start)) {
      for (const object of objects) if (names.size === 0 || names.has(object.key.name)) yield object;
    }
  }

  /** The error names the namespace only if there are such objects in another one. */
  private async notFound({ resources }: Part, names: ReadonlySet<string>): Promise<CliError> {
    const { namespace } = this;
    const what =
      resources.map(resourceName).join(", ") + (names.size === 0 ? "" : ` ${[...names].join(", ")}`);
    const firsts = await Promise.all(resources.map(({ path }) => this.registry.first(`/${path}/`)));
    const hasNamespaces = firsts.some((first) => first !== undefined && first.namespace !== "");
    if (namespace === undefined || !hasNamespaces) return new CliError(ExitCode.error, `no ${what}`);
    return new CliError(ExitCode.error, `no ${what} in namespace ${namespace}`, { hints: [namespaceHint] });
  }
}

export interface SelectedObject {
  readonly resource: Resource;
  readonly object: RegistryObject;
}

export const namespaceHint = "-n NAMESPACE selects another namespace, -A all of them";

export async function printHint({ io }: CommandContext, { hint }: ObjectReader): Promise<void> {
  if (hint !== undefined) await writeHints([hint], io);
}
