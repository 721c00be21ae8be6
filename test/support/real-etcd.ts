// Real etcd for tests. It is searched in ETCD_BIN_DIR (folders separated by colons), in the cache of scripts/get-etcd.sh
// and on PATH. Without it, the tests that need it are skipped.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { ServerGroup, type ServerGroupOptions } from "./server-group";
import { describeUnless } from "./skip";

export type EtcdVersion = "3.4" | "3.5" | "3.7";

export interface EtcdPrograms {
  readonly etcd: string;
  readonly etcdctl: string;
  /** Exists since 3.5. */
  readonly etcdutl: string;
}

const found = new Map<EtcdVersion, EtcdPrograms | undefined>();

export function findEtcd(version: EtcdVersion): EtcdPrograms | undefined {
  if (!found.has(version)) found.set(version, lookFor(version));
  return found.get(version);
}

function lookFor(version: EtcdVersion): EtcdPrograms | undefined {
  const { ETCD_BIN_DIR = "", ETCD_CACHE_DIR, XDG_CACHE_HOME, PATH = "" } = process.env;
  const cacheHome = XDG_CACHE_HOME ?? path.join(homedir(), ".cache");
  const cache = path.join(ETCD_CACHE_DIR ?? path.join(cacheHome, "etcdctl-node", "etcd"), version);
  const dirs = [...ETCD_BIN_DIR.split(":"), cache, ...PATH.split(":")].filter((dir) => dir !== "");
  const dir = dirs.find((candidate) => versionIn(candidate)?.startsWith(`${version}.`));
  if (dir === undefined) return undefined;
  const program = (name: string) => path.join(dir, name);
  return { etcd: program("etcd"), etcdctl: program("etcdctl"), etcdutl: program("etcdutl") };
}

function versionIn(dir: string): string | undefined {
  const program = path.join(dir, "etcd");
  if (!existsSync(program)) return undefined;
  const { stdout } = spawnSync(program, ["--version"], { encoding: "utf8" });
  return /^etcd Version: (\S+)/m.exec(stdout)?.[1];
}

/** The programs of a version, for use inside describeWithEtcd. */
export function etcdPrograms(version: EtcdVersion): EtcdPrograms {
  const programs = findEtcd(version);
  if (!programs) throw new Error(noEtcd(version));
  return programs;
}

/** Why tests that need this version are skipped; undefined where it is installed. */
export function noEtcd(version: EtcdVersion): string | undefined {
  return findEtcd(version)
    ? undefined
    : `no etcd ${version} found; run scripts/get-etcd.sh or set ETCD_BIN_DIR`;
}

export function describeWithEtcd(version: EtcdVersion, title: string, body: () => void): void {
  describeUnless(noEtcd(version), title, body);
}

export type RealEtcdOptions = Omit<ServerGroupOptions, "command">;

/** A single member can use short election timeouts; three members on a busy machine cannot. */
export function startEtcd(version: EtcdVersion, options: RealEtcdOptions = {}): Promise<ServerGroup> {
  const [heartbeatMs, electionMs] = (options.size ?? 1) > 1 ? [50, 500] : [20, 100];
  const timing = ["--heartbeat-interval", `${heartbeatMs}`, "--election-timeout", `${electionMs}`];
  return ServerGroup.start({ ...options, command: [etcdPrograms(version).etcd, ...timing] });
}
