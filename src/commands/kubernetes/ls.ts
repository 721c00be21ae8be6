// `k8s ls`: the resources that are stored, or the objects of one. The words and flags are kubectl's.
import type { FlagTable } from "../../cli/flags";
import { badArgs, CliError, ExitCode } from "../../errors";
import { oneSafeLine } from "../../go/raw-text";
import { humanizeBytes } from "../../go/units";
import { resourceOfKey } from "../../kubernetes/registry-keys";
import { resourceName, type Resource } from "../../kubernetes/resources";
import type { JsonObject } from "../../output/json-value";
import { listingPrinter, type Listing } from "../columns";
import { defineCommand, type CommandContext } from "../command";
import { encryptionFlags, readEncryptionConfig } from "./encryption-config";
import { ageText, createdAt, ObjectReader, ownerText } from "./object-reader";
import { Registry, registryFlags, type RegistryObject } from "./registry";
import { namedResources } from "./resource-names";

/** Of the commands that select objects by kind, name and namespace. */
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

export const command = defineCommand({
  flags: selectionFlags,
  async run(context, args, values) {
    const { kinds, name } = kindAndName(args, "ls");
    const print = listingPrinter(await context.format());
    const reader = new ObjectReader(await readEncryptionConfig(values["encryption-config"], context.io));
    const registry = await Registry.open(context, values["registry-prefix"]);
    const namespace = values["all-namespaces"] ? undefined : values.namespace;
    const listing =
      kinds === undefined
        ? await resourceListing(registry, namespace || undefined)
        : await objectListing(context, registry, reader, {
            resources: await namedResources(kinds, registry, reader),
            name,
            namespace: namespace === undefined ? undefined : namespace || "default",
          });
    await context.io.stdout.write(print(listing, await context.tableStyle()));
    await printHint(context, reader);
  },
});

export async function printHint({ io }: CommandContext, { hint }: ObjectReader): Promise<void> {
  if (hint !== undefined) await io.stderr.write(`hint: ${hint}\n`);
}

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

/** Each resource with the number of its objects. */
async function resourceListing(registry: Registry, namespace: string | undefined): Promise<Listing> {
  const counts = new Map<string, { objects: number; bytes: number }>();
  for await (const objects of registry.objects()) {
    for (const { kv, key } of objects) {
      if (namespace !== undefined && key.namespace !== namespace) continue;
      const resource = resourceOfKey(key);
      const count = counts.get(resource) ?? { objects: 0, bytes: 0 };
      counts.set(resource, { objects: count.objects + 1, bytes: count.bytes + kv.value.length });
    }
  }
  const rows = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    rows: {
      head: ["RESOURCE", "OBJECTS", "SIZE"],
      body: rows.map(([resource, { objects, bytes }]) => [
        oneSafeLine(resource),
        String(objects),
        humanizeBytes(BigInt(bytes)),
      ]),
    },
    objects: rows.map(([resource, { objects, bytes }]) => ({ resource, objects, size_bytes: bytes })),
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

async function objectListing(
  context: CommandContext,
  registry: Registry,
  reader: ObjectReader,
  selection: Selection,
): Promise<Listing> {
  const body: string[][] = [];
  const list: JsonObject[] = [];
  const now = context.io.clock.now();
  const hasSeveral = selection.resources.length > 1;
  const withNamespace = selection.namespace === undefined;
  for await (const { resource, object } of selectedObjects(registry, selection)) {
    const { kv, key } = object;
    const tree = reader.read(object);
    const owner = ownerText(tree);
    const cells = [
      ...(withNamespace ? [key.namespace || "-"] : []),
      hasSeveral ? `${resourceName(resource)}/${key.name}` : key.name,
      owner || "-",
      ageText(tree, now) || "-",
    ];
    body.push([...cells.map(oneSafeLine), humanizeBytes(BigInt(kv.value.length)), String(kv.modRevision)]);
    list.push({
      resource: resourceName(resource),
      ...(key.namespace !== "" && { namespace: key.namespace }),
      name: key.name,
      ...(owner !== "" && { owner }),
      ...(createdAt(tree) !== "" && { created: createdAt(tree) }),
      size_bytes: kv.value.length,
      mod_revision: kv.modRevision,
    });
  }
  if (body.length === 0) throw notFound(selection);
  const head = [...(withNamespace ? ["NAMESPACE"] : []), "NAME", "OWNER", "AGE", "SIZE", "REVISION"];
  return { rows: { head, body }, objects: list };
}

export function notFound({ resources, name, namespace }: Selection): CliError {
  const what = [...resources.map(resourceName)].join(", ") + (name === undefined ? "" : ` ${name}`);
  const where = namespace === undefined ? "" : ` in namespace ${namespace}`;
  return new CliError(ExitCode.error, `no ${what}${where}`, {
    hints: namespace === undefined ? [] : ["-n NAMESPACE selects another namespace, -A all of them"],
  });
}
