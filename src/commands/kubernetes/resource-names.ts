// Which resources the user means with a word such as `deploy`: Kubernetes' own by a table, custom ones by the
// CustomResourceDefinitions that are stored, and what has keys but no definition by these keys.
import { CliError, ExitCode } from "../../errors";
import { quote } from "../../go/quote";
import { builtinResources, findResources, type Resource } from "../../kubernetes/resources";
import { get, isList, textOf, type Tree } from "../../kubernetes/tree";
import type { ObjectReader } from "./object-reader";
import type { Registry } from "./registry";

const definitions = "/apiextensions.k8s.io/customresourcedefinitions/";

/** What kubectl means with `all`. */
const all =
  "pods,replicationcontrollers,services,daemonsets.apps,deployments.apps,replicasets.apps,statefulsets.apps,horizontalpodautoscalers.autoscaling,cronjobs.batch,jobs.batch";

/** The resources of `pods`, `po,svc`, `all`. Throws CliError for a name that nothing stored has. */
export async function namedResources(
  words: string,
  registry: Registry,
  reader: ObjectReader,
): Promise<readonly Resource[]> {
  const found: Resource[] = [];
  let custom: readonly Resource[] | undefined;
  for (const word of words.split(",").flatMap((it) => (it === "all" ? all.split(",") : [it]))) {
    let matches = findResources(word, builtinResources);
    if (matches.length === 0) {
      custom ??= await customResources(registry, reader);
      matches = findResources(word, custom);
    }
    if (matches.length === 0) matches = await storedResource(word, registry);
    if (matches.length === 0) {
      throw new CliError(ExitCode.error, `no resource ${quote(word)} is stored here`, {
        hints: ["etcdctl k8s ls lists what is stored"],
      });
    }
    found.push(...matches);
  }
  return found;
}

async function customResources(registry: Registry, reader: ObjectReader): Promise<readonly Resource[]> {
  const resources: Resource[] = [];
  for await (const objects of registry.objects(definitions)) {
    for (const object of objects) {
      const spec = get(reader.read(object), "spec");
      const names = get(spec, "names");
      const [name, group, kind] = [textOf(names, "plural"), textOf(spec, "group"), textOf(names, "kind")];
      if (name === "" || group === "") continue;
      const singular = textOf(names, "singular") || kind.toLowerCase();
      const shortNames = texts(get(names, "shortNames"));
      resources.push({ name, group, kind, singular, shortNames, path: `${group}/${name}` });
    }
  }
  return resources;
}

function texts(list: Tree | undefined): string[] {
  return isList(list) ? list.filter((item) => typeof item === "string") : [];
}

/** `widgets.example.com` or `routes`, if there are such keys. */
async function storedResource(word: string, registry: Registry): Promise<readonly Resource[]> {
  const [name = "", ...groupParts] = word.split(".");
  const group = groupParts.join(".");
  const path = group === "" ? name : `${group}/${name}`;
  if (name === "" || (await registry.first(`/${path}/`)) === undefined) return [];
  return [{ name, group, kind: "", singular: name, shortNames: [], path }];
}
