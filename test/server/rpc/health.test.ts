// The health service of gRPC.
import {
  HealthCheckRequest,
  HealthCheckResponse_ServingStatus,
  HealthListRequest,
  HealthService,
} from "../../../src/proto/gen/grpc.health.v1";
import { AlarmRequest_AlarmAction, AlarmType } from "../../../src/proto/gen/etcdserverpb";
import type { EmbeddedServer, EmbeddedServerOptions } from "../../../src/server/server";
import { startEmbeddedServer } from "../../../src/server/server";

const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = HealthCheckResponse_ServingStatus;

let server: EmbeddedServer | undefined;
async function start(options: EmbeddedServerOptions = {}): Promise<EmbeddedServer> {
  return (server = await startEmbeddedServer({ listenClientUrls: [], ...options }));
}
afterEach(() => server?.stop());

const check = (running: EmbeddedServer, service = "") =>
  running.transport().unary(HealthService.check, HealthCheckRequest.create({ service }), {});

function statuses(running: EmbeddedServer, service = ""): AsyncIterator<{ status: number }> {
  const request = HealthCheckRequest.create({ service });
  const responses = running.transport().serverStream(HealthService.watch, request, {});
  return responses[Symbol.asyncIterator]();
}
const nextOf = async (stream: AsyncIterator<{ status: number }>) =>
  ((await stream.next()).value as { status: number }).status;

test("The server as a whole is SERVING, also while an alarm is raised.", async () => {
  const running = await start();
  expect(await check(running)).toEqual({ status: SERVING });
  await running.client().maintenance.alarm({
    action: AlarmRequest_AlarmAction.ACTIVATE,
    memberID: 1n,
    alarm: AlarmType.NOSPACE,
  });
  expect(await check(running)).toEqual({ status: SERVING });
});

test("Check refuses every other service, and List has only the server.", async () => {
  const running = await start();
  await expect(check(running, "etcdserverpb.KV")).rejects.toMatchObject({
    code: 5,
    message: expect.stringContaining("unknown service") as string,
  });
  const list = await running.transport().unary(HealthService.list, HealthListRequest.create(), {});
  expect(list).toEqual({ statuses: [{ key: "", value: { status: SERVING } }] });
});

test("Watch of an unknown service says so and stays open until the server stops.", async () => {
  const running = await start();
  const stream = statuses(running, "other");
  expect(await nextOf(stream)).toBe(SERVICE_UNKNOWN);
  const next = stream.next();
  await running.stop();
  await expect(next).rejects.toThrow();
});

test("With stopGrpcServiceOnDefrag, Watch reports the defragmentation.", async () => {
  const running = await start({ stopGrpcServiceOnDefrag: true });
  const stream = statuses(running);
  expect(await nextOf(stream)).toBe(SERVING);
  await running.client().maintenance.defragment();
  expect([await nextOf(stream), await nextOf(stream)]).toEqual([NOT_SERVING, SERVING]);
  await stream.return?.();
});

test("Without it, a defragmentation changes nothing.", async () => {
  const running = await start();
  const stream = statuses(running);
  expect(await nextOf(stream)).toBe(SERVING);
  await running.client().maintenance.defragment();
  const next = stream.next();
  await running.stop();
  await expect(next).rejects.toThrow();
});
