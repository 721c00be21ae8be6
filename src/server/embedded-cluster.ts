// A pretended cluster for tests of clients: several servers that show one store as members of a cluster. There is no raft
// and no second copy of the data. What clients see is a member list, a leader, and members that fail.
import type { LibraryClient } from "../client/library/client";
import { createClient } from "../client/library/client";
import { asyncDispose } from "../client/library/lease-handle";
import { kindOf } from "../client/library/input";
import { checkOptions, checkValue, type OptionTable } from "../client/library/options";
import { backgroundClock } from "../clock";
import { serverError } from "../etcd/error-table";
import { pretendedMembership } from "./cluster/membership";
import { createEtcdServer } from "./member/create-etcd-server";
import type { EtcdServer } from "./member/etcd-server";
import { LeaderStreams } from "./member/leader-streams";
import { limitsTable, type LimitOptions } from "./member/limits";
import { guardedClock } from "./guarded-clock";
import type { ServerTls } from "./http/tls-server";
import { inProcessTransport } from "./rpc/in-process-transport";
import { allRoutes } from "./rpc/all-routes";
import { EmbeddedServer } from "./server";
import type { ServerCertificates } from "./testing/certificate-files";
import type { Faults } from "./testing/faults";
import { keysOf } from "./testing/load";
import { memberRoutes } from "./testing/member-routes";
import { startOnOwnPort } from "./testing/own-port";
import type { RequestLog } from "./testing/request-log";
import { ServerTools, stateOf } from "./testing/server-tools";
import { checkAuthSetup, setUpAuth, type AuthSetup } from "./testing/set-up-auth";
import { isTestRunner } from "./testing/test-runner";
import { Topology, type TopologyMember } from "./testing/topology";
import { TravelClock } from "./testing/travel-clock";

/** Options of startEmbeddedCluster. */
export interface EmbeddedClusterOptions {
  /** How many members. Default: 3. */
  readonly size?: number | undefined;
  /** Keys and values to put before the first request, all in one revision. Strings are UTF-8. Default: none. */
  readonly keys?: Readonly<Record<string, string | Uint8Array>> | undefined;
  /** Users and roles from the start, with authentication on. Default: none. */
  readonly auth?: AuthSetup | undefined;
  /** With true, the cluster makes certificates, see `certificates`. Default: false. */
  readonly tls?: boolean | undefined;
  /** Limits on requests, members and the database. Default: etcd's. */
  readonly limits?: LimitOptions | undefined;
  /** How long a call waits at a member without a leader, in milliseconds on the cluster's clock. Default: 7000, etcd's. */
  readonly requestTimeoutMs?: number | undefined;
  /** True lets the process exit while the members still listen. Default: true under a test runner, otherwise false. */
  readonly unref?: boolean | undefined;
}

const clusterTable = {
  size: "count",
  keys: "object",
  auth: { users: "object", roles: "object" },
  tls: "boolean",
  limits: limitsTable,
  requestTimeoutMs: "duration",
  unref: "boolean",
} as const satisfies OptionTable<EmbeddedClusterOptions>;

const maxSize = 9;
const firstPeerPort = 2380;

/**
 * Starts a pretended cluster: `size` servers in this process that show one shared store as the members of a cluster. For
 * tests of clients only: there is no raft, and nothing is replicated.
 *
 * @example
 * await using cluster = await startEmbeddedCluster({ size: 3 });
 * const client = await connect({ endpoints: cluster.endpoints });
 * await cluster.leader?.stop(); // another member leads
 */
export async function startEmbeddedCluster(options: EmbeddedClusterOptions = {}): Promise<EmbeddedCluster> {
  checkOptions("startEmbeddedCluster", options, clusterTable);
  const { size = 3 } = options;
  if (!Number.isInteger(size) || size < 1 || size > maxSize)
    throw new RangeError(
      `option size of startEmbeddedCluster must be an integer from 1 to ${maxSize}: ${size}`,
    );
  checkAuthSetup(options.auth ?? {});
  return EmbeddedCluster.start(size, options);
}

/** A running pretended cluster, made by startEmbeddedCluster. */
export class EmbeddedCluster {
  /** The clock of all members. `advance(ms)` moves it ahead: leases that end until then end at once. */
  readonly clock = new TravelClock(backgroundClock);
  readonly members: readonly ClusterMember[];
  private readonly topology: Topology;
  private readonly server: EtcdServer;
  private readonly release: (() => void) | undefined;
  private stopped: Promise<void> | undefined;

