// A line on stderr in the form of etcdutl's log: time, level, who, what, details as JSON, with tabs between.
// Answers to zap's console encoder as etcdutl's GetLogger sets it up.
import type { Clock } from "../io";

type Details = Readonly<Record<string, string | number | bigint>>;

export function logLine(
  clock: Clock,
  message: string,
  details: Details,
  level: "info" | "warn" = "info",
): string {
  const shown = Object.entries(details).map(([name, value]) => {
    return `"${name}": ${typeof value === "string" ? JSON.stringify(value) : value}`;
  });
  const rest = shown.length > 0 ? `\t{${shown.join(", ")}}` : "";
  return `${new Date(clock.now()).toISOString().replace(/\.\d+/, "")}\t${level}\tetcdutl\t${message}${rest}\n`;
}
