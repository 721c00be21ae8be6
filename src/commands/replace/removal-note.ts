// A note in the cluster that `member replace` has removed a member and not yet added the new one: the one moment that the member
// list does not show. The note is a lease without keys. Its ID follows from the arguments, so only the same command finds it, from
// any machine, and a mistyped name never adds a member. It expires after a day.
import { createHash } from "node:crypto";
import { isServerError } from "../../etcd/error-table";
import { LeaseTimeToLiveRequest } from "../../proto/gen/etcdserverpb";
import type { CommandContext } from "../command";
import type { MemberChanges } from "./member-changes";

const lifeSeconds = 86_400n;

export class RemovalNote {
  private readonly ID: bigint;

  constructor(
    private readonly context: CommandContext,
    private readonly changes: MemberChanges,
    typed: string,
    urls: readonly string[],
  ) {
    const hash = createHash("sha256").update(JSON.stringify(["member replace", typed, urls]));
    this.ID = BigInt.asUintN(62, hash.digest().readBigUInt64BE());
  }

  /** False if the cluster takes no lease: under the alarm NOSPACE members can be changed, but nothing can be stored. */
  async leave(): Promise<boolean> {
    try {
      await this.changes.patiently(({ lease }) =>
        lease.leaseGrant({ ID: this.ID, TTL: lifeSeconds }, this.context.call()),
      );
      return true;
    } catch (error) {
      if (isServerError(error, "noSpace")) return false;
      if (isServerError(error, "leaseExist")) return true;
      throw error;
    }
  }

  async isLeft(): Promise<boolean> {
    const request = LeaseTimeToLiveRequest.create({ ID: this.ID });
    const { TTL } = await this.changes.patiently(({ lease }) =>
      lease.leaseTimeToLive(request, this.context.call()),
    );
    return TTL >= 0n;
  }

  async remove(): Promise<void> {
    try {
      await this.changes.patiently(({ lease }) => lease.leaseRevoke({ ID: this.ID }, this.context.call()));
    } catch (error) {
      if (!isServerError(error, "leaseNotFound")) throw error;
    }
  }
}
