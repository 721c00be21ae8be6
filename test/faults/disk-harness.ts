// A server on a disk whose calls fail or that loses power, and writers that remember what was acknowledged.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { systemClock } from "../../src/clock";
import { PutRequest } from "../../src/proto/gen/etcdserverpb";
import { openMember, type OpenedMember } from "../../src/server/member/open-member";
import { openDataDir } from "../../src/storage/data-dir";
import { FaultyDisk } from "../support/faulty-disk";
import { workFolder } from "../support/work-folder";

let present: FaultyDisk;

/** A fresh disk for each test of the file. */
export function faultyDisk(): { readonly disk: () => FaultyDisk; readonly dataDir: () => string } {
  const folder = workFolder();
  beforeEach(() => {
    const spare = path.join(folder(), "spare");
    mkdirSync(spare);
    present = new FaultyDisk(spare);
    present.install();
  });
  afterEach(() => present.uninstall());
  return { disk: () => present, dataDir: () => path.join(folder(), "d") };
}

/** Small limits, so that some writes cut the log into segments and make checkpoints. */
export function open(dataDir: string): Promise<OpenedMember> {
  return present.run(() => openHere(dataDir));
}

async function openHere(dataDir: string): Promise<OpenedMember> {
  const dir = await openDataDir(dataDir, { mode: "write", lockWaitMs: 0 });
  const log = { segmentSizeBytes: 4096, maxSegments: 2 };
  return openMember(dir, {
    clock: systemClock,
    elects: true,
    log,
    snapshotCount: 20,
    auth: { bcryptCost: 4 },
    onError: () => undefined,
  });
}

/** What each writer was answered: the key is the writer's, the value counts its writes. */
export class Writers {
  readonly acknowledged = new Map<string, number>();
  readonly sent = new Map<string, number>();
  failures = 0;

  write(member: OpenedMember, name: string, count: number): Promise<void> {
    return present.run(() => this.writeHere(member, name, count));
  }

  private async writeHere(member: OpenedMember, name: string, count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const next = (this.sent.get(name) ?? 0) + 1;
      this.sent.set(name, next);
      const value = Buffer.alloc(100 + (next % 7) * 100, String(next).padStart(10, "0"));
      try {
        await member.server.proposeRequest("put", PutRequest.create({ key: Buffer.from(name), value }));
      } catch {
        this.failures++;
        return;
      }
      if (this.failures > 0 && this.isOver) throw new Error("acknowledged after the log had failed");
      this.acknowledged.set(name, next);
    }
  }

  /** Set when the log has failed. */
  isOver = false;

  /** Each key has the last acknowledged value, or a later one that was sent. */
  check({ server }: OpenedMember): void {
    let puts = 0;
    for (const [name, acknowledged] of this.acknowledged) {
      const [kv] = server.store.range(Buffer.from(name), undefined).kvs;
      const value = Buffer.from(kv?.value ?? []).toString();
      const found = Number(value.slice(0, 10));
      expect(found).toBeGreaterThanOrEqual(acknowledged);
      expect(found).toBeLessThanOrEqual(this.sent.get(name) ?? 0);
      expect(value).toBe(Buffer.alloc(100 + (found % 7) * 100, value.slice(0, 10)).toString());
      expect(kv?.version).toBe(BigInt(found));
      puts += found;
    }
    // Each put has one revision.
    if (this.acknowledged.size === this.sent.size) expect(server.store.revision).toBe(puts + 1);
  }
}

/** The process of the member has ended: another one opens the directory. */
export async function openAfterCrash(dataDir: string): Promise<OpenedMember> {
  rmSync(path.join(dataDir, "etcdctl.lock"), { force: true });
  return open(dataDir);
}

export function leftovers(dataDir: string): string[] {
  const names = readdirSync(dataDir, { recursive: true }).map(String);
  return names.filter((name) => name.includes("tmp") || name.endsWith(".lock"));
}
