// Free TCP ports of 127.0.0.1 for etcd, whose flags need port numbers, and the member IDs that etcd derives from them. Two
// processes may get the same port, so the caller retries when its server cannot listen.
import { createHash, randomInt } from "node:crypto";
import { createServer } from "node:net";

/** `count` different ports outside of `taken`, below the range that the system gives to outgoing connections. */
export async function freePorts(count: number, taken: ReadonlySet<number> = new Set()): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(10_000, 32_000);
    if (!taken.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
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
