// The names of the methods in faults and in the list of requests: those of the client, such as `kv.put` for
// /etcdserverpb.KV/Put. The name of a service, such as `kv`, stands for all its methods.
import { services } from "../../client/client";
import { kindOf } from "../../client/library/input";
import { didYouMean } from "../../client/library/nearest";

type Services = typeof services;

/** A method as the client names it: `kv.put`, `watch.watch`, `lease.leaseGrant`. */
export type MethodName = {
  [Service in keyof Services & string]: `${Service}.${keyof Services[Service] & string}`;
}[keyof Services & string];

/** One method (`kv.put`), or all methods of a service (`kv`). */
export type MethodSelector = MethodName | (keyof Services & string);

/** By the path of gRPC. */
const names: ReadonlyMap<string, MethodName> = new Map(
  Object.entries(services).flatMap(([service, methods]) =>
    Object.entries(methods).map(([name, { path }]) => [path, `${service}.${name}` as MethodName] as const),
  ),
);

/** The path itself for a method that the client does not have. */
export function methodName(path: string): MethodName {
  return names.get(path) ?? (path as MethodName);
}

/** Undefined means every method. Throws a TypeError for a name that does not exist. */
export function selectMethods(
  owner: string,
  selected: MethodSelector | readonly MethodSelector[] | undefined,
): ReadonlySet<string> | undefined {
  if (selected === undefined) return undefined;
  const all = [...names.values()];
  const methods = new Set<string>();
  for (const each of Array.isArray(selected) ? (selected as unknown[]) : [selected]) {
    if (typeof each !== "string")
      throw new TypeError(`option methods of ${owner} must have strings, not ${kindOf(each)}`);
    const found = Object.hasOwn(services, each)
      ? all.filter((name) => name.startsWith(`${each}.`))
      : all.filter((name) => name === each);
    if (found.length === 0) {
      const known = [...Object.keys(services), ...all];
      throw new TypeError(
        `unknown method ${each} of ${owner}; ${didYouMean(each, known, "the methods are")}`,
      );
    }
    for (const name of found) methods.add(name);
  }
  return methods;
}
