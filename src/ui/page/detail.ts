// The right side: a key or a folder, with the way to it as links.
import type { KeyView } from "../api";
import { foldersOf, toAddress } from "./format";
import { h, type Child } from "./dom";

export interface KeyActions {
  readonly edit: (key: string, view: KeyView) => void;
  readonly remove: (key: string, view: KeyView) => void;
  readonly restore: (key: string, revision: string, view: KeyView) => void;
}

export interface KeyPlace {
  readonly key: string;
  readonly tab: "value" | "history";
  /** Undefined on a page that only reads. */
  readonly actions: KeyActions | undefined;
  readonly signal: AbortSignal;
}

export const addressOf = {
  key: (key: string) => `#/key/${toAddress(key)}`,
  history: (key: string) => `#/key/${toAddress(key)}/history`,
  folder: (prefix: string) => (prefix === "" ? "#/" : `#/folder/${toAddress(prefix)}`),
  live: (prefix: string) => (prefix === "" ? "#/live" : `#/live/${toAddress(prefix)}`),
};

/** `All keys / registry / pods / …`: `labels` are the parts that the server made harmless. */
export function pathOf(key: string, label: string): HTMLElement {
  const folders = foldersOf(key);
  // A label has its slashes where the key has them, unless an escape came between; then the parts are not linked.
  const parts = label.match(/[^/]*\/|[^/]+$/g) ?? [];
  const isMatched = parts.length === folders.length + 1;
  const links = folders.map((prefix, at) =>
    h("a", { attrs: { href: addressOf.folder(prefix) } }, parts[at] ?? ""),
  );
  return h(
    "h2",
    { class: "path", attrs: { title: label } },
    h("a", { class: "all", attrs: { href: "#/", "aria-label": "All keys" } }, "\u2302"),
    ...(isMatched ? [...links, h("span", {}, parts.at(-1) ?? "")] : [h("span", {}, label)]),
  );
}

/** Pairs of a name and a value. */
export function facts(pairs: readonly (readonly [name: string, value: Child])[]): HTMLElement {
  return h(
    "dl",
    { class: "facts" },
    ...pairs.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

export function note(text: string, kind: "info" | "failed" = "info"): HTMLElement | null {
  return text === "" ? null : h("p", { class: `note ${kind}` }, text);
}

/** A bar whose length is a share of the largest. */
export function bar(share: number): HTMLElement {
  const inner = h("span", {});
  inner.style.width = `${Math.max(share * 100, share > 0 ? 1 : 0)}%`;
  return h("span", { class: "share", attrs: { "aria-hidden": "true" } }, inner);
}
