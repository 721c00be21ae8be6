// Changes of the member list that are repeated while etcd refuses them for now: it wants its connections to be a few seconds old,
// and an election may be under way. After a timeout the list shows whether the change was made.
import type { EtcdClient } from "../../client/client";
import { sleep } from "../../clock";
import { EtcdError, StatusCode } from "../../errors";
import { isServerError, type ServerErrorName } from "../../etcd/error-table";
import { MemberAddRequest, MemberListRequest, type Member } from "../../proto/gen/etcdserverpb";
import type { CommandContext } from "../command";

const pauseMs = 500;
/** etcd's HealthInterval is 5 s; an election comes on top. */
const patienceMs = 30_000;

const temporary: readonly ServerErrorName[] = [
  ...(["unhealthy", "noLeader", "leaderChanged", "timeout"] as const),
  ...(["timeoutDueToLeaderFail", "timeoutDueToConnectionLost"] as const),
];

export class MemberChanges {
  constructor(
    private readonly context: CommandContext,
    private readonly client: EtcdClient,
  ) {}

  async list(): Promise<readonly Member[]> {
    const request = MemberListRequest.create({ linearizable: true });
    return (await this.patiently(({ cluster }) => cluster.memberList(request, this.context.call()))).members;
  }

  /** As a learner. */
  async add(peerURLs: readonly string[]): Promise<void> {
    const request = MemberAddRequest.create({ peerURLs: [...peerURLs], isLearner: true });
    await this.patiently(async ({ cluster }) => {
      const isThere = (await this.list()).some((each) => each.peerURLs.some((url) => peerURLs.includes(url)));
      if (!isThere) await cluster.memberAdd(request, this.context.call());
    });
  }

  async remove(ID: bigint): Promise<void> {
    await this.patiently(async ({ cluster }) => {
      const isThere = (await this.list()).some((each) => each.ID === ID);
      if (isThere) await cluster.memberRemove({ ID }, this.context.call());
    });
  }

  /** False if the learner is not ready after `waitMs`. */
  async promote(ID: bigint, waitMs: number): Promise<boolean> {
    const { clock, interrupt } = this.context.io;
    const endAt = clock.now() + waitMs;
    const progress = this.context.io.progress();
    progress.update("waiting for the learner");
    try {
      for (;;) {
        if (await this.patiently(() => this.tryToPromote(ID))) return true;
        if (clock.now() >= endAt) return false;
        await sleep(clock, pauseMs, interrupt);
        interrupt.throwIfAborted();
      }
    } finally {
      progress.stop();
    }
  }

  private async tryToPromote(ID: bigint): Promise<boolean> {
    try {
      const learner = (await this.list()).find((each) => each.ID === ID);
      if (learner?.isLearner !== false) await this.client.cluster.memberPromote({ ID }, this.context.call());
      return true;
    } catch (error) {
      if (isServerError(error, "learnerNotReady")) return false;
      throw error;
    }
  }

  /** A change whose response is lost may be sent twice. */
  async patiently<T>(change: (client: EtcdClient) => Promise<T>): Promise<T> {
    const { clock, interrupt } = this.context.io;
    const endAt = clock.now() + patienceMs;
    for (;;) {
      try {
        return await change(this.client);
      } catch (error) {
        interrupt.throwIfAborted();
        if (clock.now() >= endAt || !isTemporary(error)) throw error;
      }
      await sleep(clock, pauseMs, interrupt);
      interrupt.throwIfAborted();
    }
  }
}

function isTemporary(error: unknown): boolean {
  if (!(error instanceof EtcdError)) return false;
  const isLost = error.code === StatusCode.DeadlineExceeded || error.code === StatusCode.Unavailable;
  return isLost || temporary.some((name) => isServerError(error, name));
}
