// The cluster that a restored member is of: its members with their ids, from the flags that etcd itself takes, refused in
// etcd's words and order. Answers to VerifyBootstrap in server/config, NewClusterFromURLsMap in api/membership and
// pkg/netutil.
import { lookup } from "node:dns/promises";
import { CliError, ExitCode } from "../errors";
import { quote } from "../go/quote";
import { clusterIdOf, memberIdOf, parseInitialCluster } from "../server/cluster/membership";
import { parseUrls, type ServerUrl } from "../server/cluster/urls";
import type { StoredMember } from "../storage/contents";

export interface NewClusterFlags {
  readonly name: string;
  readonly initialCluster: string;
  readonly token: string;
  /** Separated by commas. */
  readonly peerURLs: string;
}

export interface Cluster {
  readonly id: bigint;
  readonly own: StoredMember;
  /** In rising order of ids. */
  readonly members: readonly StoredMember[];
}

export async function newCluster(flags: NewClusterFlags): Promise<Cluster> {
  const { name, token } = flags;
  const advertised = inGoWords(() => parseUrls(flags.peerURLs.split(",")));
  const byName = inGoWords(() => parseInitialCluster(flags.initialCluster));
  const ownURLs = byName.get(name);
  if (ownURLs === undefined) {
    throw refused(`couldn't find local name ${quote(name)} in the initial cluster configuration`);
  }
  await checkAdvertised(name, advertised, parseUrls(ownURLs));
  const pairs = [...byName].flatMap(([each, urls]) => urls.map((url) => `${each}=${url}`)).sort();
  const all = [...byName.values()].flat();
  if (new Set(all).size < all.length) throw refused(`initial cluster ${pairs.join(",")} has duplicate url`);
  const members = [...byName]
    .map(([each, peerURLs]): StoredMember => {
      const id = memberIdOf(peerURLs, token);
      return { id, name: each, peerURLs, clientURLs: [], isLearner: false };
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const own = members.find((member) => member.name === name) as StoredMember;
  return { id: clusterIdOf(members.map(({ id }) => id)), own, members };
}

/** The same URLs, or ones that resolve to the same addresses. */
async function checkAdvertised(
  name: string,
  advertised: readonly ServerUrl[],
  initial: readonly ServerUrl[],
): Promise<void> {
  const apart = await difference(advertised, initial);
  if (apart === undefined) return;
  const texts = (urls: readonly ServerUrl[]) => urls.map(({ text }) => text);
  const without = (urls: readonly ServerUrl[], others: readonly ServerUrl[]) =>
    texts(urls).filter((text) => !texts(others).includes(text));
  const list = texts(advertised).join(",");
  const named = texts(advertised)
    .map((text) => `${name}=${text}`)
    .join(",");
  const onlyInitial = without(initial, advertised).map((text) => `${name}=${text}`);
  if (onlyInitial.length > 0) {
    const missing = `missing from --initial-advertise-peer-urls=${list} (${apart})`;
    throw refused(`--initial-cluster has ${onlyInitial.join(",")} but ${missing}`);
  }
  const onlyAdvertised = without(advertised, initial);
  if (onlyAdvertised.length > 0) {
    const missing = `missing from --initial-cluster=${named}`;
    throw refused(`--initial-advertise-peer-urls has ${onlyAdvertised.join(",")} but ${missing}`);
  }
  throw refused(`failed to resolve ${list} to match --initial-cluster=${named} (${apart})`);
}

/** In Go's words; undefined where there is none. */
async function difference(a: readonly ServerUrl[], b: readonly ServerUrl[]): Promise<string | undefined> {
  const list = (urls: readonly ServerUrl[]) => `[${urls.map(({ text }) => quote(text)).join(" ")}]`;
  if (a.length !== b.length) return `len(${list(a)}) != len(${list(b)})`;
  if (a.every((url, index) => url.text === b[index]?.text)) return undefined;
  try {
    const [left, right] = [await resolvedTexts(a), await resolvedTexts(b)];
    const at = left.findIndex((text, index) => text !== right[index]);
    return at < 0 ? undefined : `resolved urls: ${quote(left[at] ?? "")} != ${quote(right[at] ?? "")}`;
  } catch (error) {
    return (error as Error).message;
  }
}

async function resolvedTexts(urls: readonly ServerUrl[]): Promise<string[]> {
  return (await Promise.all(urls.map(resolved))).sort();
}

async function resolved({ text, address }: ServerUrl): Promise<string> {
  if ("path" in address || address.host === "localhost") return text;
  const found = await lookup(address.host).catch((cause: unknown) => {
    const reason = `lookup ${address.host}: no such host`;
    throw new Error(`failed to resolve ${quote(text)} (${reason})`, { cause });
  });
  const host = found.family === 6 ? `[${found.address}]` : found.address;
  return `${text.slice(0, text.indexOf("//") + 2)}${host}:${address.port}`;
}

function inGoWords<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw refused((error as Error).message);
  }
}

function refused(message: string): CliError {
  return new CliError(ExitCode.error, message);
}
