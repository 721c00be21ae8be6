// The members with health and sizes, and plots of database size, latency and rate of revisions.
import type { MemberView, Members, Sample } from "../api";
import { chart, type Series } from "./chart";
import { bar, facts, note } from "./detail";
import { fill, h } from "./dom";
import { bytes, milliseconds, number } from "./format";

const keptSamples = 6000;

export class MembersView {
  readonly element = h("section", { class: "view members", attrs: { "aria-label": "Members" } });
  private samples: Sample[] = [];
  private last: Members | undefined;

  constructor(private readonly isOffline: () => boolean) {
    fill(this.element, h("p", { class: "note" }, "asking the members\u2026"));
  }

  get newest(): number {
    return this.samples.at(-1)?.at ?? 0;
  }

  take(state: Members): void {
    const { newest } = this;
    this.last = state;
    this.samples = [...this.samples, ...state.samples.filter(({ at }) => at > newest)].slice(-keptSamples);
    this.draw(state, "");
  }

  /** The members stay as they were seen last. */
  fail(problem: string): void {
    if (this.last === undefined) fill(this.element, note(problem, "failed"));
    else this.draw({ ...this.last, members: this.last.members.map(gone) }, problem);
  }

  private draw({ members, now }: Members, problem: string): void {
    if (this.element.hidden) return;
    fill(
      this.element,
      note(problem, "failed"),
      h("div", { class: "member-grid" }, ...members.map((member, at) => this.card(member, at))),
      this.isOffline()
        ? note("This is a file: nothing changes in it, so there is nothing to plot.")
        : this.plots(members, now),
    );
  }

  private card(member: MemberView, at: number): HTMLElement {
    const isSilent = member.version === "";
    const isBad = member.isAway ? "away" : "unhealthy";
    const health = this.isOffline() ? "" : member.isHealthy ? "healthy" : isBad;
    return h(
      "article",
      { class: `member ${health}` },
      h(
        "header",
        {},
        h("span", { class: `dot c${at % 6}`, attrs: { "aria-hidden": "true" } }),
        h("h3", { attrs: { title: member.name } }, member.name || member.endpoint || member.id),
        member.role === "unknown" ? null : h("span", { class: `badge ${member.role}` }, member.role),
        health === "" ? null : h("span", { class: `badge ${health}` }, health),
      ),
      ...member.problems.map((problem) => note(problem, "failed")),
      facts([
        ...(isSilent ? [] : this.sizes(member)),
        ...(member.isAway ? [lastSeen(member)] : []),
        ["Endpoint", h("span", { class: "mono" }, member.endpoint || "\u2014")],
        ["ID", h("span", { class: "mono" }, member.id || "\u2014")],
        ["Peer URLs", h("span", { class: "mono" }, member.peerUrls.join(", ") || "\u2014")],
      ]),
    );
  }

  private sizes(member: MemberView): [string, Node | string][] {
    const { dbBytes, dbInUseBytes, quotaBytes } = member;
    const quota = quotaBytes > 0 ? ` of ${bytes(quotaBytes)}` : "";
    const live: [string, Node | string][] = this.isOffline()
      ? []
      : [
          ["Latency", member.latencyMs === null ? "\u2014" : milliseconds(member.latencyMs)],
          ["Raft term", number(member.raftTerm)],
          [
            "Raft index",
            `${number(member.raftIndex)}${member.applyLag > 0 ? ` (${number(member.applyLag)} to apply)` : ""}`,
          ],
        ];
    return [
      ["Version", member.version],
      ["Revision", number(member.revision)],
      [
        "Database",
        h("span", {}, `${bytes(dbBytes)}${quota}`, quotaBytes > 0 ? bar(dbBytes / quotaBytes) : null),
      ],
      ["In use", `${bytes(dbInUseBytes)} (${Math.round((100 * dbInUseBytes) / (dbBytes || 1))} %)`],
      ...live,
    ];
  }

  private plots(members: readonly MemberView[], now: number): HTMLElement {
    const series = (valueOf: (sample: Sample, before: Sample | undefined) => number | null): Series[] =>
      members.map((member, color) => {
        const id = member.id || member.endpoint;
        const samples = this.samples.filter((sample) => sample.member === id);
        const points = samples.map((sample, at) => ({
          at: sample.at,
          value: valueOf(sample, samples[at - 1]),
        }));
        return { name: member.name, color, points };
      });
    return h(
      "div",
      { class: "charts" },
      chart(
        series(({ dbBytes }) => dbBytes),
        now,
        { title: "Database size", format: bytes, base: 1024 },
      ),
      chart(
        series(({ latencyMs }) => latencyMs),
        now,
        { title: "Latency of a confirmed read", format: milliseconds },
      ),
      chart(series(revisionRate), now, { title: "Revisions per second", format: rateText }),
    );
  }
}

/** A member that could not be asked. */
function gone(member: MemberView): MemberView {
  return { ...member, isAway: true, isHealthy: false, version: "", role: "unknown", problems: [] };
}

function lastSeen({ lastSeen }: MemberView): [string, string] {
  return ["Last response", lastSeen === null ? "none yet" : new Date(lastSeen).toLocaleTimeString()];
}

/** A member that was silent in between has no rate. */
export function revisionRate(sample: Sample, before: Sample | undefined): number | null {
  if (before === undefined || sample.revision === null || before.revision === null) return null;
  return Math.max(0, ((sample.revision - before.revision) * 1000) / Math.max(1, sample.at - before.at));
}

function rateText(rate: number): string {
  return rate >= 100 || Number.isInteger(rate) ? number(Math.round(rate)) : rate.toFixed(1);
}
