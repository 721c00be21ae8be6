// Servers that are not etcd, made of node:net: silent, talkative or of another protocol.
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

export interface RawServer {
  readonly endpoint: string;
  readonly sockets: ReadonlySet<Socket>;
  stop(): void;
}

const running = new Set<RawServer>();

export function stopRawServers(): void {
  for (const server of running) server.stop();
}

/** `onData` may answer the first bytes of each connection. */
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
  return listening(server, sockets);
}

async function listening(server: Server, sockets: ReadonlySet<Socket>): Promise<RawServer> {
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

/** Passes everything on to another server on this machine; stopping it cuts the lines. */
export async function relay(port: number): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => other.destroy());
      socket.pipe(other);
    }
  });
  return listening(server, sockets);
}

/** An endpoint where nothing listens. */
export async function deadEndpoint(): Promise<string> {
  const { endpoint, stop } = await rawServer();
  stop();
  return endpoint;
}
