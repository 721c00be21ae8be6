// JSON as a tree whose nodes know where they stood, so that whoever reads it can name the place of a mistake. Numbers stay
// text, since 64-bit ones do not fit a float. Strict: RFC 8259, no name twice in one object, bounded nesting.

export type JsonNode = { readonly at: number } & (
  | { readonly kind: "null" }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "array"; readonly items: readonly JsonNode[] }
  | { readonly kind: "object"; readonly fields: ReadonlyMap<string, JsonNode> }
);

export class JsonError extends Error {
  override name = "JsonError";
  constructor(
    readonly at: number,
    message: string,
  ) {
    super(message);
  }
}

/** Throws JsonError. */
export function parseJson(text: string): JsonNode {
  return new Parser(text).whole();
}

/** `3:14`, both counted from 1, the column in characters. */
export function lineAndColumn(text: string, at: number): string {
  const before = text.slice(0, at).split("\n");
  return `${before.length}:${[...(before.at(-1) ?? "")].length + 1}`;
}

const deepest = 100;
const literals = { null: null, true: true, false: false } as const;

class Parser {
  private pos = 0;

  constructor(private readonly text: string) {}

  whole(): JsonNode {
    const node = this.value(0);
    this.blanks();
    if (this.pos < this.text.length) throw this.unexpected("the end");
    return node;
  }

  private value(depth: number): JsonNode {
    this.blanks();
    const at = this.pos;
    if (depth > deepest) throw new JsonError(at, `nested more than ${deepest} times`);
    const first = this.text[at];
    if (first === "{") return { at, kind: "object", fields: this.fields(depth) };
    if (first === "[") return { at, kind: "array", items: this.items(depth) };
    if (first === '"') return { at, kind: "string", value: this.string() };
    const number = this.take(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y);
    if (number !== undefined) return { at, kind: "number", text: number };
    const word = this.take(/null|true|false/y) as keyof typeof literals | undefined;
    if (word === undefined) throw this.unexpected("a value");
    const value = literals[word];
    return value === null ? { at, kind: "null" } : { at, kind: "boolean", value };
  }

  private fields(depth: number): Map<string, JsonNode> {
    const fields = new Map<string, JsonNode>();
    this.list("}", () => {
      const at = this.pos;
      if (this.text[at] !== '"') throw this.unexpected("a name in quotes");
      const name = this.string();
      if (fields.has(name)) throw new JsonError(at, `${JSON.stringify(name)} is there twice`);
      this.blanks();
      if (!this.skip(":")) throw this.unexpected('":"');
      fields.set(name, this.value(depth + 1));
    });
    return fields;
  }

  private items(depth: number): JsonNode[] {
    const items: JsonNode[] = [];
    this.list("]", () => void items.push(this.value(depth + 1)));
    return items;
  }

  /** From the opening bracket to behind the closing one. */
  private list(end: "}" | "]", element: () => void): void {
    this.pos++;
    this.blanks();
    if (this.skip(end)) return;
    for (;;) {
      this.blanks();
      element();
      this.blanks();
      if (this.skip(end)) return;
      if (!this.skip(",")) throw this.unexpected(`"," or "${end}"`);
    }
  }

  private string(): string {
    const start = this.pos;
    let end = start + 1;
    for (; this.text[end] !== '"'; end++) {
      if (end >= this.text.length) throw new JsonError(start, "a string without an end");
      if (this.text[end] === "\\") end++;
    }
    this.pos = end + 1;
    try {
      return JSON.parse(this.text.slice(start, this.pos)) as string;
    } catch {
      throw new JsonError(start, "a string with a bad escape or a control character");
    }
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.pos;
    const found = pattern.exec(this.text)?.[0];
    this.pos += found?.length ?? 0;
    return found;
  }

  private skip(character: string): boolean {
    if (this.text[this.pos] !== character) return false;
    this.pos++;
    return true;
  }

  private blanks(): void {
    this.take(/[ \t\r\n]*/y);
  }

  private unexpected(wanted: string): JsonError {
    const found = this.text.codePointAt(this.pos);
    const seen = found === undefined ? "the end" : JSON.stringify(String.fromCodePoint(found));
    return new JsonError(this.pos, `expected ${wanted}, found ${seen}`);
  }
}
