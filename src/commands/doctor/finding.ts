// What a check has found, and the exit code of all findings together.
import { formatDuration } from "../../go/units";
import type { Unknown } from "../survey";

export type Status = "ok" | "warn" | "bad" | "unknown";

export interface Finding {
  readonly status: Status;
  /** Undefined when it is about the cluster. */
  readonly member?: string;
  readonly finding: string;
  /** What to do, one command or sentence each. */
  readonly next: readonly string[];
}

const make =
  (status: Status) =>
  (finding: string, ...next: readonly string[]): Finding => ({ status, finding, next });

export const ok = make("ok");
export const warn = make("warn");
export const bad = make("bad");
export const unknown = make("unknown");

/** The findings, or `text` as good news if there are none. */
export function orOk(findings: readonly Finding[], text: string): Finding[] {
  return findings.length > 0 ? [...findings] : [ok(text)];
}

export function isUnknown(value: unknown): value is Unknown {
  return typeof value === "object" && value !== null && "unknown" in value;
}

/** As monitoring plugins do. Source: https://www.monitoring-plugins.org/doc/guidelines.html */
export const exitCodes: Readonly<Record<Status, number>> = { ok: 0, warn: 1, bad: 2, unknown: 3 };

/** The worst status; what is unknown is worse only than ok. */
export function worst(findings: readonly Finding[]): Status {
  const order: readonly Status[] = ["bad", "warn", "unknown"];
  return order.find((status) => findings.some((each) => each.status === status)) ?? "ok";
}

/** Rounded to hundredths of a millisecond. */
export function latencyText(ns: bigint): string {
  return formatDuration(((ns + 5000n) / 10_000n) * 10_000n);
}
