// Values of etcd's flags in the forms that `serve` needs, also of those that have no effect in it.
import { parseUrls, type ServerUrl } from "../../server/cluster/urls";
import type { ServeFlags } from "./flags";

/** The text of a flag that ServeFlags does not have because the server does not obey it. */
export function flagText(flags: ServeFlags, name: string): string {
  const value = (flags as Readonly<Record<string, unknown>>)[name];
  return typeof value === "string" ? value : "";
}

/** Sorted, as in etcd. checkValues has refused what cannot be parsed. */
export function flagUrls(flags: ServeFlags, name: string): ServerUrl[] {
  const urls = splitUrls(flagText(flags, name));
  return urls.length > 0 ? parseUrls(urls) : [];
}

/** In etcd, a repeated flag replaces the value before it, so the flag is not a list. */
export function splitUrls(urls: string): string[] {
  return [...new Set(urls.split(",").filter((url) => url.trim() !== ""))];
}
