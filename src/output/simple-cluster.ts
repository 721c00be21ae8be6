// The simple format of members, leadership, alarms and downgrades.
// Answers to etcdctl's printer_simple.go, and to the ETCD_ lines of member_command.go.
import { quote } from "../goformat/quote";
import { AlarmMember, type MemberAddResponse, type ResponseHeader } from "../proto/gen/etcdserverpb";
import { hexId, paddedHexId } from "./ids";
import { messageText } from "./message-text";
import type { Printer } from "./printer";
import { memberRows } from "./rows";
import { line, lines } from "./simple-lines";

export const simpleCluster = {
  memberAdd({ header, member }) {
    const added = member?.isLearner === true ? "added as learner to" : "added to";
    return line(`Member ${paddedHexId(member?.ID ?? 0n)} ${added} cluster ${clusterId(header)}`);
  },
  memberEnvironment: (name, peerURLs, r) =>
    Buffer.from(`
ETCD_NAME=${quote(name)}
ETCD_INITIAL_CLUSTER=${quote(initialCluster(name, r))}
ETCD_INITIAL_ADVERTISE_PEER_URLS=${quote(peerURLs)}
ETCD_INITIAL_CLUSTER_STATE="existing"
`),
  memberRemove: (id, r) => line(`Member ${paddedHexId(id)} removed from cluster ${clusterId(r.header)}`),
  memberUpdate: (id, r) => line(`Member ${paddedHexId(id)} updated in cluster ${clusterId(r.header)}`),
  memberPromote: (id, r) => line(`Member ${paddedHexId(id)} promoted in cluster ${clusterId(r.header)}`),
  memberList: (r) => lines(memberRows(r).body, (cells) => cells.join(", ")),
  moveLeader: (leader, target) => line(`Leadership transferred from ${hexId(leader)} to ${hexId(target)}`),

  alarm: (r) => lines(r.alarms, (alarm) => messageText(AlarmMember, alarm)),
  downgradeValidate: (r) => line(`Downgrade validate success, cluster version ${r.version}`),
  downgradeEnable: (r) => line(`Downgrade enable success, cluster version ${r.version}`),
  downgradeCancel: (r) => line(`Downgrade cancel success, cluster version ${r.version}`),
} as const satisfies Partial<Printer>;

function clusterId(header: ResponseHeader | undefined): string {
  return paddedHexId(header?.clusterId ?? 0n);
}

/** The new member has no name in the answer until it is started. */
function initialCluster(newName: string, { member, members }: MemberAddResponse): string {
  return members
    .flatMap(({ ID, name, peerURLs }) =>
      peerURLs.map((url) => `${ID === member?.ID ? newName : name}=${url}`),
    )
    .join(",");
}
