// Names that the cluster knows: keys one level at a time, leases, members, users and roles. Only where ETCDCTL_COMPLETE_KEYS
// asks for it, since each press of the tab key then asks the server; and within two seconds.
import type { EtcdClient } from "../../client/client";
import { sleep } from "../../clock";
import { keyRange } from "../../commands/arguments";
import { nextKey, prefixEnd } from "../../etcd/keys";
import type { Io } from "../../io";
import { MemberListRequest, RangeRequest } from "../../proto/gen/etcdserverpb";
import type { CallOptions } from "../../transport/transport";
import { createContext } from "../context";
import type { FlagTable } from "../flags";
import type { ParsedFlags } from "../parse-flags";
import { resolveSettings, type GlobalValues } from "../settings";
import type { Candidate, ClusterSource } from "./complete";

export const askVariable = "ETCDCTL_COMPLETE_KEYS";
const patienceMs = 2000;

export async function fromCluster(
  io: Io,
  source: ClusterSource,
  typed: string,
  line: ParsedFlags<FlagTable>,
): Promise<readonly Candidate[]> {
  if (!["1", "true"].includes(io.env[askVariable] ?? "")) return [];
  const silent = { ...io, readPassword: () => Promise.reject(new Error("no place to ask for a password")) };
  const context = createContext(silent, () =>
    resolveSettings(line.values as unknown as GlobalValues, line.given, io.env),
  );
  const late = new AbortController();
  const asked = context.connect().then(({ client }) => {
    const call = { signal: late.signal, deadlineAt: io.clock.now() + patienceMs };
    return candidates[source](client, typed, call);
  });
  asked.catch(() => undefined);
  try {
    const nothing = sleep(io.clock, patienceMs, late.signal).then(() => []);
    const found = await Promise.race([asked, nothing]);
    return found.filter(({ text }) => text.startsWith(typed));
  } finally {
    late.abort();
    await context.close();
  }
}

type Ask = (client: EtcdClient, typed: string, call: CallOptions) => Promise<Candidate[]>;

const candidates: Readonly<Record<ClusterSource, Ask>> = {
  key: keysOneLevel,
  async lease({ lease }, _typed, call) {
    const { leases } = await lease.leaseLeases({}, call);
    return leases.map(({ ID }) => ({ text: ID.toString(16).padStart(16, "0") }));
  },
  async member({ cluster }, _typed, call) {
    const { members } = await cluster.memberList(MemberListRequest.create({ linearizable: false }), call);
    return members.map(({ ID, name }) => ({ text: ID.toString(16), about: name }));
  },
  async user({ auth }, _typed, call) {
    const { users } = await auth.userList({}, call);
    return users.map((text) => ({ text }));
  },
  async role({ auth }, _typed, call) {
    const { roles } = await auth.roleList({}, call);
    return roles.map((text) => ({ text }));
  },
};

const mostKeys = 200n;
const pageKeys = 50n;

/** Up to the next `/`; what is below one is jumped over, however much it is. */
async function keysOneLevel({ kv }: EtcdClient, typed: string, call: CallOptions): Promise<Candidate[]> {
  const found: Candidate[] = [];
  const { key: begin, rangeEnd } = keyRange([typed], { prefix: true, "from-key": false });
  let key = begin;
  const paged = { keysOnly: true, serializable: true, limit: pageKeys };
  for (let isMore = true; isMore && found.length < mostKeys;) {
    const { kvs, more } = await kv.range(RangeRequest.create({ key, rangeEnd, ...paged }), call);
    isMore = more;
    for (const each of kvs) {
      const slash = each.key.indexOf(slashByte, Buffer.byteLength(typed));
      const level = slash < 0 ? each.key : each.key.subarray(0, slash + 1);
      const text = Buffer.from(level).toString();
      key = slash < 0 ? nextKey(each.key) : prefixEnd(level);
      if (text !== found.at(-1)?.text) found.push({ text, isOpen: slash >= 0 });
    }
  }
  return found;
}

const slashByte = 0x2f;
