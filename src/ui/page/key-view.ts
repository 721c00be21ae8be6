// A key: what is known of it, its value in several forms, and what may be done with it.
import type { Encoding, KeyView } from "../api";
import { call, describe, download } from "./calls";
import { addressOf, facts, note, pathOf, type KeyPlace } from "./detail";
import { button, copy, fill, h, toast } from "./dom";
import { bytes, decodeKey, number, seconds } from "./format";
import { highlighted } from "./highlight";
import { historyView } from "./history-view";

const encodings: readonly (readonly [Encoding, string])[] = [
  ["decoded", "Decoded"],
  ["text", "Text"],
  ["hex", "Hex"],
  ["base64", "Base64"],
];

const longText = 100_000;

export function keyView(place: KeyPlace): HTMLElement {
  const article = h("article", { class: "detail key-detail" });
  let encoding: Encoding = "decoded";
  let isRevealed = false;

  async function load(): Promise<void> {
    try {
      const view = await call("key", { key: place.key, encoding, reveal: isRevealed }, place.signal);
      fill(article, ...content(view));
    } catch (error) {
      if (!place.signal.aborted) fill(article, note(describe(error), "failed"));
    }
  }

  function content(view: KeyView): Node[] {
    const parts = [pathOf(place.key, view.label), knownFacts(view), tabs(place)];
    if (place.tab === "history") parts.push(historyView(place, view));
    else parts.push(...(view.exists ? valueParts(view) : [missing()]));
    return parts;
  }

  function valueParts(view: KeyView): HTMLElement[] {
    const { value } = view;
    if (value.kind === "hidden") return [hidden(value.text)];
    return [
      h("div", { class: "actions" }, choice(), ...tools(view)),
      note(value.note),
      ...shownText(value),
    ].filter((part) => part !== null);
  }

  /** A browser needs seconds to lay out a megabyte: the first part comes first. */
  function shownText({ text, kind }: Exclude<KeyView["value"], { kind: "hidden" }>): HTMLElement[] {
    const show = (part: string): Node[] => highlighted(part, kind);
    const isLong = text.length > longText;
    const end = isLong ? text.lastIndexOf("\n", longText) + 1 || longText : text.length;
    const value = h(
      "pre",
      { class: `value ${kind}`, attrs: { tabindex: 0, "aria-label": "Value" } },
      ...show(text.slice(0, end)),
    );
    if (!isLong) return [value];
    const rest = button(`Show all ${number(text.length)} characters`, () => {
      fill(value, ...show(text));
      more.remove();
      value.focus();
    });
    const more = h("div", { class: "actions" }, `These are the first ${number(end)} characters.`, rest);
    return [more, value];
  }

  function missing(): HTMLElement {
    return h("p", { class: "note" }, "This key does not exist now. Its history may have earlier versions.");
  }

  function hidden(text: string): HTMLElement {
    const reveal = button("Reveal", () => {
      isRevealed = true;
      void load();
    });
    return h(
      "div",
      {},
      h(
        "div",
        { class: "secret" },
        h("p", {}, "This value is a secret. It is not sent to the page before you ask for it."),
        reveal,
      ),
      text === ""
        ? null
        : h("pre", { class: "value yaml", attrs: { tabindex: 0 } }, ...highlighted(text, "yaml")),
    );
  }

  /** The forms of the value; one of them is chosen. */
  function choice(): HTMLElement {
    const buttons = encodings.map(([name, text]) =>
      button(
        text,
        () => {
          encoding = name;
          void load().then(() => article.querySelector<HTMLElement>(".choice [aria-pressed=true]")?.focus());
        },
        { attrs: { "aria-pressed": String(name === encoding) } },
      ),
    );
    return h(
      "div",
      { class: "choice", attrs: { role: "group", "aria-label": "Form of the value" } },
      ...buttons,
    );
  }

  function tools(view: KeyView): HTMLElement[] {
    const { actions, key } = place;
    const editing = actions && [
      ...(view.editable === null ? [] : [button("Edit", () => actions.edit(key, view))]),
      button("Delete", () => actions.remove(key, view), { class: "danger" }),
    ];
    return [
      button("Copy", () => void copy(view.value.text, "Value")),
      button("Download", () => void save(key, view.label)),
      ...(editing ?? []),
    ];
  }

  void load();
  return article;
}

function knownFacts(view: KeyView): HTMLElement {
  if (!view.exists) return facts([["State", "absent"]]);
  const { leaseSeconds, lease } = view;
  const left = leaseSeconds === null ? "" : ` (${seconds(leaseSeconds)} left)`;
  return facts([
    ["Size", bytes(view.sizeBytes)],
    ["Version", number(view.version)],
    ["Created", `rev ${number(view.createRevision)}`],
    ["Modified", `rev ${number(view.modRevision)}`],
    ["Lease", lease === "" ? "none" : `${lease}${left}`],
  ]);
}

function tabs({ key, tab }: KeyPlace): HTMLElement {
  const link = (name: KeyPlace["tab"], text: string, href: string): HTMLElement =>
    h("a", { attrs: { href, "aria-current": name === tab ? "page" : undefined } }, text);
  return h(
    "nav",
    { class: "tabs", attrs: { "aria-label": "Key" } },
    link("value", "Value", addressOf.key(key)),
    link("history", "History", addressOf.history(key)),
  );
}

async function save(key: string, label: string): Promise<void> {
  try {
    const address = URL.createObjectURL(await download({ key }));
    const name =
      label
        .split("/")
        .at(-1)
        ?.replace(/[^\w.-]+/g, "_") ?? "";
    h("a", { attrs: { href: address, download: name || `key-${decodeKey(key).length}` } }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  } catch (error) {
    toast(describe(error), "failed");
  }
}
