// TCP servers that are not etcd: silent, or with another protocol.
import { createServer, type AddressInfo, type Socket } from "node:net";

export interface RawServer {
  readonly endpoint: string;
  readonly sockets: ReadonlySet<Socket>;
  stop(): void;
}

const running = new Set<RawServer>();

export function stopRawServers(): void {
  for (const server of running) server.stop();
}

/** `onData` may respond to the bytes that arrive. */
export async function rawServer(
  onData: (socket: Socket, data: Buffer) => void = () => undefined,
): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    socket.on("data", (data) => onData(socket, data));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const raw: RawServer = {
    endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
      running.delete(raw);
    },
  };
  running.add(raw);
  return raw;
}
