// The cluster of a restored member: members and IDs from etcd's own flags, refused with etcd's texts in etcd's order.
// Go: server/config/config.go (VerifyBootstrap), server/etcdserver/api/membership/cluster.go, pkg/netutil/netutil.go
import { lookup } from "node:dns/promises";
import { CliError, ExitCode } from "../errors";
import { quote } from "../go/quote";
import { clusterIdOf, memberIdOf, parseInitialCluster } from "../server/cluster/membership";
import { parseUrls, type ServerUrl } from "../server/cluster/urls";
import type { StoredMember } from "../storage/contents";
import type { Io } from "../io";
import { log } from "./database-file";

type LogIo = Pick<Io, "stderr" | "clock">;

export interface NewClusterFlags {
  readonly name: string;
  readonly initialCluster: string;
  readonly token: string;
  /** Comma-separated. */
  readonly peerURLs: string;
}

export interface Cluster {
  readonly id: bigint;
  /** The restored member. */
  readonly localMember: StoredMember;
  /** In rising order of IDs, the restored member included. */
  readonly members: readonly StoredMember[];
}

/** Logs the URLs that it resolves, as etcd does. */
export async function newCluster(flags: NewClusterFlags, io: LogIo): Promise<Cluster> {
  const { name, token } = flags;
  const advertised = asCliError(() => parseUrls(flags.peerURLs.split(",")));
  const byName = asCliError(() => parseInitialCluster(flags.initialCluster));
  const localURLs = byName.get(name);
  if (localURLs === undefined) {
    throw refusal(`couldn't find local name ${quote(name)} in the initial cluster configuration`);
  }
  await checkAdvertised(name, advertised, parseUrls(localURLs), io);
  const pairs = [...byName].flatMap(([each, urls]) => urls.map((url) => `${each}=${url}`)).sort();
  const all = [...byName.values()].flat();
  if (new Set(all).size < all.length) throw refusal(`initial cluster ${pairs.join(",")} has duplicate url`);
  const members = [...byName]
    .map(([each, peerURLs]): StoredMember => {
      const id = memberIdOf(peerURLs, token);
      return { id, name: each, peerURLs, clientURLs: [], isLearner: false };
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const localMember = members.find((member) => member.name === name) as StoredMember;
  return { id: clusterIdOf(members.map(({ id }) => id)), localMember, members };
}

/** Throws unless both lists have the same URLs, or URLs that resolve to the same addresses. */
async function checkAdvertised(
  name: string,
  advertised: readonly ServerUrl[],
  initial: readonly ServerUrl[],
  io: LogIo,
): Promise<void> {
  const mismatch = await firstDifference(advertised, initial, io);
  if (mismatch === undefined) return;
  const texts = (urls: readonly ServerUrl[]) => urls.map(({ text }) => text);
  const missingFrom = (others: readonly ServerUrl[], urls: readonly ServerUrl[]) =>
    texts(urls).filter((text) => !texts(others).includes(text));
  const list = texts(advertised).join(",");
  const named = texts(advertised)
    .map((text) => `${name}=${text}`)
    .join(",");
  const onlyInitial = missingFrom(advertised, initial).map((text) => `${name}=${text}`);
  if (onlyInitial.length > 0) {
    const missing = `missing from --initial-advertise-peer-urls=${list} (${mismatch})`;
    throw refusal(`--initial-cluster has ${onlyInitial.join(",")} but ${missing}`);
  }
  const onlyAdvertised = missingFrom(initial, advertised);
  if (onlyAdvertised.length > 0) {
    const missing = `missing from --initial-cluster=${named}`;
    throw refusal(`--initial-advertise-peer-urls has ${onlyAdvertised.join(",")} but ${missing}`);
  }
  throw refusal(`failed to resolve ${list} to match --initial-cluster=${named} (${mismatch})`);
}

/** In Go's words; undefined when the lists are equal. */
async function firstDifference(
  a: readonly ServerUrl[],
  b: readonly ServerUrl[],
  io: LogIo,
): Promise<string | undefined> {
  const list = (urls: readonly ServerUrl[]) => `[${urls.map(({ text }) => quote(text)).join(" ")}]`;
  if (a.length !== b.length) return `len(${list(a)}) != len(${list(b)})`;
  if (a.every((url, index) => url.text === b[index]?.text)) return undefined;
  try {
    const [left, right] = [await resolvedTexts(a, io), await resolvedTexts(b, io)];
    const at = left.findIndex((text, index) => text !== right[index]);
    return at < 0 ? undefined : `resolved urls: ${quote(left[at] ?? "")} != ${quote(right[at] ?? "")}`;
  } catch (error) {
    return (error as Error).message;
  }
}

async function resolvedTexts(urls: readonly ServerUrl[], io: LogIo): Promise<string[]> {
  const texts: string[] = [];
  for (const url of urls) texts.push(await resolve(url, io));
  return texts.sort();
}

async function resolve({ text, address }: ServerUrl, io: LogIo): Promise<string> {
  if ("path" in address || address.host === "localhost") return text;
  const found = await lookup(address.host).catch((cause: unknown) => {
    const reason = `lookup ${address.host}: no such host`;
    throw new Error(`failed to resolve ${quote(text)} (${reason})`, { cause });
  });
  const resolved = `${found.family === 6 ? `[${found.address}]` : found.address}:${address.port}`;
  const afterScheme = text.indexOf("//") + 2;
  const fields = { url: text, host: text.slice(afterScheme), "resolved-addr": resolved };
  await log(io, "resolved URL Host", fields);
  return text.slice(0, afterScheme) + resolved;
}

function asCliError<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw refusal((error as Error).message);
  }
}

function refusal(message: string): CliError {
  return new CliError(ExitCode.error, message);
}
