// SHA-256 of the beginning of a file in a second thread, so that the caller can walk over the same file at the same time: the hash
// alone takes as long as the rest of a check.
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

/** A smaller file is hashed before the thread has started. */
const minThreadedBytes = 32 * 1024 * 1024;

export function isWorthThread(sizeBytes: number): boolean {
  return sizeBytes >= minThreadedBytes && availableParallelism() > 1;
}

/** With less, a read ends after the hash of what the one before has read. */
const readSizeBytes = 1024 * 1024;

interface HashedFile {
  readonly fd: number;
  readonly sizeBytes: number;
}

/** `shortAt`: where the file ends before `sizeBytes`. */
export type HashResult = { readonly digest: Uint8Array } | { readonly shortAt: number };

/** Undefined where the system has no thread to give. The file must stay open until the promise settles. */
export function hashInThread(file: HashedFile, signal?: AbortSignal): Promise<HashResult> | undefined {
  let worker: Worker;
  try {
    worker = new Worker(workerScript, { eval: true, name: "etcdctl hash", execArgv: [], workerData: file });
  } catch {
    return undefined;
  }
  return resultOf(worker, signal);
}

/** Settles after the thread has ended: until then it may read the file. */
async function resultOf(worker: Worker, signal: AbortSignal | undefined): Promise<HashResult> {
  const stop = (): void => void worker.terminate();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return await new Promise((resolve, reject) => {
      let result: HashResult | undefined;
      let failure: unknown = new Error("the thread that hashes the file ended early");
      worker.on("message", (message: HashResult) => (result = message));
      worker.on("error", (error) => (failure = error));
      worker.on("exit", () => {
        if (signal?.aborted === true) reject(signal.reason as Error);
        else if (result === undefined) reject(failure as Error);
        else resolve(result);
      });
      if (signal?.aborted === true) stop();
    });
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/** The next bytes are read while some are hashed: a read takes a fifth of the time of a hash, also from a file in memory. */
const workerScript = `
const { read } = require("node:fs");
const { createHash } = require("node:crypto");
const { parentPort, workerData: { fd, sizeBytes } } = require("node:worker_threads");
const hash = createHash("sha256");
const [first, second] = [Buffer.allocUnsafeSlow(${readSizeBytes}), Buffer.allocUnsafeSlow(${readSizeBytes})];
function next(offset, buffer, other) {
  read(fd, buffer, 0, Math.min(buffer.length, sizeBytes - offset), offset, (error, size) => {
    if (error) throw error;
    if (size === 0) return parentPort.postMessage({ shortAt: offset });
    const end = offset + size;
    if (end < sizeBytes) next(end, other, buffer);
    hash.update(size === buffer.length ? buffer : buffer.subarray(0, size));
    if (end === sizeBytes) parentPort.postMessage({ digest: new Uint8Array(hash.digest()) });
  });
}
next(0, first, second);
`;
