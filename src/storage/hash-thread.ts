// SHA-256 of the beginning of a file in a second thread, so that the caller can walk over the same file at the same time: the hash
// alone takes as long as the rest of a check.
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

/** A smaller file is hashed before the thread has started. */
const minThreadedBytes = 32 * 1024 * 1024;

export function isWorthThread(sizeBytes: number): boolean {
  return sizeBytes >= minThreadedBytes && availableParallelism() > 1;
}

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

const workerScript = `
const { readSync } = require("node:fs");
const { createHash } = require("node:crypto");
const { parentPort, workerData: { fd, sizeBytes } } = require("node:worker_threads");
function hashFile() {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafeSlow(${128 * 1024});
  for (let offset = 0; offset < sizeBytes; ) {
    const size = readSync(fd, buffer, 0, Math.min(buffer.length, sizeBytes - offset), offset);
    if (size === 0) return { shortAt: offset };
    hash.update(size === buffer.length ? buffer : buffer.subarray(0, size));
    offset += size;
  }
  return { digest: new Uint8Array(hash.digest()) };
}
parentPort.postMessage(hashFile());
`;
