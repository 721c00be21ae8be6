// The loads of etcd's own benchmark: 100 clients on 10 connections. Each returns the latency of every request.
// Go: tools/benchmark/cmd in etcd's repository
import {
  LeaseGrantRequest,
  LeaseGrantResponse,
  LeaseKeepAliveRequest,
  PutRequest,
  RangeRequest,
  TxnRequest,
  WatchRequest,
  WatchResponse,
} from "../../src/proto/gen/etcdserverpb";
import { decode } from "../../src/proto/message";
import { frameOf } from "../../src/server/grpc/frames";
import { messages, type GrpcClient } from "./grpc-client";

export interface Load {
  /** Each one is a connection; several callers share it. */
  readonly clients: readonly GrpcClient[];
  readonly callers: number;
  readonly total: number;
}

export interface Sample {
  readonly latenciesMs: number[];
  readonly seconds: number;
}

const key = (i: number) => Buffer.from(`bench-key-${i}`.padEnd(30, "k"));
const value = Buffer.alloc(256, "v");
const put = (i: number) => frameOf(PutRequest, PutRequest.create({ key: key(i), value }));

/** Every caller sends its next request when the last one was answered. */
async function closedLoop(
  { clients, callers, total }: Load,
  request: (client: GrpcClient, i: number) => Promise<unknown>,
): Promise<Sample> {
  const latenciesMs: number[] = [];
  let next = 0;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: callers }, async (_each, caller) => {
      const client = clients[caller % clients.length] as GrpcClient;
      while (next < total) {
        const i = next++;
        const sentAt = performance.now();
        await request(client, i);
        latenciesMs.push(performance.now() - sentAt);
      }
    }),
  );
  return { latenciesMs, seconds: (performance.now() - start) / 1000 };
}

function puts(load: Load): Promise<Sample> {
  return closedLoop(load, (client, i) => client.unary("/etcdserverpb.KV/Put", put(i)));
}

async function ranges(load: Load, serializable: boolean): Promise<Sample> {
  await load.clients[0]?.unary("/etcdserverpb.KV/Put", put(0));
  const frame = frameOf(RangeRequest, RangeRequest.create({ key: key(0), serializable }));
  return closedLoop(load, (client) => client.unary("/etcdserverpb.KV/Range", frame));
}

function txns(load: Load): Promise<Sample> {
  return closedLoop(load, (client, i) => {
    const success = Array.from({ length: 8 }, (_each, op) => ({
      request: {
        case: "requestPut" as const,
        value: PutRequest.create({ key: key(8 * i + op), value }),
      },
    }));
    return client.unary("/etcdserverpb.KV/Txn", frameOf(TxnRequest, TxnRequest.create({ success })));
  });
}

/** As clientv3's KeepAliveOnce: each keep-alive has a separate stream. */
async function keepAlives(load: Load): Promise<Sample> {
  const grant = frameOf(LeaseGrantRequest, LeaseGrantRequest.create({ TTL: 600n }));
  const granted = await (load.clients[0] as GrpcClient).unary("/etcdserverpb.Lease/LeaseGrant", grant);
  const { ID } = decode(LeaseGrantResponse, granted);
  const frame = frameOf(LeaseKeepAliveRequest, { ID });
  return closedLoop(load, (client) => {
    return new Promise<void>((resolve) => {
      const call = client.stream("/etcdserverpb.Lease/LeaseKeepAlive", () => {
        call.cancel();
        resolve();
      });
      call.send(frame);
    });
  });
}

interface WatchStream {
  /** Resolves when the watch is created. */
  create(i: number): Promise<void>;
  cancel(): void;
}

function watchStream(client: GrpcClient, onEvents: (count: number) => void): WatchStream {
  const waiting: (() => void)[] = [];
  const call = client.stream(
    "/etcdserverpb.Watch/Watch",
    messages((bytes) => {
      const { created, events } = decode(WatchResponse, bytes);
      if (created) waiting.shift()?.();
      else onEvents(events.length);
    }),
  );
  return {
    create(i) {
      const value = { ...emptyCreate, key: key(i) };
      call.send(frameOf(WatchRequest, { requestUnion: { case: "createRequest", value } }));
      return new Promise((resolve) => waiting.push(resolve));
    },
    cancel: () => call.cancel(),
  };
}

const emptyCreate = {
  ...{ rangeEnd: Buffer.alloc(0), startRevision: 0n, progressNotify: false, filters: [] },
  ...{ prevKv: false, watchId: 0n, fragment: false },
};

/** `total` watches on as many streams as there are callers. */
async function watchCreation(load: Load): Promise<Sample> {
  const streams = new Map<GrpcClient, WatchStream[]>();
  const all = Array.from({ length: load.callers }, (_each, i) => {
    const client = load.clients[i % load.clients.length] as GrpcClient;
    const stream = watchStream(client, () => undefined);
    streams.set(client, [...(streams.get(client) ?? []), stream]);
    return stream;
  });
  const sample = await closedLoop(load, (client, i) => {
    const ofClient = streams.get(client) as WatchStream[];
    return (ofClient[i % ofClient.length] as WatchStream).create(i % 1000);
  });
  for (const stream of all) stream.cancel();
  return sample;
}

/** A thousand watches of a hundred keys: each put is ten events. The rate and the latencies are of events. */
async function watchEvents({ clients, callers, total }: Load): Promise<Sample> {
  const latenciesMs: number[] = [];
  let sentAt = 0;
  let wanted = 0;
  let done: () => void = () => undefined;
  const answers: Promise<unknown>[] = [];
  const onEvents = (count: number) => {
    for (let i = 0; i < count; i++) latenciesMs.push(performance.now() - sentAt);
    if (latenciesMs.length >= wanted) done();
  };
  const streams = Array.from({ length: callers }, (_each, i) =>
    watchStream(clients[i % clients.length] as GrpcClient, onEvents),
  );
  for (let i = 0; i < 1000; i++) await streams[i % streams.length]?.create(i % 100);
  const start = performance.now();
  const batch = 100;
  for (let sent = 0; sent < total; sent += batch) {
    sentAt = performance.now();
    wanted += 10 * batch;
    const arrived = new Promise<void>((resolve) => (done = resolve));
    const client = clients[(sent / batch) % clients.length] as GrpcClient;
    for (let i = 0; i < batch; i++) answers.push(client.unary("/etcdserverpb.KV/Put", put(i)));
    await arrived;
  }
  const seconds = (performance.now() - start) / 1000;
  // An event may come before the response to its put, which the end of the connection would lose.
  await Promise.all(answers);
  for (const stream of streams) stream.cancel();
  return { latenciesMs, seconds };
}

/** By name, with the number of requests of one run. */
export const shapes: Readonly<
  Record<string, { readonly total: number; readonly run: (load: Load) => Promise<Sample> }>
> = {
  put: { total: 40_000, run: puts },
  "range-linearizable": { total: 60_000, run: (load) => ranges(load, false) },
  "range-serializable": { total: 60_000, run: (load) => ranges(load, true) },
  "txn-8-puts": { total: 10_000, run: txns },
  "watch-creation": { total: 30_000, run: watchCreation },
  "watch-events": { total: 10_000, run: watchEvents },
  "lease-keep-alive": { total: 60_000, run: keepAlives },
};
