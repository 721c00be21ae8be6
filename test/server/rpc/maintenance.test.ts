// Downgrades of a server that is always the only running member.
import {
  DowngradeRequest_DowngradeAction as Action,
  DowngradeRequest,
} from "../../../src/proto/gen/etcdserverpb";
import type { EmbeddedServer } from "../../../src/server/server";
import { startEmbeddedServer } from "../../../src/server/server";
import { ManualClock } from "../../support/manual-clock";

const clock = new ManualClock();
let server: EmbeddedServer;
beforeEach(async () => {
  server = await startEmbeddedServer({ listenClientUrls: [], clock });
});
afterEach(() => server.stop());

const refused = (message: string) => ({ message: expect.stringContaining(message) as string });

describe("a downgrade", () => {
  const downgrade = (action: Action, version = "") =>
    server.client().maintenance.downgrade(DowngradeRequest.create({ action, version }));
  const versionNow = async () => (await server.client().maintenance.status({})).storageVersion;

  test("A downgrade takes effect at the leader's next check and can be canceled.", async () => {
    expect((await downgrade(Action.VALIDATE, "3.6.0")).version).toBe("3.7");
    await downgrade(Action.ENABLE, "3.6");
    expect(await versionNow()).toBe("3.7.0");
    clock.advance(4000);
    expect(await versionNow()).toBe("3.6.0");
    await downgrade(Action.CANCEL);
    clock.advance(4000);
    expect(await versionNow()).toBe("3.7.0");
  });

  test("Other versions, a second downgrade and malformed versions are refused.", async () => {
    const refusal = (version: string) => expect(downgrade(Action.VALIDATE, version)).rejects;
    await refusal("3.5").toMatchObject(refused("invalid downgrade target version"));
    await refusal("3.8").toMatchObject(refused("invalid downgrade target version"));
    await refusal("three").toMatchObject(refused("wrong downgrade target version format"));
    await downgrade(Action.ENABLE, "3.6");
    await refusal("3.6").toMatchObject(refused("cluster has a downgrade job in progress"));
  });
});
