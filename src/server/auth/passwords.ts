// Hashes of passwords, made and compared by a worker thread: bcrypt takes 50 ms and more, and other clients do not wait for
// it. The thread starts with the first password, ends with the server, and keeps no process alive while it has no work.
// Must stay true: one job runs at a time, few wait, and a canceled job that still waits never runs.
import { Worker } from "node:worker_threads";
import { EtcdError, StatusCode } from "../../errors";
import { serverError } from "../../etcd/error-table";

export const defaultBcryptCost = 10;
const minCost = 4;
const maxCost = 31;
const maxPasswordBytes = 72;

/** At the default cost this many jobs take about as long as etcdctl waits for a response. */
const maxWaiting = 64;

type Request = { readonly do: "hash"; readonly password: string; readonly cost: number } | Comparison;
interface Comparison {
  readonly do: "compare";
  readonly password: string;
  readonly hash: string;
}
type Reply = { readonly result: unknown } | { readonly error: string };

interface Job {
  readonly request: Request;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** Throws bcrypt's error for a password that it cannot hash. */
export function checkLength(password: string): void {
  if (Buffer.byteLength(password) > maxPasswordBytes) {
    throw new Error("bcrypt: password length exceeds 72 bytes");
  }
}

export class Passwords {
  private worker: Worker | undefined;
  private running: Job | undefined;
  private readonly waiting = new Set<Job>();

  /** Hashes a password. A cost outside bcrypt's bounds means the default, as in etcd. */
  async hash(password: string, cost: number | undefined, signal: AbortSignal): Promise<Buffer> {
    checkLength(password);
    const isValid = cost !== undefined && cost >= minCost && cost <= maxCost;
    const request = { do: "hash", password, cost: isValid ? cost : defaultBcryptCost } as const;
    return Buffer.from((await this.run(request, signal)) as string);
  }

  async isSame(password: string, hashed: Uint8Array, signal: AbortSignal): Promise<boolean> {
    const hash = Buffer.from(hashed).toString("latin1");
    return (await this.run({ do: "compare", password, hash }, signal)) === true;
  }

  /** Ends the thread and fails all jobs. */
  close(): void {
    const jobs = [...(this.running ? [this.running] : []), ...this.waiting];
    const { worker } = this;
    this.worker = undefined;
    this.running = undefined;
    this.waiting.clear();
    for (const job of jobs) job.reject(serverError("stopped"));
    void worker?.terminate();
  }

  private run(request: Request, signal: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(canceled());
      if (this.waiting.size >= maxWaiting) return reject(serverError("requestTooManyRequests"));
      const cancel = () => {
        if (this.waiting.delete(job)) job.reject(canceled());
      };
      const job: Job = {
        request,
        resolve(result) {
          signal.removeEventListener("abort", cancel);
          resolve(result);
        },
        reject(error) {
          signal.removeEventListener("abort", cancel);
          reject(error);
        },
      };
      signal.addEventListener("abort", cancel, { once: true });
      this.waiting.add(job);
      this.startNext();
    });
  }

  private startNext(): void {
    if (this.running !== undefined) return;
    const [job] = this.waiting;
    if (job === undefined) return void this.worker?.unref();
    this.waiting.delete(job);
    try {
      this.worker ??= this.startWorker();
      this.worker.ref();
      this.worker.postMessage(job.request);
      this.running = job;
    } catch (error) {
      job.reject(error); // the system has no thread to give
    }
  }

  private startWorker(): Worker {
    const worker = new Worker(workerScript, { eval: true, name: "etcdctl passwords", execArgv: [] });
    worker.on("message", (reply: Reply) => {
      this.finish(worker, (job) => {
        if ("error" in reply) job.reject(new Error(reply.error));
        else job.resolve(reply.result);
      });
    });
    // The next job starts another thread.
    worker.on("error", (error) => {
      if (this.worker !== worker) return;
      this.worker = undefined;
      this.finish(undefined, (job) => job.reject(error));
    });
    return worker;
  }

  private finish(from: Worker | undefined, settle: (job: Job) => void): void {
    const { running } = this;
    if (running === undefined || from !== this.worker) return;
    this.running = undefined;
    settle(running);
    this.startNext();
  }
}

function canceled(): EtcdError {
  return new EtcdError(StatusCode.Canceled, "context canceled", true);
}

/** The source of bcryptjs. Only the bundle has it (scripts/build.mjs); the tests load the package. */
declare const BCRYPT_SOURCE: string | undefined;
const bcryptSource =
  typeof BCRYPT_SOURCE === "string" ? BCRYPT_SOURCE : 'module.exports = require("bcryptjs");';

/** Go's bcrypt package names the algorithm 2a. bcryptjs names the same algorithm 2b. */
const workerScript = `
const { parentPort } = require("node:worker_threads");
const bcrypt = ((module, exports) => {
${bcryptSource}
return module.exports;
})({ exports: {} });
function run(request) {
  if (request.do === "compare") return bcrypt.compareSync(request.password, request.hash);
  return bcrypt.hashSync(request.password, bcrypt.genSaltSync(request.cost).replace(/^\\$2b/, "$2a"));
}
parentPort.on("message", (request) => {
  try {
    parentPort.postMessage({ result: run(request) });
  } catch (error) {
    parentPort.postMessage({ error: error.message });
  }
});
`;
