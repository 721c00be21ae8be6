// How to start a member that is in the member list already: as etcd's environment and as a command line.
// Go: etcdctl/ctlv3/command/printer_simple.go (MemberAdd)
import type { Member } from "../../proto/gen/etcdserverpb";

export interface StartSettings {
  readonly environment: Readonly<Record<string, string>>;
  readonly commandLine: string;
}

export function startOf(name: string, fresh: Member, members: readonly Member[]): StartSettings {
  const cluster = members.flatMap((member) => {
    const memberName = member.ID === fresh.ID ? name : member.name;
    return member.peerURLs.map((url) => `${memberName}=${url}`);
  });
  const urls = fresh.peerURLs.join(",");
  const values = {
    name,
    "initial-cluster": cluster.join(","),
    "initial-advertise-peer-urls": urls,
    "initial-cluster-state": "existing",
  };
  const environment = Object.fromEntries(
    Object.entries(values).map(([flag, value]) => [`ETCD_${flag.toUpperCase().replaceAll("-", "_")}`, value]),
  );
  const words = Object.entries({ ...values, "listen-peer-urls": urls }).map(
    ([flag, value]) =>
      `--${flag}=${/^[\w:/.,=[\]-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`}`,
  );
  return { environment, commandLine: ["etcd", ...words].join(" ") };
}
