// Measures a watch that runs until it has printed all events: its wall time, and its CPU time and peak memory from /proc.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import os from "node:os";
import path from "node:path";
import { library } from "./programs.mjs";

export const events = 100_000;
export const keySize = 30;
export const valueSize = 100;
/** An event is printed as three lines: PUT, the key and the value. */
export const bytesPerEvent = "PUT\n".length + keySize + 1 + valueSize + 1;
const expectedBytes = events * bytesPerEvent;
const ticksPerSecond = 100;

/** Runs a watch until it has printed all events. `write` runs at the same time and returns when its last put was answered. */
export async function watch(argv, write) {
  const start = performance.now();
  const pipe = openPipe();
  const child = spawn(argv[0], argv.slice(1), { stdio: ["ignore", pipe.writer, "inherit"] });
  closeSync(pipe.writer);
  const seen = new Promise((resolve) => {
    let bytes = 0;
    pipe.reader.on("data", (chunk) => {
      bytes += chunk.length;
      if (bytes >= expectedBytes) resolve(performance.now());
    });
  });
  const written = await write?.();
  const end = await seen;
  const usage = processUsage(child.pid);
  child.kill("SIGINT");
  await once(child, "exit");
  pipe.reader.destroy();
  return { wallMs: end - start, ...usage, lateMs: Math.max(0, end - (written ?? end)) };
}

/** CPU time and peak memory of a running process so far. */
export function processUsage(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/.*\) /, "").split(" ");
  const peakKiB = /VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1];
  return {
    cpuMs: ((Number(stat[11]) + Number(stat[12])) * 1000) / ticksPerSecond,
    peakMiB: peakKiB / 1024,
  };
}

/** A pipe as a shell makes it. The pipes of node:child_process are sockets, which are slower for us. */
function openPipe() {
  const dir = mkdtempSync(path.join(os.tmpdir(), "bench-pipe-"));
  const file = path.join(dir, "pipe");
  execFileSync("mkfifo", [file]);
  const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(file, "w");
  rmSync(dir, { recursive: true });
  return { reader: new Socket({ fd, readable: true, writable: false }), writer };
}

export async function putAll(endpoint) {
  const { connect } = await library();
  const client = await connect({ endpoints: [endpoint] });
  // The watch must be open before the first put, or it would miss events.
  await new Promise((resolve) => setTimeout(resolve, 500));
  let next = 0;
  const worker = async () => {
    while (next < events) {
      const key = Buffer.from(`/live/${String(next++).padStart(8, "0")}`.padEnd(keySize, "k"));
      const value = Buffer.alloc(valueSize, "v");
      await client.kv.put({ key, value, lease: 0n, prevKv: false, ignoreValue: false, ignoreLease: false });
    }
  };
  await Promise.all(Array.from({ length: 128 }, worker));
  await client.close();
  return performance.now();
}
