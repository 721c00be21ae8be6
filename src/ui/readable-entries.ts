// The first level of the tree for a user who may not read all keys: the keys and prefixes that the roles of this user name.
import { EtcdError } from "../errors";
import { prefixEnd } from "../etcd/keys";
import { Permission_Type, type Permission } from "../proto/gen/authpb";
import type { Entry } from "./api";
import { base64Of, labelOf } from "./names";
import { callOf, type Caller } from "./source";

/** Empty if it cannot be found out, as for a user that only a certificate names. */
export async function readableEntries(caller: Caller): Promise<readonly Entry[]> {
  const { client, userName } = caller.source;
  if (userName === "") return [];
  try {
    const { roles } = await client.auth.userGet({ name: userName }, callOf(caller));
    const answers = await Promise.all(roles.map((role) => client.auth.roleGet({ role }, callOf(caller))));
    return entriesOf(answers.flatMap(({ perm }) => perm));
  } catch (error) {
    if (error instanceof EtcdError) return [];
    throw error;
  }
}

/** A range that is neither a key nor a prefix has no place in the tree. */
function entriesOf(permissions: readonly Permission[]): Entry[] {
  const entries = new Map<string, Entry>();
  const readable = permissions.filter(({ permType }) => permType !== Permission_Type.WRITE);
  for (const { key, rangeEnd } of readable.sort((a, b) => Buffer.compare(a.key, b.key))) {
    const isKey = rangeEnd.length === 0;
    if (!isKey && Buffer.compare(prefixEnd(key), rangeEnd) !== 0) continue;
    const entry: Entry = { kind: isKey ? "key" : "folder", key: base64Of(key), label: labelOf(key) };
    entries.set(`${entry.kind} ${entry.key}`, entry);
  }
  return [...entries.values()];
}
