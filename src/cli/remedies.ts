// What the user can do about an error of the server, as hints below it. Loaded only after a failure.
import { EtcdError, StatusCode } from "../errors";
import { isServerError, type ServerErrorName } from "../etcd/error-table";

const remedies: Readonly<Partial<Record<ServerErrorName, readonly string[]>>> = {
  noSpace: [
    "the database has reached its quota. To see how space can be freed: etcdctl space reclaim --dry-run (compact, defragment, disarm)",
    "etcdctl doctor shows the size and the quota of each member",
  ],
  noLeader: [
    "no member leads the cluster: more than half of the members must run and reach each other; etcdctl endpoint status --cluster -w table shows which do",
  ],
  unhealthy: [
    "a member does not respond, and a change of the members could take the majority away; etcdctl endpoint health --cluster shows which",
  ],
  memberNotEnoughStarted: [
    "start the members that were added before; etcdctl member list -w table shows which are unstarted",
  ],
  learnerNotReady: ["wait until the learner has received all data, then promote it again"],
  tooManyLearners: ["promote or remove the learner that etcdctl member list shows, then add the next one"],
  rootUserNotExist: [
    "add it first: etcdctl user add root, etcdctl role add root, etcdctl user grant-role root root",
  ],
  rootRoleNotExist: ["grant it first: etcdctl user grant-role root root"],
  userNotFound: ["etcdctl user list shows the users; etcdctl user add NAME makes one"],
  roleNotFound: ["etcdctl role list shows the roles; etcdctl role add NAME makes one"],
  userAlreadyExist: [
    "etcdctl user passwd NAME changes the password, etcdctl user grant-role NAME ROLE the roles",
  ],
  roleAlreadyExist: ["etcdctl role get NAME shows what it permits, etcdctl role grant-permission adds to it"],
  roleNotGranted: ["etcdctl user get NAME shows the roles of the user"],
  permissionNotGranted: [
    "etcdctl role get NAME shows the permissions of the role; the key and the range must be those of one of them",
  ],
  invalidAuthManagement: [
    "the user root and its role root are needed while auth is on; first: etcdctl auth disable",
  ],
  memberNotFound: ["etcdctl member list shows the members, in the cluster that --endpoints names"],
  peerURLExist: ["a member has this peer URL already; etcdctl member list shows which"],
  duplicateKey: ["a transaction may change a key only once"],
  tooManyOps: ["use several transactions, or start the server with a larger --max-txn-ops"],
  wrongDowngradeVersionFormat: ["write a version as 3.6"],
  invalidDowngradeTargetVersion: [
    "a cluster goes down one minor version at a time; etcdctl endpoint status shows the present one",
  ],
  downgradeInProcess: ["etcdctl downgrade cancel ends it"],
  badLeaderTransferee: ["name a voter that has started; etcdctl member list shows the members"],
  notLeader: ["the leader has changed; try again"],
  requestTooManyRequests: [
    "the server is overloaded; try again later, and look for a slow disk: etcdctl check perf",
  ],
  authNotEnabled: ["auth is off, so leave out --user and --password; etcdctl auth enable turns it on"],
  userEmpty: [
    "auth is on: log in with --user NAME and its password, or use a client certificate where the server takes it",
  ],
  authFailed: ["check the name and the password of --user; passwords are case-sensitive"],
  invalidAuthToken: ["log in again: the token has expired, or the server has another key for tokens"],
  compacted: [
    "the history before the last compaction is gone; use a newer revision, or none: etcdctl get KEY -w fields prints the present one",
  ],
  futureRevision: [
    "the cluster has not reached this revision; etcdctl get KEY -w fields prints the present one. After a restore the revisions can be lower than before",
  ],
  leaseNotFound: ["the lease has ended, or its ID is not right; etcdctl lease list shows the leases"],
  requestTooLarge: ["write less at once, or start the server with a larger --max-request-bytes"],
  corrupt: ["the members have different data; keep a snapshot of each before you repair or replace one"],
  leaderChanged: ["the cluster elected another leader; try again"],
  timeout: [
    "the cluster could not commit in time; etcdctl endpoint status --cluster -w table shows its leader and its members",
  ],
};

/** gRPC's servers write `unknown method X for service Y`, or `unknown service Y`. */
const unknownCall =
  "the server does not have this call, as an etcd that is older than the command; etcdctl endpoint status shows its version";

/** Hints for the first error of the server in the chain of causes. */
export function remediesFor(error: unknown): readonly string[] {
  for (let at = error; at instanceof Error; at = at.cause) {
    const cause: Error = at;
    if (!(cause instanceof EtcdError)) continue;
    if (cause.code === StatusCode.Unimplemented && cause.desc.startsWith("unknown ")) return [unknownCall];
    const names = Object.keys(remedies) as ServerErrorName[];
    const name = names.find((each) => isServerError(cause, each));
    return name === undefined ? [] : (remedies[name] ?? []);
  }
  return [];
}
