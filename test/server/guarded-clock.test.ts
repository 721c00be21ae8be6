import { startEmbeddedServer } from "../../src/server/server";
import { LeaseGrantRequest } from "../../src/proto/gen/etcdserverpb";
import { ManualClock } from "../support/manual-clock";

test("An error in a timer is reported, the server lives, and its leases expire later.", async () => {
  const clock = new ManualClock();
  const errors: unknown[] = [];
  const server = await startEmbeddedServer({
    clock,
    listenClientUrls: [],
    onError: (error) => errors.push(error),
  });
  const client = server.client();
  await client.lease.leaseGrant(LeaseGrantRequest.create({ TTL: 5n, ID: 7n }));
  const { lessor } = (server as unknown as { server: { lessor: { revoke(id: bigint): void } } }).server;
  const revoke = jest.spyOn(lessor, "revoke").mockImplementationOnce(() => {
    throw new Error("odd");
  });
  clock.advance(6000);
  expect(errors).toEqual([new Error("odd")]);
  clock.advance(4000);
  expect(revoke).toHaveBeenCalledTimes(2);
  expect((await client.lease.leaseLeases({})).leases).toEqual([]);
  await server.stop();
});
