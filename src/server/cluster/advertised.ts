// Whether --initial-advertise-peer-urls fits --initial-cluster: the same URLs, or URLs that resolve to the same addresses.
// A host that cannot be resolved is tried again for 30 seconds, as DNS often learns of a new member later.
// Go: advertiseMatchesCluster in server/config/config.go, URLStringsEqual in pkg/netutil/netutil.go
import { lookup } from "node:dns/promises";
import { isIPv6 } from "node:net";
import type { Clock } from "../../clock";
import { quote } from "../../go/quote";
import type { ZapFields } from "../../go/zap";
import type { ServerUrl } from "./urls";

export interface Resolver {
  readonly clock: Clock;
  /** Receives etcd's log lines about the hosts. */
  log(level: "info" | "warn", message: string, fields: ZapFields): Promise<void> | void;
  /** Tests pass one. */
  readonly lookup?: (host: string) => Promise<{ address: string; family: number }>;
}

const limitMs = 30_000;
const retryMs = 1000;

/** In etcd's words; undefined when the URLs fit together. Both lists are sorted, as parseUrls returns them. */
export async function advertisedMismatch(
  name: string,
  advertised: readonly ServerUrl[],
  initial: readonly ServerUrl[],
  resolver: Resolver,
): Promise<string | undefined> {
  const mismatch = await firstDifference(advertised, initial, resolver);
  if (mismatch === undefined) return undefined;
  const [ofAdvertised, ofInitial] = [texts(advertised), texts(initial)];
  const list = ofAdvertised.join(",");
  const named = ofAdvertised.map((text) => `${name}=${text}`).join(",");
  const onlyInitial = ofInitial.filter((text) => !ofAdvertised.includes(text));
  if (onlyInitial.length > 0) {
    const names = onlyInitial.map((text) => `${name}=${text}`).join(",");
    return `--initial-cluster has ${names} but missing from --initial-advertise-peer-urls=${list} (${mismatch})`;
  }
  const onlyAdvertised = ofAdvertised.filter((text) => !ofInitial.includes(text)).join(",");
  if (onlyAdvertised !== "") {
    return `--initial-advertise-peer-urls has ${onlyAdvertised} but missing from --initial-cluster=${named}`;
  }
  return `failed to resolve ${list} to match --initial-cluster=${named} (${mismatch})`;
}

async function firstDifference(
  a: readonly ServerUrl[],
  b: readonly ServerUrl[],
  resolver: Resolver,
): Promise<string | undefined> {
  const list = (urls: readonly ServerUrl[]) => `[${texts(urls).map(quote).join(" ")}]`;
  if (a.length !== b.length) return `len(${list(a)}) != len(${list(b)})`;
  const differs = (left: readonly ServerUrl[], right: readonly ServerUrl[]) =>
    left.findIndex((url, index) => comparable(url) !== comparable(right[index]));
  if (differs(a, b) < 0) return undefined;
  try {
    const untilMs = resolver.clock.now() + limitMs;
    const [left, right] = [await resolvedAll(a, resolver, untilMs), await resolvedAll(b, resolver, untilMs)];
    const at = differs(left, right);
    if (at < 0) return undefined;
    return `resolved urls: ${quote(left[at]?.text ?? "")} != ${quote(right[at]?.text ?? "")}`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** As in etcd, a user and a query do not count, and an IPv6 address may be written in several ways. */
function comparable(url: ServerUrl | undefined): string {
  if (url === undefined || "path" in url.address) return url?.text ?? "";
  const { host, port } = url.address;
  const normal = isIPv6(host) ? new URL(`http://[${host}]`).hostname : host;
  return `${url.secure} ${normal} ${port}`;
}

async function resolvedAll(
  urls: readonly ServerUrl[],
  resolver: Resolver,
  untilMs: number,
): Promise<ServerUrl[]> {
  const resolved: ServerUrl[] = [];
  for (const url of urls) resolved.push(await resolve(url, resolver, untilMs));
  return resolved.sort((a, b) => (a.text < b.text ? -1 : 1));
}

async function resolve(url: ServerUrl, resolver: Resolver, untilMs: number): Promise<ServerUrl> {
  const { text, address } = url;
  if ("path" in address || address.host === "localhost") return url;
  const afterScheme = text.indexOf("//") + 2;
  const fields = { url: text, host: text.slice(afterScheme) };
  for (;;) {
    const found = await (resolver.lookup ?? lookup)(address.host).catch(() => undefined);
    if (found !== undefined) {
      const host = found.family === 6 ? `[${found.address}]` : found.address;
      await resolver.log("info", "resolved URL Host", {
        ...fields,
        "resolved-addr": `${host}:${address.port}`,
      });
      return {
        ...url,
        text: `${text.slice(0, afterScheme)}${host}:${address.port}`,
        address: { host: found.address, port: address.port },
      };
    }
    const error = `lookup ${address.host}: no such host`;
    const failed = { ...fields, "retry-interval": "1s", error };
    if (resolver.clock.now() >= untilMs) {
      await resolver.log("warn", "failed to resolve URL Host; returning", failed);
      throw new Error(`failed to resolve ${quote(text)} (${error})`);
    }
    await resolver.log("warn", "failed to resolve URL Host", failed);
    await new Promise<void>((done) => resolver.clock.setTimeout(done, retryMs));
  }
}

function texts(urls: readonly ServerUrl[]): string[] {
  return urls.map(({ text }) => text);
}
