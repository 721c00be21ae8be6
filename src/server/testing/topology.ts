// Which members of a pretended cluster run, which of them reach each other, and who leads. A change of this elects at once:
// the group with a majority of the voters has a leader, every other member has none.
import type { Clock } from "../../clock";

/** One member, as the others see it. */
export interface TopologyMember {
  readonly id: bigint;
  readonly name: string;
  isRunning: boolean;
  /** Takes connections and answers nothing. */
  isPaused: boolean;
  /** Members with the same number reach each other. */
  group: number;
}

export class Topology {
  /** The first leader is elected in term 2, as in a new cluster of etcd. */
  term = 1n;
  private current: TopologyMember | undefined;
  private readonly waiting = new Set<() => void>();

  constructor(
    readonly members: readonly TopologyMember[],
    /** How many voters the member list has. */
    private readonly voters: () => number,
    /** Called after a change, for each member that has no leader any more. */
    private readonly onLeaderLost: (member: TopologyMember) => void,
  ) {}

  get leader(): TopologyMember | undefined {
    return this.current;
  }

  /** Whether a member knows a leader. */
  hasLeader(member: TopologyMember): boolean {
    return this.current !== undefined && member.isRunning && member.group === this.current.group;
  }

  /** Changes members, then elects. */
  change(apply: () => void): void {
    const before = this.members.filter((member) => this.hasLeader(member));
    apply();
    this.elect();
    for (const member of before) if (member.isRunning && !this.hasLeader(member)) this.onLeaderLost(member);
    for (const wake of [...this.waiting]) wake();
  }

  /** False if the member cannot lead, because it does not answer or has no majority. */
  moveTo(member: TopologyMember): boolean {
    if (member === this.current) return true;
    if (!this.hasLeader(member) || member.isPaused) return false;
    this.change(() => this.lead(member));
    return true;
  }

  /** Resolves to false when the condition has not become true in time, or the signal is aborted before. */
  async when(
    condition: () => boolean,
    clock: Clock,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (condition()) return true;
    return new Promise((resolve) => {
      const end = (result: boolean) => {
        this.waiting.delete(look);
        timer?.cancel();
        signal.removeEventListener("abort", leave);
        resolve(result);
      };
      const look = () => {
        if (condition()) end(true);
      };
      const leave = () => end(false);
      const timer = timeoutMs === Infinity ? undefined : clock.setTimeout(leave, timeoutMs);
      this.waiting.add(look);
      signal.addEventListener("abort", leave);
      if (signal.aborted) leave();
    });
  }

  private elect(): void {
    const alive = this.members.filter(({ isRunning, isPaused }) => isRunning && !isPaused);
    const majority = alive.filter(
      ({ group }) => 2 * alive.filter((each) => each.group === group).length > this.voters(),
    );
    if (this.current !== undefined && majority.includes(this.current)) return;
    if (majority[0] === undefined) this.current = undefined;
    else this.lead(this.nextOf(majority));
  }

  private lead(member: TopologyMember): void {
    this.current = member;
    this.term++;
  }

  /** The first one after the last leader, so that repeated failures reach every member. */
  private nextOf(candidates: readonly TopologyMember[]): TopologyMember {
    const last = this.current === undefined ? -1 : this.members.indexOf(this.current);
    const next = candidates.find((member) => this.members.indexOf(member) > last) ?? candidates[0];
    if (next === undefined) throw new Error("no member can lead");
    return next;
  }
}
