// A layer under the file calls of node:fs/promises. It lets the n-th call fail, and it forgets what was not synced, as a
// disk does when the power fails.
import {
  closeSync,
  constants,
  existsSync,
  linkSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { AsyncLocalStorage } from "node:async_hooks";
import fs, { type FileHandle } from "node:fs/promises";
import path from "node:path";

const sectorSizeBytes = 512;

/** How a call fails. `short` writes only half of the bytes, which is no error. */
export type Fault = "ENOSPC" | "EIO" | "short";

interface Unsynced {
  readonly inode: number;
  readonly offset: number;
  /** The bytes before the write. */
  readonly before: Buffer;
  readonly sizeBefore: number;
}

/** A change of names. It survives a power loss when its directory is synced, and so do all changes before it. */
interface NameChange {
  readonly dir: string;
  undo(): void;
}

export class FaultyDisk {
  /** Calls that change the disk, so far. */
  calls = 0;
  private fault: { readonly at: number; readonly kind: Fault } | undefined;
  private unsynced: Unsynced[] = [];
  private names: NameChange[] = [];
  private readonly handles = new Set<FileHandle>();
  private isDead = false;
  /** Counts the processes that used the disk one after the other. */
  private epoch = 0;
  /** The process that code belongs to, through all of its waits. */
  private readonly process = new AsyncLocalStorage<number>();
  private readonly closers = new Map<FileHandle, () => Promise<void>>();
  private readonly fileOf = new Map<number, string>();
  private kept = 0;
  private readonly original = { ...fs };

  /** `spare` is a directory for copies, on the same file system. */
  constructor(private readonly spare: string) {}

  install(): void {
    const { original } = this;
    const names = {
      open: (file: string, ...rest: unknown[]) => this.open(file, rest as [number]),
      rename: (from: string, to: string) =>
        this.call(to, () => {
          const undo = this.undoRename(from, to);
          renameSync(from, to);
          this.fileOf.set(statSync(to).ino, to);
          this.names.push({ dir: path.dirname(to), undo });
        }),
      rm: (file: string, options: object) =>
        existsSync(file)
          ? this.call(file, () => {
              const isFile = statSync(file).isFile();
              const copy = isFile ? this.keep(file) : undefined;
              rmSync(file, options);
              if (copy === undefined) return;
              this.names.push({ dir: path.dirname(file), undo: () => linkSync(copy, file) });
            })
          : Promise.resolve(),
      mkdir: (dir: string, options: object) => this.call(dir, () => original.mkdir(dir, options)),
    };
    Object.assign(fs, names);
  }

  uninstall(): void {
    Object.assign(fs, this.original);
  }

  failAt(at: number, kind: Fault): void {
    this.fault = { at: this.calls + at, kind };
  }

  /** True if the fault has happened. */
  get hasFailed(): boolean {
    return this.fault !== undefined && this.calls >= this.fault.at;
  }

  /** Runs code as the present process: after kill() its calls never return, however late they come. */
  run<T>(action: () => T): T {
    return this.process.run(this.epoch, action);
  }

  private get presentEpoch(): number {
    return this.process.getStore() ?? this.epoch;
  }

  /** Ends everything that still runs on the disk, as the end of its process: its calls never return. */
  async kill(): Promise<void> {
    this.isDead = true;
    this.epoch++;
    for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next));
    for (const handle of this.handles) await this.closers.get(handle)?.();
    this.handles.clear();
    this.isDead = false;
    this.fault = undefined;
  }

  /** Forgets a random part of what was not synced. `random` returns 0 to 1. Call kill() before. */
  losePower(random: () => number): void {
    const lostNames = this.names.splice(Math.floor(random() * (this.names.length + 1)));
    // Bytes first: the undo of a name may remove the file.
    for (const write of this.unsynced.reverse()) this.loseSectors(write, random);
    for (const { undo } of lostNames.reverse()) undo();
    this.unsynced = [];
    this.names = [];
  }

  private loseSectors({ inode, offset, before, sizeBefore }: Unsynced, random: () => number): void {
    const file = this.fileOf.get(inode);
    if (file === undefined || !existsSync(file) || statSync(file).ino !== inode) return;
    const fd = openSync(file, "r+");
    for (let at = 0; at < before.length;) {
      const end = Math.min(before.length, at + sectorSizeBytes - ((offset + at) % sectorSizeBytes));
      if (random() < 0.5) writeSync(fd, before, at, end - at, offset + at);
      at = end;
    }
    closeSync(fd);
    if (before.length === 0 && random() < 0.5) truncateSync(file, sizeBefore);
  }

  private async open(file: string, rest: [number]): Promise<FileHandle> {
    const isNew = !existsSync(file);
    const flags = rest[0];
    if (typeof flags === "number" && (flags & 3) === 0 && isNew === false && !statSync(file).isDirectory())
      return this.original.open(file, ...rest);
    const epoch = this.presentEpoch;
    return this.call(file, async () => {
      const handle = await this.original.open(file, ...rest);
      if (this.isOver(epoch)) {
        await handle.close();
        return handle;
      }
      if (isNew) this.names.push({ dir: path.dirname(file), undo: () => rmSync(file, { force: true }) });
      const isSynchronous = typeof flags === "number" && (flags & constants.O_DSYNC) !== 0;
      try {
        return this.wrapped(handle, file, isSynchronous);
      } catch (error) {
        // A test may let statSync() fail.
        await handle.close();
        throw error;
      }
    });
  }

  /** `isSynchronous`: a write is on the disk when it returns. */
  private wrapped(handle: FileHandle, file: string, isSynchronous: boolean): FileHandle {
    const { ino } = statSync(file);
    const epoch = this.presentEpoch;
    const call = <T>(action: () => T | Promise<T>) => this.call(file, action, epoch);
    this.fileOf.set(ino, file);
    this.handles.add(handle);
    const real = {
      write: handle.write.bind(handle),
      truncate: handle.truncate.bind(handle),
      sync: handle.sync.bind(handle),
      datasync: handle.datasync.bind(handle),
      close: handle.close.bind(handle),
    };
    this.closers.set(handle, real.close);
    let position = 0;
    const write = async (bytes: Uint8Array, start: number, length: number, at: number) => {
      const sizeBytes = this.takeShort() ? Math.max(1, Math.floor(length / 2)) : length;
      const unsynced = this.remember(handle, ino, at, sizeBytes);
      const written = await real.write(bytes, start, sizeBytes, at);
      if (isSynchronous) this.unsynced = this.unsynced.filter((each) => each !== unsynced);
      return written;
    };
    Object.assign(handle, {
      write: (bytes: Uint8Array, start: number, length: number, at: number) =>
        call(() => write(bytes, start, length, at)),
      writev: (pieces: readonly Uint8Array[], at = position) =>
        call(async () => {
          const bytes = Buffer.concat(pieces);
          const { bytesWritten } = await write(bytes, 0, bytes.length, at);
          position = at + bytesWritten;
          return { bytesWritten, buffers: pieces };
        }),
      truncate: (sizeBytes: number) =>
        call(() => {
          const { size } = statSync(`/proc/self/fd/${handle.fd}`);
          if (sizeBytes < size) this.remember(handle, ino, sizeBytes, size - sizeBytes);
          else this.unsynced.push({ inode: ino, offset: 0, before: Buffer.alloc(0), sizeBefore: size });
          return real.truncate(sizeBytes);
        }),
      sync: () => call(async () => this.synced(ino, file, await real.sync())),
      datasync: () => call(async () => this.synced(ino, file, await real.datasync())),
      close: () => {
        this.handles.delete(handle);
        return this.orNever(real.close(), epoch);
      },
    });
    return handle;
  }

  private remember(handle: FileHandle, inode: number, offset: number, sizeBytes: number): Unsynced {
    const sizeBefore = statSync(`/proc/self/fd/${handle.fd}`).size;
    const before = Buffer.alloc(Math.max(0, Math.min(sizeBytes, sizeBefore - offset)));
    if (before.length > 0) {
      const fd = openSync(`/proc/self/fd/${handle.fd}`, "r");
      readSync(fd, before, 0, before.length, offset);
      closeSync(fd);
    }
    const unsynced = { inode, offset, before, sizeBefore };
    this.unsynced.push(unsynced);
    return unsynced;
  }

  private synced(inode: number, file: string, done: unknown): unknown {
    this.unsynced = this.unsynced.filter((write) => write.inode !== inode);
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory() !== true) return done;
    const last = this.names.findLastIndex(({ dir }) => dir === file);
    this.names.splice(0, last + 1);
    return done;
  }

  private undoRename(from: string, to: string): () => void {
    const isFile = existsSync(to) && statSync(to).isFile();
    const copy = isFile ? this.keep(to) : undefined;
    return () => {
      renameSync(to, from);
      if (copy !== undefined) linkSync(copy, to);
    };
  }

  private keep(file: string): string {
    const copy = path.join(this.spare, `kept-${this.kept++}`);
    linkSync(file, copy);
    return copy;
  }

  private takeShort(): boolean {
    return this.fault?.kind === "short" && this.calls === this.fault.at;
  }

  private async call<T>(file: string, action: () => T | Promise<T>, epoch = this.presentEpoch): Promise<T> {
    if (this.isOver(epoch)) return new Promise<T>(() => undefined);
    this.calls++;
    const { fault } = this;
    if (fault !== undefined && fault.kind !== "short" && this.calls === fault.at) {
      throw Object.assign(new Error(`${fault.kind}: of a test, ${file}`), { code: fault.kind });
    }
    return this.orNever(action(), epoch);
  }

  private isOver(epoch: number): boolean {
    return this.isDead || epoch !== this.epoch;
  }

  /** The result, unless the process has ended meanwhile. */
  private async orNever<T>(result: T | Promise<T>, epoch: number): Promise<T> {
    const value = await result;
    return this.isOver(epoch) ? new Promise<T>(() => undefined) : value;
  }
}
