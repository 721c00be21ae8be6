// A port for a server that will be stopped and started again. From 32768 on (Linux) or 49152 on (others), the system gives
// ports to outgoing connections and to listeners that ask for any port. In this range a stopped server would lose its port
// to another process, and clients would find a stranger there. So the port is from below.
import { randomInt } from "node:crypto";

const firstPort = 20_000;
const endPort = 32_000;
const maxAttempts = 50;

/** Calls `start` with one port after the other until one is free. */
export async function startOnOwnPort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(randomInt(firstPort, endPort));
    } catch (error) {
      if (attempt === maxAttempts || !isPortRefused(error)) throw error;
    }
  }
}

/** Another process has the port, or the system reserves it, as Windows does with some ranges. */
function isPortRefused(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
  return code === "EADDRINUSE" || code === "EACCES";
}
