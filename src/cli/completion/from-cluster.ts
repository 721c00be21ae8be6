// Names from the cluster for the completion: keys, leases, members, users and roles. Only with ETCDCTL_COMPLETE_KEYS=1 in the
// environment, because each press of the tab key sends requests to the server.
import type { EtcdClient } from "../../client/client";
import { keyAfterPage } from "../../client/range";
import { sleep } from "../../clock";
import { keyRange } from "../../commands/arguments";
import { nextKey, prefixEnd } from "../../etcd/keys";
import type { Io } from "../../io";
import { MemberListRequest, RangeRequest } from "../../proto/gen/etcdserverpb";
import type { CallOptions } from "../../transport/transport";
import { createContext } from "../context";
import type { FlagTable, ValueSource } from "../../input/flags";
import type { ParsedFlags } from "../../input/parse-flags";
import { lineSettings, type Session } from "../session/session";
import { resolveSettings, type GlobalValues } from "../settings";

export interface Candidate {
  readonly text: string;
  readonly about?: string;
  /** More may follow without a blank, as after the `/` of a folder. */
  readonly isOpen?: boolean;
}

export type ClusterSource = Exclude<ValueSource, "file" | "directory" | "profile">;

const variable = "ETCDCTL_COMPLETE_KEYS";
const timeoutMs = 2000;

/** Names of a kind that begin with `typed`; none when the cluster does not respond in time. The line's flags name the cluster. */
export async function fromCluster(
  io: Io,
  source: ClusterSource,
  typed: string,
  line: ParsedFlags<FlagTable>,
  session?: Session,
): Promise<readonly Candidate[]> {
  if (!["1", "true"].includes(io.env[variable] ?? "")) return [];
  const silent = {
    ...io,
    readPassword: () => Promise.reject(new Error("the completion cannot prompt for a password")),
  };
  const resolve = () =>
    session
      ? lineSettings(line, session, io)
      : resolveSettings(line.values as unknown as GlobalValues, line.given, io.env);
  const context = createContext(silent, resolve, session?.clients);
  const ended = new AbortController();
  const answered = context.connect().then(({ client }) => {
    const call = { signal: ended.signal, deadlineAt: io.clock.now() + timeoutMs };
    return candidates[source](client, typed, call);
  });
  answered.catch(() => undefined);
  try {
    const nothing = sleep(io.clock, timeoutMs, ended.signal).then(() => []);
    const found = await Promise.race([answered, nothing]);
    return found.filter(({ text }) => text.startsWith(typed));
  } finally {
    ended.abort();
    await context.close();
  }
}

type Source = (client: EtcdClient, typed: string, call: CallOptions) => Promise<Candidate[]>;

const candidates: Readonly<Record<ClusterSource, Source>> = {
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

const maxKeys = 200n;
const pageKeys = 50n;

/** Keys up to their next `/`. The search skips all keys below a `/` that it has found. */
async function keysOneLevel({ kv }: EtcdClient, typed: string, call: CallOptions): Promise<Candidate[]> {
  const found: Candidate[] = [];
  const { key: begin, rangeEnd } = keyRange([typed], { prefix: true, "from-key": false });
  let key = begin;
  const paged = { keysOnly: true, serializable: true, limit: pageKeys };
  for (let isMore = true; isMore && found.length < maxKeys;) {
    const request = RangeRequest.create({ key, rangeEnd, ...paged });
    const { kvs, more } = await kv.range(request, call);
    isMore = more;
    if (more) keyAfterPage(request, kvs.at(-1)?.key);
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
