// Runs operations on a durable server and on the model, and compares every response. The server's disk loses power or its
// process ends at random moments; what was acknowledged must be there afterwards, and of what was not, a beginning.
import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { createClient, type EtcdClient } from "../../src/client/client";
import type { RangeRequest } from "../../src/proto/gen/etcdserverpb";
import {
  CompactionResponse,
  DeleteRangeResponse,
  LeaseGrantResponse,
  LeaseKeepAliveRequest,
  LeaseLeasesResponse,
  LeaseRevokeResponse,
  LeaseTimeToLiveResponse,
  PutResponse,
  RangeResponse,
  TxnResponse,
  type ResponseHeader,
  LeaseKeepAliveResponse,
} from "../../src/proto/gen/etcdserverpb";
import { inProcessTransport } from "../../src/server/rpc/in-process-transport";
import { openMember, type OpenedMember } from "../../src/server/member/open-member";
import { allRoutes } from "../../src/server/rpc/all-routes";
import { openDataDir } from "../../src/storage/data-dir";
import { toEnd } from "../../src/storage/steps";
import { FaultyDisk } from "../support/faulty-disk";
import { ManualClock } from "../support/manual-clock";
import { seeded } from "../support/seeded";
import { answered, assertSame, compare, expected, isFromLog, type Answer } from "./answers";
import { NaiveServer } from "./naive-server";
import { bytesOf, leaseGraceMs, shownKeyValue, stateText } from "./naive-store";
import { describe, operationOf, type Change, type Operation } from "./operations";
import { Watched } from "./watched";

const maxWatches = 6;
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

export class Run {
  private readonly disk: FaultyDisk;
  private readonly model = new NaiveServer();
  private readonly dataDir: string;
  private clock = new ManualClock();
  private member: OpenedMember | undefined;
  private client: EtcdClient | undefined;
  private watches: Watched[] = [];
  readonly history: string[] = [];
  /** Operations so far, also those of bursts. */
  operations = 0;

  /** `patienceMs` ends a wait for what does not happen. */
  constructor(
    private readonly folder: string,
    private readonly patienceMs: number,
  ) {
    const spare = path.join(folder, "spare");
    mkdirSync(spare, { recursive: true });
    this.disk = new FaultyDisk(spare);
    this.dataDir = path.join(folder, "d");
  }

  /** Runs the operation of each number. Throws at the first difference. */
  async all(seeds: readonly number[]): Promise<void> {
    this.disk.install();
    try {
      await this.start();
      for (const seed of seeds) await this.one(seed);
      await this.restart();
    } finally {
      await this.disk.kill();
      this.disk.uninstall();
      rmSync(this.folder, { recursive: true, force: true });
    }
  }

  private async one(seed: number): Promise<void> {
    const operations = operationOf(seed, this.model.store);
    const operation = operations.next();
    this.history.push(describe(operation));
    this.operations++;
    await this.carryOut(operation, seed);
    for (const watch of this.watches) watch.isComplete();
  }

  private get server() {
    if (this.member === undefined) throw new Error("no member is open");
    return this.member.server;
  }

  private get api(): EtcdClient {
    if (this.client === undefined) throw new Error("no member is open");
    return this.client;
  }

  private async start(): Promise<void> {
    this.clock = new ManualClock();
    this.model.store.restart();
    this.member = await this.disk.run(async () => {
      const dir = await openDataDir(this.dataDir, { mode: "write", lockWaitMs: 0 });
      return openMember(dir, {
        ...{ clock: this.clock, elects: true, leaseGraceMs, snapshotCount: 100, onError: () => undefined },
        log: { segmentSizeBytes: 32 * 1024, maxSegments: 2 },
      });
    });
    this.client = createClient(inProcessTransport(allRoutes(this.server)));
  }

  private serverState(): string {
    const { store, lessor } = this.server;
    const { kvs } = store.range(bytesOf("\0"), new Uint8Array());
    return stateText(store.revision, store.compactRevision, toEnd(lessor.leases()), kvs.map(shownKeyValue));
  }

  private async settled(what: string, isDone: () => boolean): Promise<void> {
    const deadline = performance.now() + this.patienceMs;
    while (!isDone()) {
      if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
      await nextTurn();
    }
  }

