// TCP ports of 127.0.0.1 that belong to the test: for servers whose flags need port numbers, for servers that stop and start
// again, and for endpoints where nothing listens. Each test has them to itself: they are below the ports that the system
// gives to others, and a UDP socket on the same number, which no server uses, shows other test processes that it is taken.
// And the member IDs that etcd derives from ports.
import { createHash, randomInt } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { createServer } from "node:net";

// Pretended clusters take theirs from 20,000 on (src/server/testing/own-port.ts).
const firstPort = 10_000;
const endPort = 20_000;
/** How many ports this process holds. A run of many tests forgets the oldest ones. */
const maxHeld = 400;

const held = new Map<number, Socket>();
// The replay of transcripts runs without jest.
if (typeof afterAll === "function") afterAll(() => [...held.keys()].forEach(release));

/** `count` different ports where nothing listens. No other test gets them. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = randomInt(firstPort, endPort);
    if (!(await hold(port))) continue;
    if (await isFree(port)) ports.push(port);
    else release(port);
  }
  return ports;
}

/** An endpoint where nothing listens. */
export async function deadEndpoint(): Promise<string> {
  const [port = 0] = await freePorts(1);
  return `127.0.0.1:${port}`;
}

/** The URL of a server that stops. Nothing listens there afterwards, and the server can start there again. */
export async function urlToStopAt(): Promise<string> {
  return `http://${await deadEndpoint()}`;
}

/** False if another test has the port. */
function hold(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4").unref();
    socket.once("error", () => socket.close(() => resolve(false)));
    socket.bind({ port, address: "127.0.0.1", exclusive: true }, () => {
      const [oldest = 0] = held.keys();
      if (held.size >= maxHeld) release(oldest);
      held.set(port, socket);
      resolve(true);
    });
  });
}

export function release(port: number): void {
  held.get(port)?.close();
  held.delete(port);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** The ID of a member of a new cluster. Go: server/etcdserver/api/membership/member.go (computeMemberID) */
export function memberId(peerUrl: string, token: string): bigint {
  const digest = createHash("sha1").update(peerUrl).update(token).digest();
  return digest.readBigUInt64BE(0);
}

/** The ID of a new cluster of these members. Go: server/etcdserver/api/membership/cluster.go (genID) */
export function clusterId(memberIds: readonly bigint[]): bigint {
  const digest = createHash("sha1");
  for (const id of [...memberIds].sort((a, b) => (a < b ? -1 : 1))) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(id);
    digest.update(bytes);
  }
  return digest.digest().readBigUInt64BE(0);
}
