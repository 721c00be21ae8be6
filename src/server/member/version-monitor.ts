// Changes the version of the cluster some seconds after a downgrade was enabled or canceled, as the leader of an etcd does at
// its next check. Go: monitorClusterVersions in server/etcdserver/server.go
import type { Clock } from "../../clock";
import type { ReadableVersions } from "../cluster/versions";

/** How often etcd's leader checks whether the cluster version must change. */
const intervalMs = 4000;

interface MonitoredServer {
  readonly clock: Clock;
  readonly membership: { readonly hasQuorum: boolean };
  readonly assertWritable?: (() => void) | undefined;
  readonly versions: ReadableVersions;
  proposeAlone(kind: "clusterVersionSet", request: { readonly ver: string }): void;
}

export class VersionMonitor {
  private timer: { cancel(): void } | undefined;

  constructor(private readonly server: MonitoredServer) {}

  checkLater(): void {
    this.timer ??= this.server.clock.setTimeout(() => {
      this.timer = undefined;
      this.check();
    }, intervalMs);
  }

  private check(): void {
    const { membership, assertWritable, versions } = this.server;
    // Not possible now.
    if (!membership.hasQuorum || assertWritable !== undefined) return this.checkLater();
    if (versions.isDue) this.server.proposeAlone("clusterVersionSet", { ver: versions.next });
  }

  close(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }
}
