// A TCP relay between a client and a server on this machine. Closing it breaks its connections, as a failing network does.
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface Relay {
  /** host:port */
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Forwards everything to `port`, but of the answers only the first `limitBytes`; then the connection hangs. */
export async function startRelay(port: number, limitBytes = Infinity): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    let leftBytes = limitBytes;
    client.pipe(upstream);
    upstream.on("data", (chunk: Buffer) => {
      client.write(chunk.subarray(0, leftBytes));
      leftBytes -= chunk.length;
      if (leftBytes <= 0) upstream.pause();
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined); // either side may close first
      socket.on("close", () => [client, upstream].forEach((end) => end.destroy()));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
