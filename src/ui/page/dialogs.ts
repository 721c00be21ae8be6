// Questions before something is written.
import { call, describe } from "./calls";
import { button, h, toast } from "./dom";
import type { Written } from "../api";
import { number } from "./format";

export interface Question {
  readonly title: string;
  readonly fields: readonly HTMLElement[];
  /** What the button does: `Save`, `Delete`. */
  readonly verb: string;
  readonly isDangerous?: boolean;
  readonly write: () => Promise<Written>;
}

/** Resolves when the dialog has closed: true after a write. */
export function ask({ title, fields, verb, isDangerous, write }: Question): Promise<boolean> {
  const problem = h("p", { class: "note failed", hidden: true, attrs: { role: "alert" } });
  const submit = h("button", { class: isDangerous ? "danger" : "primary", attrs: { type: "submit" } }, verb);
  const dialog = h("dialog", { class: "dialog", attrs: { "aria-label": title } });
  return new Promise((resolve) => {
    let isWritten = false;
    const save = async (): Promise<void> => {
      submit.disabled = true;
      try {
        const { revision } = await write();
        isWritten = true;
        dialog.close();
        toast(`written at revision ${number(revision)}`);
      } catch (error) {
        problem.textContent = describe(error);
        problem.hidden = false;
        submit.disabled = false;
      }
    };
    const form = h(
      "form",
      { on: { submit: (event) => (event.preventDefault(), void save()) } },
      h("h2", {}, title),
      ...fields,
      problem,
      h(
        "div",
        { class: "actions end" },
        button("Cancel", () => dialog.close()),
        submit,
      ),
    );
    dialog.append(form);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(isWritten);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

export function askValue(title: string, key: string, modRevision: string, text: string): Promise<boolean> {
  const area = h("textarea", { id: "new-value", attrs: { spellcheck: "false", rows: 16 } });
  area.value = text;
  return ask({
    title,
    fields: [h("label", { attrs: { for: "new-value" } }, "Value"), area],
    verb: "Save",
    write: () => call("put", { key, value: area.value, modRevision }),
  });
}

export async function askNewKey(
  prefixText: string,
  encode: (text: string) => string,
): Promise<string | undefined> {
  const name = h("input", {
    id: "new-key",
    attrs: { type: "text", required: "", spellcheck: "false", autocomplete: "off" },
  });
  name.value = prefixText;
  const area = h("textarea", { id: "new-value", attrs: { spellcheck: "false", rows: 10 } });
  const isWritten = await ask({
    title: "New key",
    fields: [
      h("label", { attrs: { for: "new-key" } }, "Key"),
      name,
      h("label", { attrs: { for: "new-value" } }, "Value"),
      area,
    ],
    verb: "Create",
    write: () => call("put", { key: encode(name.value), value: area.value, modRevision: "0" }),
  });
  return isWritten ? encode(name.value) : undefined;
}
