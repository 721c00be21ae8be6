// The checks of doctor that compare with the time of this machine.
import { formatDuration } from "../../go/units";
import type { ClockOffset, Examination } from "./examine";
import { bad, isUnknown, ok, orOk, unknown, warn, type Finding } from "./finding";

const clockLimitsMs = { warn: 2000, bad: 60_000 };

/** Clocks differ for certain only by what the whole seconds of a Date header leave: the smallest possible offset counts. */
export function clock({ members }: Examination): Finding[] {
  const offsets: { readonly name: string; readonly offset: ClockOffset }[] = [];
  const findings: Finding[] = [];
  for (const { name, clock: offset } of members) {
    if (offset === undefined) continue;
    if (isUnknown(offset)) findings.push({ ...unknown(offset.unknown), member: name });
    else offsets.push({ name, offset });
  }
  const wrong = offsets.filter(({ offset }) => Math.abs(certainMs(offset)) >= clockLimitsMs.warn);
  const isOurs = offsets.length > 1 && wrong.length === offsets.length && overlap(offsets);
  const next = isOurs
    ? "all members agree, so correct the clock of this machine"
    : "synchronize the clocks (NTP): certificates, tokens and logs depend on them";
  for (const { name, offset } of wrong) {
    const ms = certainMs(offset);
    const make = Math.abs(ms) >= clockLimitsMs.bad ? bad : warn;
    const amount = formatDuration(BigInt(Math.abs(ms)) * 1_000_000n);
    const text = `its clock is at least ${amount} ${ms > 0 ? "fast" : "slow"}, compared with this machine's`;
    findings.push({ ...make(text, next), member: name });
  }
  return orOk(findings, "all clocks agree with this machine's, as far as whole seconds can show");
}

/** The offset that is the closest to 0. */
function certainMs({ fromMs, toMs }: ClockOffset): number {
  if (fromMs > 0) return Math.round(fromMs);
  return toMs < 0 ? Math.round(toMs) : 0;
}

function overlap(offsets: readonly { readonly offset: ClockOffset }[]): boolean {
  const from = Math.max(...offsets.map(({ offset }) => offset.fromMs));
  return from <= Math.min(...offsets.map(({ offset }) => offset.toMs));
}

const dayMs = 86_400_000;
const certificateLimitsMs = { warn: 30 * dayMs, bad: 7 * dayMs };

export function certificates({ members, ownCertificates, nowMs }: Examination): Finding[] {
  const findings: Finding[] = [];
  const ends: number[] = [];
  const check = (endsMs: number, what: string, next: string, member?: string) => {
    ends.push(endsMs);
    const left = endsMs - nowMs;
    if (left >= certificateLimitsMs.warn) return;
    const make = left < certificateLimitsMs.bad ? bad : warn;
    const text = `${what} ${left < 0 ? "ended" : "ends"} on ${dateOf(endsMs)}`;
    findings.push({ ...make(text, next), ...(member !== undefined && { member }) });
  };
  for (const { name, certificateEndsMs } of members) {
    if (isUnknown(certificateEndsMs)) {
      findings.push({ ...unknown(certificateEndsMs.unknown), member: name });
    } else if (certificateEndsMs !== undefined) {
      const next = "renew it; etcd reads its files again for each new connection";
      check(certificateEndsMs, "its certificate, or one in its chain,", next, name);
    }
  }
  for (const { file, endsMs } of ownCertificates) {
    if (isUnknown(endsMs)) findings.push(unknown(`${file}: ${endsMs.unknown}`));
    else check(endsMs, file, "renew it");
  }
  if (findings.length > 0) return findings;
  if (ends.length === 0) return [ok("no connection uses TLS")];
  return [ok(`the first certificate ends on ${dateOf(Math.min(...ends))}`)];
}

function dateOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}
