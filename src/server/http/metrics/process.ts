// Metrics of the process. Those from /proc exist on Linux only, as with Go's client library.
import { readdirSync, readFileSync } from "node:fs";
import { cpuUsage, memoryUsage, uptime } from "node:process";
import { counter, gauge, labelled, type Family } from "./family";

export const processFamilies: readonly Family[] = [
  gauge("process_resident_memory_bytes", "Resident memory.", () => memoryUsage().rss),
  counter("process_cpu_seconds_total", "CPU time spent.", () => {
    const { user, system } = cpuUsage();
    return (user + system) / 1e6;
  }),
  gauge(
    "process_start_time_seconds",
    "Start of the process, in seconds since the epoch.",
    () => Date.now() / 1000 - uptime(),
  ),
  linux("gauge", "process_open_fds", "Open file descriptors.", openFiles),
  linux("gauge", "process_max_fds", "The most file descriptors that may be open.", maxFiles),
  // etcd prints both again under these names.
  linux("gauge", "os_fd_used", "Open file descriptors.", openFiles),
  linux("gauge", "os_fd_limit", "The most file descriptors that may be open.", maxFiles),
  linux("gauge", "process_virtual_memory_bytes", "Virtual memory.", () => {
    const [, kibibytes] = /^VmSize:\s*(\d+)/m.exec(readFileSync("/proc/self/status", "latin1")) ?? [];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  }),
  linux("gauge", "process_virtual_memory_max_bytes", "The most virtual memory.", () =>
    limit("Max address space"),
  ),
  linux("counter", "process_network_receive_bytes_total", "Bytes received by the host.", () =>
    octets("InOctets"),
  ),
  linux("counter", "process_network_transmit_bytes_total", "Bytes sent by the host.", () =>
    octets("OutOctets"),
  ),
];

function linux(
  type: "counter" | "gauge",
  name: string,
  help: string,
  read: () => number | undefined,
): Family {
  return labelled(type, name, help, () => {
    try {
      const value = read();
      return value === undefined ? [] : [{ value }];
    } catch {
      return [];
    }
  });
}

function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}

/** Undefined where the system does not say. */
export function maxFiles(): number | undefined {
  try {
    return limit("Max open files");
  } catch {
    return undefined;
  }
}

/** The soft limit. `unlimited` is the largest number, as Go prints it. */
function limit(name: string): number | undefined {
  const line = readFileSync("/proc/self/limits", "latin1")
    .split("\n")
    .find((each) => each.startsWith(name));
  const [, soft] = /^.{26}(\S+)/.exec(line ?? "") ?? [];
  if (soft === undefined) return undefined;
  return soft === "unlimited" ? 2 ** 64 : Number(soft);
}

/** /proc/self/net/netstat has lines of names, each followed by a line of values. */
function octets(name: string): number | undefined {
  const lines = readFileSync("/proc/self/net/netstat", "latin1").split("\n");
  const at = lines.findIndex((line) => line.startsWith("IpExt:"));
  const place = lines[at]?.split(" ").indexOf(name) ?? -1;
  const value = place < 0 ? undefined : lines[at + 1]?.split(" ")[place];
  return value === undefined ? undefined : Number(value);
}
