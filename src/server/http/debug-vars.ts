// The /debug/vars page: the variables that etcd publishes with Go's expvar, as far as they exist here.
// Go: server/etcdserver/api/etcdhttp/debug.go, expvar
import { readFileSync } from "node:fs";
import { memoryUsage } from "node:process";
import type { EtcdServer } from "../member/etcd-server";
import { maxFiles } from "./metrics/process";

export function debugPage(server: EtcdServer): string {
  const { rss, heapTotal, heapUsed } = memoryUsage();
  const { membership, raft } = server;
  const id = membership.memberId.toString(16);
  const [term, index] = [Number(raft.term), Number(raft.index)];
  const lead = membership.hasQuorum ? id : "0";
  const vars: Readonly<Record<string, unknown>> = {
    cmdline: commandLine(),
    file_descriptor_limit: maxFiles() ?? 0,
    // Of V8's heap, under the names of Go's runtime.MemStats.
    memstats: {
      Alloc: heapUsed,
      Sys: rss,
      HeapAlloc: heapUsed,
      HeapSys: heapTotal,
      HeapIdle: heapTotal - heapUsed,
    },
    "raft.status": {
      id,
      term,
      vote: id,
      commit: index,
      lead,
      raftState: membership.hasQuorum ? "StateLeader" : "StateFollower",
      applied: index,
      progress: membership.hasQuorum
        ? { [id]: { match: index, next: index + 1, state: "StateReplicate" } }
        : {},
      leadtransferee: "0",
    },
  };
  const lines = Object.entries(vars).map(([name, value]) => `"${name}": ${JSON.stringify(value)}`);
  return `{\n${lines.join(",\n")}\n}\n`;
}

/** Empty where the system has no /proc. */
function commandLine(): string[] {
  try {
    return readFileSync("/proc/self/cmdline", "utf8").split("\0").slice(0, -1);
  } catch {
    return [];
  }
}