  private async carryOut(operation: Operation, seed: number): Promise<void> {
    switch (operation.kind) {
      case "range":
        return compare(
          await answered(RangeResponse, this.api.kv.range(operation.request)),
          expected(RangeResponse, () => this.model.range(operation.request)),
        );
      case "rangeStream":
        return compare(
          await answered(RangeResponse, this.readStream(operation.request)),
          expected(RangeResponse, () => this.model.range(operation.request)),
        );
      case "timeToLive":
        return this.timeToLive(operation.id);
      case "leases":
        return compare(
          await answered(LeaseLeasesResponse, this.api.lease.leaseLeases({})),
          expected(LeaseLeasesResponse, () => this.leasesByExpiry()),
        );
      case "keepAlive":
        return this.keepAlive(operation.id);
      case "advance":
        return this.advance(operation.ms);
      case "watch":
        return this.watch(new Watched(this.model.store, operation.request));
      case "endWatch":
        return this.endWatch(operation.index);
      case "defragment":
        return void (await this.server.defragment());
      case "restart":
        return this.restart();
      case "burst":
        return this.burst(seed, operation.changes);
      case "crash":
        return this.crash(seed, operation);
      default:
        return compare(await this.send(operation), this.apply(operation));
    }
  }

  private send(change: Change): Promise<Answer> {
    const { kv, lease } = this.api;
    switch (change.kind) {
      case "put":
        return answered(PutResponse, kv.put(change.request));
      case "deleteRange":
        return answered(DeleteRangeResponse, kv.deleteRange(change.request));
      case "txn":
        return answered(TxnResponse, kv.txn(change.request));
      case "compact":
        return answered(CompactionResponse, kv.compact(change.request));
      case "grant":
        return answered(LeaseGrantResponse, lease.leaseGrant(change.request));
      case "revoke":
        return answered(LeaseRevokeResponse, lease.leaseRevoke({ ID: change.id }));
    }
  }

  private apply(change: Change): Answer {
    const { model } = this;
    const { store } = model;
    switch (change.kind) {
      case "put":
        return expected(PutResponse, () => model.put(change.request));
      case "deleteRange":
        return expected(DeleteRangeResponse, () => model.deleteRange(change.request));
      case "txn":
        return expected(TxnResponse, () => model.txn(change.request));
      case "compact":
        return expected(CompactionResponse, () => {
          store.compact(Number(change.request.revision));
          return { header: this.header() };
        });
      case "grant": {
        const { ID, TTL } = change.request;
        return expected(LeaseGrantResponse, () => {
          const granted = store.grant(ID, TTL);
          return { header: this.header(), ID, TTL: granted, error: "" };
        });
      }
      case "revoke":
        return expected(LeaseRevokeResponse, () => {
          store.revoke(change.id);
          return { header: this.header() };
        });
    }
  }

  private header(): ResponseHeader {
    return { clusterId: 0n, memberId: 0n, raftTerm: 0n, revision: BigInt(this.model.store.revision) };
  }

  private async readStream(request: RangeRequest): Promise<RangeResponse> {
    const whole = RangeResponse.create();
    for await (const { rangeResponse } of this.api.kv.rangeStream(request)) {
      if (rangeResponse === undefined) throw new Error("an empty part of a stream");
      const { header, kvs, more, count } = rangeResponse;
      whole.kvs.push(...kvs);
      if (header !== undefined) Object.assign(whole, { header, more, count });
    }
    return whole;
  }

  private async timeToLive(id: bigint): Promise<void> {
    const { store } = this.model;
    const answer = await answered(
      LeaseTimeToLiveResponse,
      this.api.lease.leaseTimeToLive({ ID: id, keys: true }),
    );
    const lease = store.leases.get(id);
    const rest = { header: this.header(), ID: id };
    const response =
      lease === undefined
        ? { ...rest, TTL: -1n, grantedTTL: 0n, keys: [] }
        : {
            ...rest,
            TTL: BigInt(Math.trunc((lease.expiresAtMs - store.nowMs) / 1000)),
            grantedTTL: lease.ttl,
            keys: store.keysOf(id).map(bytesOf),
          };
    compare(answer, { type: LeaseTimeToLiveResponse, response });
  }

  private leasesByExpiry(): object {
    const byExpiry = [...this.model.store.leases].sort(([, a], [, b]) => a.expiresAtMs - b.expiresAtMs);
    return { header: this.header(), leases: byExpiry.map(([ID]) => ({ ID })) };
  }

