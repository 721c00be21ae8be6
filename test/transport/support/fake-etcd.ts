// A gRPC server for tests of the transport. It has the handlers of the test and records the calls. It is a grpc-js server, so
// the tests use an independent implementation of gRPC.
import {
  Server,
  ServerCredentials,
  type Metadata,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
} from "@grpc/grpc-js";
import { EtcdError, StatusCode } from "../../../src/errors";
import {
  AuthService,
  KVService,
  MaintenanceService,
  WatchService,
  type AuthenticateRequest,
  type AuthenticateResponse,
  type PutRequest,
  type PutResponse,
  type RangeRequest,
  type RangeResponse,
  type SnapshotRequest,
  type SnapshotResponse,
  type WatchRequest,
  type WatchResponse,
} from "../../../src/proto/gen/etcdserverpb";
import { deadEndpoint } from "../../support/ports";
import { decode, encode, type AnyMethod, type ServiceDescription } from "../../../src/proto/message";

type Unary<I, O> = (request: I, call: { metadata: Metadata; cancelled: AbortSignal }) => O | Promise<O>;

export interface Handlers {
  range?: Unary<RangeRequest, RangeResponse>;
  put?: Unary<PutRequest, PutResponse>;
  authenticate?: Unary<AuthenticateRequest, AuthenticateResponse>;
  snapshot?: (call: ServerWritableStream<SnapshotRequest, SnapshotResponse>) => void;
  watch?: (call: ServerDuplexStream<WatchRequest, WatchResponse>) => void;
}

export interface FakeEtcd {
  readonly endpoint: string;
  readonly port: number;
  /** Path of each call that arrived. */
  readonly calls: string[];
  /** Ends all connections at once. */
  stop(): void;
}

const running = new Set<FakeEtcd>();

export function stopFakes(): void {
  for (const fake of running) fake.stop();
}

export async function fakeEtcd(
  handlers: Handlers = {},
  options: { credentials?: ServerCredentials; address?: string } = {},
): Promise<FakeEtcd> {
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  const calls: string[] = [];
  const services: ServiceDescription[] = [KVService, AuthService, MaintenanceService, WatchService];
  for (const service of services)
    server.addService(definitions(service), implementations(service, handlers, calls));
  // Tests stop the server and expect no listener there afterwards.
  const address = options.address ?? (await deadEndpoint());
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = options.credentials ?? ServerCredentials.createInsecure();
    server.bindAsync(address, credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  const fake: FakeEtcd = {
    endpoint: `127.0.0.1:${port}`,
    port,
    calls,
    stop() {
      server.forceShutdown();
      running.delete(fake);
    },
  };
  running.add(fake);
  return fake;
}

function definitions(service: ServiceDescription) {
  return Object.fromEntries(
    Object.entries(service).map(([name, method]) => [
      name,
      {
        path: method.path,
        requestStream: method.kind === "duplex",
        responseStream: method.kind !== "unary",
        requestDeserialize: (bytes: Buffer): unknown => decode(method.request as AnyMethod["request"], bytes),
        responseSerialize: (message: unknown) => encode(method.response as AnyMethod["response"], message),
        requestSerialize: (message: unknown) => encode(method.request as AnyMethod["request"], message),
        responseDeserialize: (bytes: Buffer): unknown =>
          decode(method.response as AnyMethod["response"], bytes),
      },
    ]),
  );
}

function implementations(service: ServiceDescription, handlers: Handlers, calls: string[]) {
  return Object.fromEntries(
    Object.entries(service).map(([name, method]) => {
      const handler = handlers[name as keyof Handlers] as ((...args: unknown[]) => unknown) | undefined;
      if (method.kind !== "unary") {
        return [
          name,
          (call: ServerDuplexStream<unknown, unknown>) => {
            calls.push(method.path);
            handler?.(call);
          },
        ];
      }
      return [
        name,
        (call: ServerUnaryCall<unknown, unknown>, reply: (error: unknown, value?: unknown) => void) => {
          calls.push(method.path);
          const cancelled = new AbortController();
          call.on("cancelled", () => cancelled.abort());
          Promise.resolve()
            .then(() => handler?.(call.request, { metadata: call.metadata, cancelled: cancelled.signal }))
            .then(
              (value) =>
                value === undefined
                  ? reply({ code: StatusCode.Unimplemented, details: `no ${name}` })
                  : reply(null, value),
              (error: unknown) =>
                reply(error instanceof EtcdError ? { code: error.code, details: error.desc } : error),
            );
        },
      ];
    }),
  );
}
