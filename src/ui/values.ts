// A value as the page shows it. Text has no character that would change how other text looks. A secret is hidden until the
// page asks for it, in every form.
import { isUtf8 } from "node:buffer";
import { rawText } from "../go/raw-text";
import type { Encoding, ValueView } from "./api";
import { indentJson } from "./indent-json";
import { kubernetesValue } from "./kubernetes-value";

const maxTextBytes = 1024 * 1024;
const maxDumpBytes = 64 * 1024;

export interface ViewOptions {
  readonly encoding: Encoding;
  /** Show secrets. */
  readonly reveal: boolean;
}

export function viewOf(key: Uint8Array, value: Uint8Array, { encoding, reveal }: ViewOptions): ValueView {
  const object = encoding === "decoded" || !reveal ? kubernetesValue(value, reveal) : undefined;
  if (!reveal && (isSecretKey(key) || object?.isHidden)) {
    return {
      kind: "hidden",
      text: object === undefined ? "" : safeText(object.yaml),
      note: object?.note ?? "",
    };
  }
  switch (encoding) {
    case "decoded":
      return object === undefined || object.yaml === ""
        ? { ...decoded(value), ...(object && { note: object.note }) }
        : { kind: "yaml", text: safeText(object.yaml), note: object.note };
    case "text":
      return {
        kind: "text",
        text: safeText(rawText(head(value, maxTextBytes))),
        note: cutNote(value, maxTextBytes),
      };
    case "hex":
      return { kind: "binary", text: hexDump(head(value, maxDumpBytes)), note: cutNote(value, maxDumpBytes) };
    case "base64":
      return {
        kind: "text",
        text: base64Lines(head(value, maxTextBytes)),
        note: cutNote(value, maxTextBytes),
      };
  }
}

/** The lines that a diff compares. */
export function linesFor(
  key: Uint8Array,
  value: Uint8Array | undefined,
  reveal: boolean,
): string | undefined {
  if (value === undefined || value.length === 0) return "";
  const view = viewOf(key, value, { encoding: "decoded", reveal });
  if (view.kind === "hidden") return undefined;
  return view.text.endsWith("\n") ? view.text : `${view.text}\n`;
}

/** The text that a user may edit. */
export function editableText(key: Uint8Array, value: Uint8Array, reveal: boolean): string | null {
  if (value.length > maxTextBytes || !isText(value) || (!reveal && isSecretKey(key))) return null;
  return Buffer.from(value).toString();
}

/** Kubernetes keeps secrets in a folder of this name, with any prefix before it. */
function isSecretKey(key: Uint8Array): boolean {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).includes("/secrets/");
}

function decoded(value: Uint8Array): ValueView {
  if (!isText(value)) {
    return { kind: "binary", text: hexDump(head(value, maxDumpBytes)), note: cutNote(value, maxDumpBytes) };
  }
  const text = Buffer.from(head(value, maxTextBytes)).toString();
  const note = cutNote(value, maxTextBytes);
  const json = note === "" ? indentJson(text) : undefined;
  return json === undefined
    ? { kind: "text", text: safeText(text), note }
    : { kind: "json", text: safeText(json), note };
}

// eslint-disable-next-line no-control-regex -- control characters make a value binary, except those of text
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f]/;

/** Terminal colours do not make a log line binary: their escape character is shown as `\x1b`. */
function isText(value: Uint8Array): boolean {
  return (
    isUtf8(value) && !control.test(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString())
  );
}

/** Escapes control characters but for line ends and tabs, and the marks of the writing direction. */
export function safeText(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(unsafe, (character) => {
    const code = character.charCodeAt(0);
    if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
    return code > 0xff ? `\\u${code.toString(16)}` : `\\x${code.toString(16).padStart(2, "0")}`;
  });
}

const unsafe =
  // eslint-disable-next-line no-control-regex -- it matches control characters
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]|(?<![\ud800-\udbff])[\udc80-\udcff]/g;

function head(value: Uint8Array, most: number): Uint8Array {
  return value.length > most ? value.subarray(0, most) : value;
}

function cutNote(value: Uint8Array, most: number): string {
  return value.length > most ? `the first ${most / 1024} KiB; download it to see all` : "";
}

/** `00000010  6b 38 73 00 0a …  |k8s..|` */
function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    const hex = Array.from(row, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "."));
    lines.push(`${at.toString(16).padStart(8, "0")}  ${hex.padEnd(47)}  |${text.join("")}|`);
  }
  return lines.join("\n");
}

function base64Lines(bytes: Uint8Array): string {
  return (
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,76}/g) ?? []
  ).join("\n");
}
