// `k8s ls`: the resources that are stored, or the objects of one. The words and flags are kubectl's.
import { CliError, ExitCode } from "../../errors";
import { oneSafeLine } from "../../go/raw-text";
import { humanizeBytes } from "../../go/units";
import { resourceOfKey } from "../../kubernetes/registry-keys";
import { resourceName } from "../../kubernetes/resources";
import type { JsonObject } from "../../output/json-value";
import { listingPrinter, type Listing } from "../columns";
import { defineCommand, type CommandContext } from "../command";
import { ageText, createdAt, ownerText, type ObjectReader } from "./object-reader";
import type { Registry } from "./registry";
import { openRegistry, printHint, selectionFlags, wantedObjects, type Selection } from "./selection";

export const command = defineCommand({
  flags: selectionFlags,
  async run(context, args, values) {
    const wanted = wantedObjects(args, "ls");
    const print = listingPrinter(await context.format());
    const { registry, reader, namespace, select } = await openRegistry(context, values);
    const show = async (listing: Listing) =>
      context.io.stdout.write(print(listing, await context.tableStyle()));
    if (wanted.length === 0) {
      return show(await resourceListing(registry, values.namespace === "" ? undefined : namespace));
    }
    const selection = await select(wanted);
    const listing = await objectListing(context, reader, selection);
    if (listing.objects.length > 0) await show(listing);
    await printHint(context, reader);
    if (selection.failure !== undefined) throw selection.failure;
  },
});

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
  if (counts.size === 0) {
    const where = namespace === undefined ? `below ${registry.prefix}/` : `in namespace ${namespace}`;
    throw new CliError(ExitCode.error, `no object is stored ${where}`);
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

async function objectListing(
  context: CommandContext,
  reader: ObjectReader,
  selection: Selection,
): Promise<Listing> {
  const body: string[][] = [];
  const list: JsonObject[] = [];
  const now = context.io.clock.now();
  const hasSeveral = selection.resources.length > 1;
  const withNamespace = selection.namespace === undefined;
  for await (const { resource, object } of selection.objects()) {
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
  const head = [...(withNamespace ? ["NAMESPACE"] : []), "NAME", "OWNER", "AGE", "SIZE", "REVISION"];
  return { rows: { head, body }, objects: list };
}
