// The keys of Kubernetes' API server in etcd, under its storage prefix (--etcd-prefix, `/registry` by default):
//   /registry/pods/NAMESPACE/NAME, /registry/minions/NAME      built-in resources, by the paths in resources.ts
//   /registry/GROUP/RESOURCE/[NAMESPACE/]NAME                  custom resources, apiservices and customresourcedefinitions
// Go: DefaultStorageFactory.ResourcePrefix in apiserver/pkg/server/storage/storage_factory.go
import { builtinResources, resourceName, type Resource } from "./resources";

/** What a key says about its object. */
export interface RegistryKey {
  readonly resource: string;
  /** Empty for the core group, and for a path of two parts that is of no known resource. */
  readonly group: string;
  /** Empty for an object without a namespace. */
  readonly namespace: string;
  readonly name: string;
}

/** Of kubeadm and most others, OpenShift, and older guides. */
export const knownPrefixes = ["/registry", "/kubernetes.io", "/openshift.io", "/kubernetes"] as const;

const byPath = new Map(builtinResources.map((resource) => [resource.path, resource]));

/** Undefined for a key that is not below the prefix, or is no object's. `key` has any text. */
export function parseRegistryKey(key: string, prefix: string): RegistryKey | undefined {
  if (!key.startsWith(prefix) || key[prefix.length] !== "/") return undefined;
  const parts = key.slice(prefix.length + 1).split("/");
  const [first = "", second = ""] = parts;
  const isDeep = parts.length > 2;
  const known = byPath.get(first) ?? (isDeep ? byPath.get(`${first}/${second}`) : undefined);
  if (known !== undefined) return objectOf(known.name, known.group, parts, known.path === first ? 1 : 2);
  if (isDeep && first.includes(".")) return objectOf(second, first, parts, 2);
  return objectOf(first, "", parts, 1);
}

function objectOf(
  resource: string,
  group: string,
  parts: readonly string[],
  from: number,
): RegistryKey | undefined {
  const count = parts.length - from;
  if (count < 1) return undefined;
  const hasNamespace = count > 1;
  const namespace = hasNamespace ? (parts[from] as string) : "";
  return { resource, group, namespace, name: parts.slice(hasNamespace ? from + 1 : from).join("/") };
}

/** `deployments.apps` for a key below the prefix. */
export function resourceOfKey({ resource, group }: RegistryKey): string {
  return resourceName({ name: resource, group });
}

/** The prefix of the keys of a resource: `/registry/pods/`. */
export function resourcePrefix(prefix: string, { path }: Resource): string {
  return `${prefix}/${path}/`;
}

/** The prefix that a key shows which only an API server writes: that of a namespace which every cluster has. */
export function prefixShownBy(key: string): string | undefined {
  return /^(\/.*)\/namespaces\/(?:default|kube-system)$/.exec(key)?.[1];
}

/** As the API server reads --etcd-prefix: with a slash before it and none after. */
export function normalPrefix(typed: string): string {
  return `/${typed.replace(/^\/+|\/+$/g, "")}`;
}
