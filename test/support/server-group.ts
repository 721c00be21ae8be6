// One to three fresh server processes that accept etcd's flags, on free ports. Member IDs rise with the index: etcd derives
// them from the peer URLs, so the ports are chosen for it. stop() ends all processes and removes all files.
import { mkdirSync } from "node:fs";
import path from "node:path";
import type { TlsFiles } from "./certificates";
import { Child } from "./child";
import { httpRequest, type HttpAnswer, type HttpRequest } from "./http-request";
import { freePorts, memberId, release } from "./ports";
import { until } from "./until";
import { makeFolder, removeFolder } from "./work-folder";

const TOKEN = "golden";
const SPARES = 2;

export interface ServerGroupOptions {
  /** The program and its first arguments; etcd's flags follow. */
  readonly command: readonly string[];
  readonly size?: number;
  readonly tls?: { readonly server: TlsFiles; readonly client: TlsFiles; readonly clientAuth: boolean };
  /** Chooses peer ports with low member IDs, so that a member added later has a higher one. */
  readonly lowIds?: boolean;
  /** More flags, made when the ports are known. */
  readonly flags?: (member: Member, group: ServerGroup) => readonly string[];
  /** Fills a member's data dir before it starts. `flags` describe the member as `snapshot restore` needs them. */
  readonly prepare?: (member: Member, flags: readonly string[]) => Promise<void>;
}

export interface Member {
  readonly id: bigint;
  readonly name: string;
  /** host:port */
  readonly endpoint: string;
  readonly port: number;
  readonly peerPort: number;
  readonly dataDir: string;
  child?: Child;
}

export class ServerGroup {
  readonly dir = makeFolder();
  /** The working directory of the servers, also for files of the test. */
  readonly workDir = path.join(this.dir, "work");
  readonly scheme: "http" | "https";
  members: readonly Member[] = [];
  /** Members that are not started, for tests that add them. */
  spares: readonly Member[] = [];
  /** A port where nothing listens, and one that the test may use. */
  deadPort = 0;
  sparePort = 0;

  private constructor(private readonly options: ServerGroupOptions) {
    this.scheme = options.tls ? "https" : "http";
    mkdirSync(this.workDir);
  }

  static async start(options: ServerGroupOptions): Promise<ServerGroup> {
    for (let attempt = 1; ; attempt++) {
      const group = new ServerGroup(options);
      try {
        await group.startAll(options.size ?? 1);
        return group;
      } catch (error) {
        await group.stop();
        // Another process took one of the ports in the meantime.
        if (attempt === 3 || !String(error).includes("address already in use")) throw error;
      }
    }
  }

  get endpoints(): string[] {
    return this.members.map((member) => member.endpoint);
  }

  private async startAll(size: number): Promise<void> {
    const byId = (ports: readonly number[]) =>
      ports
        .map((peerPort) => ({ peerPort, id: memberId(peerUrl(peerPort), TOKEN) }))
        .sort((a, b) => (a.id < b.id ? -1 : 1));
    const candidates = byId(await freePorts(this.options.lowIds ? 100 : size));
    const choice = candidates.slice(0, size);
    for (const { peerPort } of candidates.slice(size)) release(peerPort);
    const ports = await freePorts(size + 2 * SPARES + 2);
    const next = () => ports.pop() ?? 0;
    [this.deadPort, this.sparePort] = [next(), next()];
    const peers = [...choice, ...byId(Array.from({ length: SPARES }, next))];
    const all = peers.map((peer, index) => {
      const port = next();
      const dataDir = path.join(this.dir, `m${index}.etcd`);
      return { ...peer, name: `m${index}`, endpoint: `127.0.0.1:${port}`, port, dataDir };
    });
    this.members = all.slice(0, size);
    this.spares = all.slice(size);
    for (const member of this.members)
      await this.options.prepare?.(member, memberFlags(member, this.members));
    for (const member of this.members) this.launch(member, "new");
    await Promise.all(this.members.map((member) => this.ready(member)));
  }

