// Above the tree, for a user who may not read all keys: a prefix or a key is typed in place of the first level.
import type { Entry } from "../api";
import { h } from "./dom";
import { encodeKey, labelOf } from "./format";

export class PrefixForm {
  readonly element: HTMLElement;
  /** What was opened, the newest first. It stays when the tree is loaded again. */
  opened: readonly Entry[] = [];
  private readonly input = h("input", {
    id: "prefix-text",
    attrs: { type: "text", placeholder: "/registry/", spellcheck: "false", autocomplete: "off" },
  });

  constructor(private readonly open: (entry: Entry) => void) {
    const submit = (kind: Entry["kind"], text: string): HTMLElement =>
      h("button", { attrs: { type: "submit", value: kind } }, text);
    this.element = h(
      "form",
      { class: "prefix-form", hidden: true, on: { submit: (event) => this.submit(event) } },
      h("label", { attrs: { for: "prefix-text" } }, "You may not read the first level. Type where to begin:"),
      this.input,
      h("div", { class: "actions" }, submit("folder", "Open prefix"), submit("key", "Open key")),
    );
  }

  private submit(event: SubmitEvent): void {
    event.preventDefault();
    if (this.input.value === "") return;
    const kind = (event.submitter as HTMLButtonElement | null)?.value === "key" ? "key" : "folder";
    const key = encodeKey(this.input.value);
    const entry: Entry = { kind, key, label: labelOf(key) };
    this.opened = [entry, ...this.opened.filter((each) => each.key !== key)];
    this.open(entry);
  }
}