  private constructor(
    size: number,
    options: EmbeddedClusterOptions,
    private readonly issued: ServerCertificates | undefined,
  ) {
    const names = Array.from({ length: size }, (_, index) => `m${index + 1}`);
    const peers = new Map(names.map((name, index) => [name, `http://127.0.0.1:${firstPeerPort + index}`]));
    const membership = pretendedMembership(peers);
    const clock = guardedClock(this.clock, (error) => console.error(error));
    this.server = createEtcdServer({
      ...{ clock, membership, limits: options.limits, auth: { bcryptCost: 4 } },
      keys: keysOf("keys", options.keys ?? {}),
      hasLeader: () => this.topology.leader !== undefined,
    });
    const states = names.map((name): TopologyMember => {
      const id = membership.members.find((each) => each.name === name)?.id ?? 0n;
      return { id, name, isRunning: false, isPaused: false, group: 0 };
    });
    const voters = () => this.server.membership.members.filter(({ isLearner }) => !isLearner).length;
    this.topology = new Topology(states, voters, (state) => this.memberOf(state).loseLeader());
    this.release = issued?.hold();
    const shared: SharedByMembers = {
      ...{ server: this.server, topology: this.topology, clock: this.clock },
      requestTimeoutMs: options.requestTimeoutMs ?? 7000,
      unref: options.unref ?? isTestRunner(),
      tls: issued?.serverTls(false),
      hasStopped: () => this.stopped !== undefined,
      onRemoved: (id) => void this.members.find((member) => member.id === id)?.stop(),
    };
    this.members = states.map((state) => new ClusterMember(shared, state));
  }

