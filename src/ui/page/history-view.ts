// The versions of a key, newest first, and how the chosen one differs from the one before it or from the present one.
import type { Diff, History, KeyView, Version } from "../api";
import { call, describe } from "./calls";
import { note, type KeyPlace } from "./detail";
import { button, fill, h } from "./dom";
import { bytes, number } from "./format";

export function historyView({ key, signal, actions }: KeyPlace, view: KeyView): HTMLElement {
  const element = h("div", { class: "history" }, h("p", { class: "note" }, "reading the history\u2026"));
  const diffPane = h("div", { class: "diff-pane", attrs: { "aria-live": "polite" } });
  let history: History = { versions: [], compactedAt: "", omitted: 0 };
  let chosen = 0;
  let against: "previous" | "present" = "previous";
  let isRevealed = false;

  async function load(): Promise<void> {
    try {
      history = await call("history", { key }, signal);
      draw();
    } catch (error) {
      if (!signal.aborted) fill(element, note(describe(error), "failed"));
    }
  }

  function draw(): void {
    const { versions, compactedAt, omitted } = history;
    const limit = compactedAt === "" ? "" : `Changes before revision ${number(compactedAt)} are compacted.`;
    const more = omitted === 0 ? "" : `${number(omitted)} older versions are not listed.`;
    if (versions.length === 0) return fill(element, note("No version of this key is stored."), note(limit));
    fill(element, table(), note([limit, more].join(" ").trim()), diffPane);
    void drawDiff();
  }

  function table(): HTMLElement {
    const head = ["Revision", "Change", "Version", "Size", "Lease"].map((name) =>
      h("th", { class: isNumber(name) ? "number" : "" }, name),
    );
    const rows = history.versions.map((version, at) => row(version, at));
    return h(
      "div",
      { class: "versions", attrs: { tabindex: -1 } },
      h(
        "table",
        { class: "grid" },
        h("thead", {}, h("tr", {}, ...head, h("th", {}))),
        h("tbody", {}, ...rows),
      ),
    );
  }

  function row(version: Version, at: number): HTMLElement {
    const isPut = version.change === "put";
    const isPresent = version.revision === view.modRevision;
    const show = button(
      number(version.revision),
      () => {
        chosen = at;
        draw();
        element.querySelector<HTMLElement>("[aria-pressed=true].revision")?.focus();
      },
      {
        class: "link revision",
        attrs: { "aria-pressed": String(at === chosen), title: "Show what changed" },
      },
    );
    const canRestore = actions !== undefined && isPut && !isPresent;
    return h(
      "tr",
      { class: at === chosen ? "chosen" : "" },
      h("td", {}, show),
      h("td", {}, h("span", { class: `change ${version.change}` }, version.change)),
      h("td", { class: "number" }, isPut ? number(version.version) : ""),
      h("td", { class: "number" }, isPut ? bytes(version.sizeBytes) : ""),
      h("td", { class: "mono" }, version.lease),
      h(
        "td",
        { class: "number" },
        canRestore &&
          button("Restore", () => actions.restore(key, version.revision, view), { class: "quiet" }),
      ),
    );
  }

  async function drawDiff(): Promise<void> {
    const version = history.versions[chosen];
    if (version === undefined) return;
    const previous = history.versions[chosen + 1];
    const [from, to] =
      against === "previous"
        ? [valueRevision(previous), valueRevision(version)]
        : [valueRevision(version), view.modRevision || "0"];
    const title =
      against === "previous"
        ? `What revision ${number(version.revision)} changed`
        : `From revision ${number(version.revision)} to now`;
    try {
      const diff = await call("diff", { key, from, to, reveal: isRevealed }, signal);
      if (history.versions[chosen] === version) fill(diffPane, diffHead(title, diff), ...diffBody(diff));
    } catch (error) {
      if (!signal.aborted) fill(diffPane, note(describe(error), "failed"));
    }
  }

  function diffHead(title: string, diff: Diff): HTMLElement {
    const choose = (name: typeof against, text: string): HTMLElement =>
      button(
        text,
        () => {
          against = name;
          void drawDiff().then(() => diffPane.querySelector<HTMLElement>("[aria-pressed=true]")?.focus());
        },
        { attrs: { "aria-pressed": String(name === against) } },
      );
    const reveal = button("Reveal", () => {
      isRevealed = true;
      void drawDiff();
    });
    return h(
      "div",
      { class: "actions" },
      h("h3", {}, title),
      h(
        "div",
        { class: "choice", attrs: { role: "group", "aria-label": "Compare with" } },
        choose("previous", "Previous"),
        choose("present", "Now"),
      ),
      diff.isHidden && reveal,
    );
  }

  void load();
  return element;
}

const isNumber = (name: string): boolean => ["Version", "Size"].includes(name);

/** "0" for a deletion and for what was before the first version: no value. */
function valueRevision(version: Version | undefined): string {
  return version?.change === "put" ? version.revision : "0";
}

function diffBody({ lines, note: text }: Diff): Node[] {
  const marks = { same: " ", added: "+", removed: "-", gap: "\u2026" } as const;
  const rows = lines.map(({ kind, text: line }) =>
    h("div", { class: `line ${kind}` }, h("span", { class: "mark" }, marks[kind]), h("span", {}, line)),
  );
  const body = h(
    "div",
    { class: "diff", attrs: { tabindex: 0, role: "region", "aria-label": "Differences" } },
    ...rows,
  );
  return [note(text), rows.length > 0 ? body : null].filter((part) => part !== null);
}
