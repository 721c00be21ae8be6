// Which objects the user means: the flags, the arguments `KIND NAME` and the namespace of `k8s ls`, `k8s get` and `k8s tree`.
import type { FlagTable, FlagValues } from "../../input/flags";
import { badArgs, CliError, ExitCode } from "../../errors";
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

export interface KindAndName {
  readonly kinds: string | undefined;
  readonly name: string | undefined;
}

/** `pods web` or `pods/web`. */
export function kindAndName(args: readonly string[], command: string): KindAndName {
  const [first, second] = args;
  const slash = first?.indexOf("/") ?? -1;
  const isPair = first !== undefined && slash > 0;
  if (args.length > 2 || (isPair && args.length > 1)) {
    throw badArgs(`k8s ${command} takes a kind and a name`);
  }
  return isPair
    ? { kinds: first.slice(0, slash), name: first.slice(slash + 1) }
    : { kinds: first, name: second };
}

export interface Opened {
  readonly registry: Registry;
  readonly reader: ObjectReader;
  /** Undefined: all. */
  readonly namespace: string | undefined;
  /** Throws CliError for a kind that nothing stored has. */
  select(kinds: string, name: string | undefined): Promise<Selection>;
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
    async select(kinds, name) {
      return { resources: await namedResources(kinds, registry, reader), name, namespace };
    },
  };
}

export interface Selection {
  readonly resources: readonly Resource[];
  readonly name: string | undefined;
  /** Undefined: all. An object without a namespace is in each. */
  readonly namespace: string | undefined;
}

/** The selected objects, in the order of the resources and then of the keys. */
export async function* selectedObjects(
  registry: Registry,
  { resources, name, namespace }: Selection,
): AsyncGenerator<{ readonly resource: Resource; readonly object: RegistryObject }> {
  for (const resource of resources) {
    const start = `/${resource.path}/`;
    const hasNamespaces = (await registry.first(start))?.namespace !== "";
    const isOne = namespace !== undefined && hasNamespaces;
    for await (const objects of registry.objects(isOne ? `${start}${namespace}/${name ?? ""}` : start)) {
      for (const object of objects) {
        if (name === undefined || object.key.name === name) yield { resource, object };
      }
    }
  }
}

/** The error names the namespace only if there are such objects in another one. */
export async function notFound(
  registry: Registry,
  { resources, name, namespace }: Selection,
): Promise<CliError> {
  const what = resources.map(resourceName).join(", ") + (name === undefined ? "" : ` ${name}`);
  const firsts = await Promise.all(resources.map(({ path }) => registry.first(`/${path}/`)));
  const hasNamespaces = firsts.some((first) => first !== undefined && first.namespace !== "");
  if (namespace === undefined || !hasNamespaces) return new CliError(ExitCode.error, `no ${what}`);
  return new CliError(ExitCode.error, `no ${what} in namespace ${namespace}`, { hints: [namespaceHint] });
}

export const namespaceHint = "-n NAMESPACE selects another namespace, -A all of them";

export async function printHint({ io }: CommandContext, { hint }: ObjectReader): Promise<void> {
  if (hint !== undefined) await io.stderr.write(`hint: ${hint}\n`);
}
