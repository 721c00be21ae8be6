// A TCP relay between a client and a server on this machine. Closing it breaks its connections, as a failing network does.
import { connect, createServer, type Socket } from "node:net";
import { freePorts } from "./ports";

export interface Relay {
  /** host:port */
  readonly endpoint: string;
  /** From now on nothing passes, in either direction. */
  stall(): void;
  /** Breaks the connections that are open. Later ones pass. */
  cut(): void;
  close(): Promise<void>;
}

export interface RelayOptions {
  /** Forwards only this number of bytes of the answers; then the connection hangs. Default: all. */
  readonly limitBytes?: number;
  /** How long each piece of data is on its way, in each direction. Called for every piece. Default: 0. */
  readonly delayMs?: () => number;
}

/** `target` is a port of this machine or the path of a socket. */
export async function startRelay(target: number | string, options: RelayOptions = {}): Promise<Relay> {
  const { limitBytes = Infinity, delayMs } = options;
  const sockets = new Set<Socket>();
  let isStalled = false;
  const server = createServer((client) => {
    const upstream = typeof target === "number" ? connect(target, "127.0.0.1") : connect(target);
    let leftBytes = limitBytes;
    const toServer = delayed((chunk) => upstream.write(chunk), delayMs);
    const toClient = delayed((chunk) => client.write(chunk), delayMs);
    client.on("data", (chunk: Buffer) => {
      if (!isStalled) toServer(chunk);
    });
    upstream.on("data", (chunk: Buffer) => {
      if (!isStalled) toClient(chunk.subarray(0, leftBytes));
      leftBytes -= chunk.length;
      if (leftBytes <= 0) upstream.pause();
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      socket.on("error", () => undefined); // either side may close first
      socket.on("close", () => [client, upstream].forEach((end) => end.destroy()));
    }
  });
  // Where a relay was, tests expect no listener.
  const [port = 0] = await freePorts(1);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    endpoint: `127.0.0.1:${port}`,
    stall: () => (isStalled = true),
    cut: () => sockets.forEach((socket) => socket.destroy()),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Forwards each piece after its delay. The pieces stay in their order. */
function delayed(forward: (chunk: Buffer) => unknown, delayMs?: () => number): (chunk: Buffer) => void {
  if (!delayMs) return forward;
  let lastAt = 0;
  return (chunk) => {
    const now = Date.now();
    lastAt = Math.max(lastAt, now + delayMs());
    setTimeout(() => forward(chunk), lastAt - now);
  };
}
