// The fields of the log line "starting an etcd server": the settings, with etcd's names and in its order. Programs read them
// from there. Those about Go and about other members' data are left out. Go: server/embed/etcd.go (print)
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ZapFields } from "../../go/zap";
import { formatDuration } from "../../go/units";
import { etcdVersion } from "../../etcd/versions";
import { defaultQuotaBytes } from "../../server/member/limits";
import { splitUrls } from "./flag-values";
import type { ServeFlags } from "./flags";

const milliseconds = (value: number) => formatDuration(BigInt(value) * 1_000_000n);

export function startFields(flags: ServeFlags): ZapFields {
  const dataDir = flags["data-dir"];
  const memberDir = dataDir === "" ? "" : join(dataDir, "member");
  const ownWalDir = flags["wal-dir"];
  const walDir = ownWalDir !== "" || memberDir === "" ? ownWalDir : join(memberDir, "wal");
  const quota = flags["quota-backend-bytes"];
  // Flags without effect have values, too.
  const values = flags as unknown as Readonly<Record<string, string | boolean | bigint>>;
  const value = (name: string) => values[name] ?? "";
  const urls = (name: string) => splitUrls(String(value(name)));
  return {
    "etcd-version": etcdVersion,
    "member-initialized": walDir !== "" && existsSync(walDir),
    name: flags.name,
    "data-dir": dataDir,
    "wal-dir": ownWalDir,
    "wal-dir-dedicated": ownWalDir,
    "member-dir": memberDir,
    "force-new-cluster": flags["force-new-cluster"],
    "heartbeat-interval": milliseconds(flags["heartbeat-interval"]),
    "election-timeout": milliseconds(flags["election-timeout"]),
    "initial-election-tick-advance": value("initial-election-tick-advance"),
    "snapshot-count": flags["snapshot-count"],
    "max-wals": flags["max-wals"],
    "max-snapshots": flags["max-snapshots"],
    "snapshot-catchup-entries": value("snapshot-catchup-entries"),
    "initial-advertise-peer-urls": urls("initial-advertise-peer-urls"),
    "listen-peer-urls": urls("listen-peer-urls"),
    "advertise-client-urls": urls("advertise-client-urls"),
    "listen-client-urls": urls("listen-client-urls"),
    "listen-metrics-urls": urls("listen-metrics-urls"),
    cors: splitUrls(flags.cors).sort(),
    "host-whitelist": splitUrls(flags["host-whitelist"]).sort(),
    "initial-cluster": flags["initial-cluster"],
    "initial-cluster-state": flags["initial-cluster-state"],
    "initial-cluster-token": flags["initial-cluster-token"],
    "quota-backend-bytes": quota === 0n ? defaultQuotaBytes : quota,
    "max-request-bytes": flags["max-request-bytes"],
    "max-concurrent-streams": flags["max-concurrent-streams"],
    "pre-vote": value("pre-vote"),
    "feature-gates": flags["feature-gates"],
    "auto-compaction-mode": flags["auto-compaction-mode"],
    "max-learners": flags["max-learners"],
    // The value of the flag is ignored, as in etcd.
    "v2-deprecation": "write-only",
  };
}