  private launch(member: Member, state: "new" | "existing", members = this.members): void {
    const { tls, command, flags } = this.options;
    const clientUrl = `${this.scheme}://${member.endpoint}`;
    const argv = [
      ...command,
      ...memberFlags(member, members),
      ...["--listen-client-urls", clientUrl, "--advertise-client-urls", clientUrl],
      ...["--listen-peer-urls", peerUrl(member.peerPort), "--initial-cluster-state", state],
      ...(tls ? ["--cert-file", tls.server.cert, "--key-file", tls.server.key] : []),
      ...(tls?.clientAuth ? ["--client-cert-auth", "--trusted-ca-file", tls.server.ca] : []),
      ...(flags?.(member, this) ?? []),
    ];
    member.child = new Child(argv, { cwd: this.workDir });
  }

  /** Waits until the member is healthy but for a full database, and the cluster version is known. */
  private async ready(member: Member): Promise<void> {
    const isReady = async () => {
      if (member.child?.result) return true;
      const health = await this.request(member, { path: "/health?exclude=NOSPACE" });
      if (!/"health"\s*:\s*"?true/.test(health.body.toString())) return false;
      const version = await this.request(member, { path: "/version" });
      return /"etcdcluster"\s*:\s*"\d/.test(version.body.toString());
    };
    await until(`${member.name} is ready`, isReady);
    const end = member.child?.result;
    if (end) throw new Error(`${member.name} ended: ${end.stderr.toString().slice(-2000)}`);
  }

  request(
    member: Member,
    request: Omit<HttpRequest, "url" | "tls"> & { path: string; port?: number },
  ): Promise<HttpAnswer> {
    const url = `${this.scheme}://127.0.0.1:${request.port ?? member.port}${request.path}`;
    return httpRequest({ ...request, url, tls: this.options.tls?.client });
  }

  /** POST to etcd's JSON gateway. */
  async gateway(member: Member, method: string, body = "{}"): Promise<Record<string, unknown>> {
    const answer = await this.request(member, { method: "POST", path: `/v3/${method}`, body });
    if (answer.status !== 200) throw new Error(`${method}: ${answer.status} ${answer.body.toString()}`);
    return JSON.parse(answer.body.toString()) as Record<string, unknown>;
  }

  /** Waits until all members report the same leader. */
  leader(): Promise<Member> {
    return until("all members know one leader", async () => {
      const answers = await Promise.all(
        this.members.map((member) => this.gateway(member, "maintenance/status")),
      );
      const leaders = new Set(answers.map((answer) => answer["leader"]));
      return leaders.size === 1 ? this.members.find((member) => leaders.has(`${member.id}`)) : undefined;
    });
  }

  /** Makes `member` the leader. */
  async lead(member: Member): Promise<void> {
    await until(`${member.name} leads`, async () => {
      const leader = await this.leader();
      if (leader === member) return true;
      const target = JSON.stringify({ targetID: `${member.id}` });
      await this.gateway(leader, "maintenance/transfer-leadership", target);
      return false;
    });
  }

  async kill(member: Member): Promise<void> {
    member.child?.signal("SIGKILL");
    await member.child?.ended;
  }

  async restart(member: Member): Promise<void> {
    this.launch(member, "existing");
    await this.ready(member);
  }

  /** Starts a spare after `member add`. It waits for an answer only, because a learner is never healthy. */
  async startAdded(member: Member): Promise<void> {
    this.launch(member, "existing", [...this.members, member]);
    await until(`${member.name} answers`, () => this.request(member, { path: "/version" }));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.members, ...this.spares].map((member) => this.kill(member)));
    removeFolder(this.dir);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

function memberFlags(member: Member, members: readonly Member[]): string[] {
  const cluster = members.map((each) => `${each.name}=${peerUrl(each.peerPort)}`).join(",");
  return [
    ...["--name", member.name, "--data-dir", member.dataDir],
    ...["--initial-advertise-peer-urls", peerUrl(member.peerPort)],
    ...["--initial-cluster", cluster, "--initial-cluster-token", TOKEN],
  ];
}

function peerUrl(port: number): string {
  return `http://127.0.0.1:${port}`;
}