  /** Programs use startEmbeddedCluster. */
  static async start(size: number, options: EmbeddedClusterOptions): Promise<EmbeddedCluster> {
    const { ServerCertificates: Certificates } = await import("./testing/certificate-files");
    const certificates = options.tls === true ? await Certificates.make() : undefined;
    const cluster = new EmbeddedCluster(size, options, certificates);
    try {
      await setUpAuth(createClient(inProcessTransport(allRoutes(cluster.server))), options.auth ?? {});
      for (const member of cluster.members) await member.restart();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** The URLs of all members, also of those that are stopped. */
  get endpoints(): readonly string[] {
    return this.members.map(({ endpoint }) => endpoint);
  }

  /** The member that leads. Undefined while no group of members has a majority. */
  get leader(): ClusterMember | undefined {
    const { leader } = this.topology;
    return leader && this.memberOf(leader);
  }

  /** The raft term that members show. Each election raises it. */
  get term(): bigint {
    return this.topology.term;
  }

  /** The certificates of a cluster with `tls: true`. Throws an Error for other clusters. */
  get certificates(): ServerCertificates {
    if (this.issued === undefined)
      throw new Error("this cluster has no certificates: start it with tls: true");
    return this.issued;
  }

  /** Makes a member the leader. Throws an Error if it cannot lead: stopped, paused, or apart from the majority. */
  moveLeader(member: ClusterMember): void {
    if (!this.topology.moveTo(this.stateOf(member))) throw new Error(`${member.name} cannot lead`);
  }

  /**
   * Splits the network: members of one group reach each other, and no others. Members that no group names form one more
   * group. Clients still reach every member. The group with a majority has a leader; the others have none.
   */
  partition(...groups: readonly (readonly ClusterMember[])[]): void {
    const numbers = new Map<TopologyMember, number>();
    for (const [index, group] of groups.entries()) {
      checkValue("each group of partition", "list", group);
      for (const each of group) {
        const state = this.stateOf(each);
        if (numbers.has(state)) throw new TypeError(`${each.name} is in two groups of partition`);
        numbers.set(state, index + 1);
      }
    }
    this.topology.change(() => {
      for (const state of this.topology.members) state.group = numbers.get(state) ?? 0;
    });
  }

  /** Ends every partition. */
  heal(): void {
    this.partition();
  }

  /** Every key with its value. A value that is not UTF-8 is a Buffer. */
  dump(): Record<string, string | Buffer> {
    return stateOf(this.server);
  }

  /** Stops all members. Further calls return the same promise. */
  stop(): Promise<void> {
    return (this.stopped ??= this.stopAll());
  }

  /** Same as stop(), for `await using`. */
  [asyncDispose](): Promise<void> {
    return this.stop();
  }

  private async stopAll(): Promise<void> {
    await Promise.all(this.members.map((member) => member.stop()));
    this.server.close();
    this.release?.();
  }

  private memberOf(state: TopologyMember): ClusterMember {
    const found = this.members.find(({ id }) => id === state.id);
    if (found === undefined) throw new Error(`no member ${state.name}`);
    return found;
  }

  private stateOf(member: ClusterMember): TopologyMember {
    if (!(member instanceof ClusterMember))
      throw new TypeError(`a member of this cluster is needed, not ${kindOf(member)}`);
    const found = this.topology.members.find(({ id }) => id === member.id);
    if (found === undefined) throw new Error(`${member.name} belongs to another cluster`);
    return found;
  }
}

interface SharedByMembers {
  readonly server: EtcdServer;
  readonly topology: Topology;
  readonly clock: TravelClock;
  readonly requestTimeoutMs: number;
  readonly unref: boolean;
  readonly tls: ServerTls | undefined;
  onRemoved(id: bigint): void;
  /** Whether the whole cluster has stopped. */
  hasStopped(): boolean;
}

/** One member of a pretended cluster. */
export class ClusterMember {
  readonly id: bigint;
  readonly name: string;
  private readonly tools: ServerTools;
  private readonly leaderStreams: LeaderStreams;
  private running: EmbeddedServer | undefined;
  private url: string | undefined;
  private frozenRevision: bigint | undefined;

  /** @internal */
  constructor(
    private readonly shared: SharedByMembers,
    private readonly state: TopologyMember,
  ) {
    this.id = state.id;
    this.name = state.name;
    this.tools = new ServerTools(shared.clock, {});
    this.leaderStreams = new LeaderStreams(shared.clock, 0);
  }

  /** The URL of the member. It stays the same after `restart`. */
  get endpoint(): string {
    if (this.url === undefined) throw new Error(`${this.name} has not started`);
    return this.url;
  }

  get isLeader(): boolean {
    return this.shared.topology.leader === this.state;
  }

  get isRunning(): boolean {
    return this.state.isRunning;
  }

  /** Makes this member misbehave. */
  get faults(): Faults {
    return this.tools.faults;
  }

  /** What clients have asked this member. */
  get requests(): RequestLog {
    return this.tools.requests;
  }

  /** A client of this member without a socket. Throws an Error while the member is stopped. */
  client(): LibraryClient {
    if (this.running === undefined) throw new Error(`${this.name} is stopped`);
    return this.running.client();
  }

  /** Stops the member at once, as a crash does: its connections close, and another member leads if it led. */
  async stop(): Promise<void> {
    const { running } = this;
    this.running = undefined;
    this.shared.topology.change(() => (this.state.isRunning = false));
    this.tools.calls.end({ error: serverError("stopped") });
    await running?.stop({ drainMs: 0 });
  }

  /** Starts the member again, at the same URL. Does nothing for one that runs. Rejects once the cluster has stopped. */
  async restart(): Promise<void> {
    if (this.shared.hasStopped()) throw new Error(`${this.name} cannot start: its cluster has stopped`);
    if (this.running !== undefined) return;
    const { server, tls, unref, topology, clock, requestTimeoutMs, onRemoved } = this.shared;
    const { state: member } = this;
    const view = {
      ...{ server, topology, member, clock, requestTimeoutMs, onRemoved, leaderStreams: this.leaderStreams },
      frozenRevision: () => (topology.hasLeader(member) ? undefined : this.frozenRevision),
    };
    const startAt = (url: string) =>
      EmbeddedServer.start(
        { name: this.name, tls, unref, limits: server.limits, listenClientUrls: [url] },
        {
          tools: this.tools,
          shared: {
            ...{ server, memberId: this.id },
            view: (routes) => memberRoutes(routes, view),
            hasLeader: () => topology.hasLeader(member),
          },
        },
      );
    const scheme = tls === undefined ? "http" : "https";
    this.running = await (this.url === undefined
      ? startOnOwnPort((port) => startAt(`${scheme}://127.0.0.1:${port}`))
      : startAt(this.url));
    this.url = this.running.endpoint;
    this.frozenRevision = BigInt(server.store.revision);
    topology.change(() => Object.assign(member, { isRunning: true, isPaused: false }));
  }

  /** The member takes requests and answers none, as a stopped process does. Another member leads if it led. */
  pause(): void {
    this.shared.topology.change(() => (this.state.isPaused = true));
  }

  /** Ends a pause: the requests that wait are answered. */
  resume(): void {
    this.shared.topology.change(() => (this.state.isPaused = false));
  }

  /** Cuts this member off from all others. Clients still reach it. */
  partition(): void {
    this.shared.topology.change(() => {
      const groups = this.shared.topology.members.map(({ group }) => group);
      this.state.group = Math.max(...groups) + 1;
    });
  }

  /** Connects this member to those that are in no partition. */
  heal(): void {
    this.shared.topology.change(() => (this.state.group = 0));
  }

  /** @internal The member has lost its leader: streams of clients that require one end, and its state is that of this moment. */
  loseLeader(): void {
    this.frozenRevision = BigInt(this.shared.server.store.revision);
    this.leaderStreams.end();
  }
}
