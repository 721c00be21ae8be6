// Changes as they happen: the newest on top, the last few thousand kept.
import type { LiveEvent, LiveLine } from "../api";
import { describe, stream } from "./calls";
import { addressOf } from "./detail";
import { button, fill, h } from "./dom";
import { bytes, counted, decodeKey, encodeKey, number, toAddress } from "./format";
import { VirtualList } from "./virtual-list";

const maxKept = 5000;

type Row = LiveEvent | { readonly notice: string };

export class LiveView {
  readonly element: HTMLElement;
  private readonly list: VirtualList<Row>;
  private readonly prefixInput: HTMLInputElement;
  private readonly state = h("span", { class: "state", attrs: { role: "status" } });
  private readonly toggle = button("Pause", () => this.setPaused(!this.isPaused), {
    attrs: { "aria-pressed": "false" },
  });
  private rows: Row[] = [];
  private held: Row[] = [];
  private seen = 0;
  private isPaused = false;
  private prefix: string | undefined;
  private watching: AbortController | undefined;
  private since = "";
  private problem = "";
  /** Why no member responds; empty while one does. */
  private away = "";

  constructor() {
    this.list = new VirtualList({
      role: "listbox",
      rowRole: "option",
      label: "Changes",
      render: (row) => rowElement(row),
      activate: (row) => {
        if ("key" in row)
          location.hash = row.change === "put" ? addressOf.key(row.key) : addressOf.history(row.key);
      },
    });
    this.prefixInput = h("input", {
      id: "live-prefix",
      attrs: { type: "text", placeholder: "all keys", spellcheck: "false", autocomplete: "off" },
    });
    const form = h(
      "form",
      { class: "live-form", on: { submit: (event) => this.submit(event) } },
      h("label", { attrs: { for: "live-prefix" } }, "Prefix"),
      this.prefixInput,
      h("button", { attrs: { type: "submit" } }, "Watch"),
    );
    this.element = h(
      "section",
      { class: "view live", attrs: { "aria-label": "Live changes" } },
      h(
        "div",
        { class: "live-head" },
        form,
        this.toggle,
        button("Clear", () => this.clear()),
        this.state,
      ),
      h(
        "div",
        { class: "event head", attrs: { "aria-hidden": "true" } },
        ...["Revision", "Change", "Key", "Size", "Version"].map((name) => h("span", {}, name)),
      ),
      this.list.element,
    );
  }

  /** Watches the prefix until stop(); a prefix that is watched already stays. */
  start(prefix: string): void {
    if (this.prefix === prefix && this.watching !== undefined) return;
    this.stop();
    this.clear();
    this.prefix = prefix;
    this.prefixInput.value = new TextDecoder().decode(decodeKey(prefix));
    this.since = "";
    this.problem = "";
    this.away = "";
    const watching = (this.watching = new AbortController());
    this.drawState();
    stream("live", { prefix }, (line) => this.take(line), watching.signal)
      .catch((error: unknown) => {
        if (!watching.signal.aborted) this.problem = describe(error);
      })
      .finally(() => {
        if (this.watching === watching) this.watching = undefined;
        this.drawState();
      });
  }

  stop(): void {
    this.watching?.abort();
    this.watching = undefined;
  }

  private submit(event: Event): void {
    event.preventDefault();
    const prefix = encodeKey(this.prefixInput.value);
    this.stop();
    if (location.hash === addressOf.live(prefix)) this.start(prefix);
    else location.hash = addressOf.live(prefix);
  }

  private take(line: LiveLine): void {
    if ("since" in line) this.since = line.since;
    else if ("away" in line) this.setAway(line.away);
    else if ("notice" in line) this.add([line]);
    else this.add(line.events);
    this.drawState();
  }

  private setAway(reason: string): void {
    this.away = reason;
    this.add([{ notice: reason === "" ? "a member responds again" : reason }]);
  }

  private add(rows: readonly Row[]): void {
    this.seen += rows.filter((row) => "key" in row).length;
    const target = this.isPaused ? this.held : this.rows;
    target.unshift(...rows.slice(-maxKept).reverse());
    target.length = Math.min(target.length, maxKept);
    if (!this.isPaused) this.list.show(this.rows);
  }

  private setPaused(isPaused: boolean): void {
    this.isPaused = isPaused;
    this.toggle.textContent = isPaused ? "Resume" : "Pause";
    this.toggle.setAttribute("aria-pressed", String(isPaused));
    if (!isPaused) {
      this.rows = [...this.held, ...this.rows].slice(0, maxKept);
      this.held = [];
      this.list.show(this.rows);
    }
    this.drawState();
  }

  private clear(): void {
    this.rows = [];
    this.held = [];
    this.seen = 0;
    this.list.show(this.rows);
    this.drawState();
  }

  private drawState(): void {
    const held = this.isPaused ? ` (${number(this.held.length)} held back)` : "";
    const place = this.since === "" ? "connecting\u2026" : `live since revision ${number(this.since)}`;
    const where = this.away === "" ? place : "waiting: no member responds";
    const text = this.watching === undefined ? "stopped" : where;
    const isLive = this.watching !== undefined && this.since !== "";
    const isWell = this.problem === "" && this.away === "";
    this.state.className = `state ${isWell ? (isLive ? "on" : "off") : "failed"}`;
    fill(
      this.state,
      this.problem === "" ? `${text} \u00b7 ${counted(this.seen, "change")}${held}` : this.problem,
    );
  }
}

function rowElement(row: Row): HTMLElement {
  if ("notice" in row) return h("div", { class: "event notice", attrs: { title: row.notice } }, row.notice);
  const isPut = row.change === "put";
  return h(
    "div",
    { class: "event", attrs: { title: row.label, "data-key": toAddress(row.key) } },
    h("span", { class: "number" }, number(row.revision)),
    h("span", {}, h("span", { class: `change ${row.change}` }, row.change)),
    h("span", { class: "name" }, row.label),
    h("span", { class: "number" }, isPut ? bytes(row.sizeBytes) : ""),
    h("span", { class: "number" }, isPut ? number(row.version) : ""),
  );
}
