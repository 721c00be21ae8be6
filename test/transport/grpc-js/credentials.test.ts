import { connect, type Socket } from "node:net";
import { EndpointCredentials } from "../../../src/transport/grpc-js/credentials";
import { rawServer, stopRawServers } from "../support/raw-server";

afterEach(stopRawServers);

/** Connects like grpc-js: calls waitForReady, then makes the socket a few promises later. */
async function connecting(credentials: EndpointCredentials, endpoint: string): Promise<Socket> {
  await credentials._createSecureConnector().waitForReady();
  await Promise.resolve(null);
  const [host = "", port = ""] = endpoint.split(":");
  return connect({ host, port: Number(port) });
}

describe("the sockets of an endpoint", () => {
  test.each([
    ["a tick", (run: () => void) => process.nextTick(run)],
    ["a promise", (run: () => void) => queueMicrotask(run)],
    ["a timer", (run: () => void) => void setTimeout(run)],
  ])(
    "are destroyed by close() even before they are connected, when they were requested in %s",
    async (_, later) => {
      const { endpoint } = await rawServer();
      const credentials = new EndpointCredentials(undefined, () => undefined);
      const socket = await new Promise<Socket>((resolve) =>
        later(() => void connecting(credentials, endpoint).then(resolve)),
      );
      expect(socket.connecting).toBe(true);
      credentials.close();
      expect(socket.destroyed).toBe(true);
    },
  );

  test("do not mix with the sockets of another endpoint that connects at the same time", async () => {
    const { endpoint } = await rawServer();
    const [a, b] = [1, 2].map(() => new EndpointCredentials(undefined, () => undefined)) as [
      EndpointCredentials,
      EndpointCredentials,
    ];
    const [ofA, ofB] = await Promise.all([connecting(a, endpoint), connecting(b, endpoint)]);
    a.close();
    expect([ofA.destroyed, ofB.destroyed]).toEqual([true, false]);
    b.close();
    expect(ofB.destroyed).toBe(true);
  });

  test("do not include a socket that other code opens later", async () => {
    const { endpoint } = await rawServer();
    const credentials = new EndpointCredentials(undefined, () => undefined);
    await credentials._createSecureConnector().waitForReady();
    await new Promise(setImmediate);
    const foreign = connect({ host: "127.0.0.1", port: Number(endpoint.split(":")[1]) });
    credentials.close();
    expect(foreign.destroyed).toBe(false);
    foreign.destroy();
  });
});