  private async keepAlive(id: bigint): Promise<void> {
    const { store } = this.model;
    const lease = store.leases.get(id);
    const until = store.nowMs + Number(lease?.ttl ?? 0n) * 1000;
    // No two leases may expire at the same moment.
    if ([...store.leases.values()].some((each) => each !== lease && each.expiresAtMs === until)) return;
    const requests = (async function* () {
      yield await Promise.resolve(LeaseKeepAliveRequest.create({ ID: id }));
    })();
    for await (const response of this.api.lease.leaseKeepAlive(requests)) {
      const TTL = lease?.ttl ?? 0n;
      const wanted = { header: this.header(), ID: id, TTL };
      compare({ type: LeaseKeepAliveResponse, response }, { type: LeaseKeepAliveResponse, response: wanted });
    }
    if (lease !== undefined) lease.expiresAtMs = until;
  }

  /** Leases end when the clock passes their time. */
  private async advance(ms: number): Promise<void> {
    const { store } = this.model;
    store.nowMs += ms;
    const expired = store.expired();
    this.disk.run(() => this.clock.advance(ms));
    await this.settled("the end of leases", () => expired.every((id) => !this.server.lessor.has(id)));
    for (const id of expired) store.revoke(id);
    this.compareStates();
  }

  private compareStates(): void {
    assertSame(this.serverState(), this.model.store.state());
  }

  private async watch(watch: Watched): Promise<void> {
    if (this.watches.length >= maxWatches) await this.endWatch(0);
    this.watches.push(watch);
    watch.open(this.api);
    await this.settled("a new watch", () => watch.isComplete());
  }

  private async endWatch(index: number): Promise<void> {
    const [watch] = this.watches.splice(index % Math.max(1, this.watches.length), 1);
    if (watch === undefined) return;
    await this.settled("the events of a watch", () => watch.isComplete());
    watch.end();
  }

  private async restart(): Promise<void> {
    for (const watch of this.watches) await this.settled("the events of a watch", () => watch.isComplete());
    for (const watch of this.watches) watch.lose();
    const { member } = this;
    await this.disk.run(() => member?.close());
    await this.begin();
    this.compareStates();
  }

  private async begin(): Promise<void> {
    await this.start();
    for (const watch of this.watches) if (!watch.isCanceled) watch.open(this.api);
  }

  /** Changes that are sent without waiting for each other: they are applied in the order in which they were sent. */
  private sendAll(
    seed: number,
    count: number,
  ): { readonly changes: Change[]; readonly answers: Promise<Answer>[] } {
    const operations = operationOf(seed + 1, this.model.store);
    const made = Array.from({ length: count }, () => operations.change());
    // Two new leases that do not know of each other could expire at the same moment.
    const grant = made.find(({ kind }) => kind === "grant");
    const changes = made.filter((each) => each.kind !== "grant" || each === grant);
    for (const change of changes) this.history.push(`  ${describe(change)}`);
    this.operations += changes.length;
    return { changes, answers: changes.map((change) => this.disk.run(() => this.send(change))) };
  }

  private async burst(seed: number, count: number): Promise<void> {
    const { changes, answers } = this.sendAll(seed, count);
    for (const [index, answer] of (await Promise.all(answers)).entries())
      compare(answer, this.apply(changes[index] as Change));
  }

  /** The process ends, or the power fails, while changes are under way. */
  private async crash(
    seed: number,
    { changes: count, turns, losesPower }: Operation & { kind: "crash" },
  ): Promise<void> {
    const { changes, answers } = this.sendAll(seed, count);
    const received = new Map<number, Answer>();
    for (const [index, answer] of answers.entries()) void answer.then((each) => received.set(index, each));
    for (let turn = 0; turn < turns; turn++) await nextTurn();
    await this.disk.kill();
    const random = seeded(seed);
    if (losesPower) this.disk.losePower(() => random(1000) / 1000);
    for (const watch of this.watches) watch.lose();
    const acknowledged = 1 + Math.max(-1, ...[...received].filter(isFromLog).map(([index]) => index));
    rmSync(path.join(this.dataDir, "etcdctl.lock"), { force: true });
    let kept = 0;
    const applyNext = () => {
      const answer = received.get(kept);
      const wanted = this.apply(changes[kept++] as Change);
      if (answer !== undefined) compare(answer, wanted);
    };
    while (kept < acknowledged) applyNext();
    await this.start();
    const found = this.serverState();
    while (found !== this.model.store.state() && kept < changes.length) applyNext();
    if (found !== this.model.store.state())
      throw new Error(`after the crash, with ${acknowledged} of ${count} changes acknowledged:\n${found}`);
    this.history.push(`  ${acknowledged} acknowledged, ${kept} kept`);
    this.model.store.restart();
    for (const watch of this.watches) {
      watch.isComplete();
      if (!watch.isCanceled) watch.open(this.api);
    }
  }
}
