// `{{…}}` in transcripts replaces what differs between runs. Known values (ports, folders) are filled in. IDs are bound when
// they first appear, in any notation, and must be the same afterwards. For all others only the form is checked.

const idKinds: ReadonlySet<string> = new Set(["cluster_id", "member_id", "lease"]);

const idForms: Readonly<Record<string, string>> = {
  "": "\\d{1,20}",
  hex: "[0-9a-f]{1,16}",
  x: "[0-9a-f]{1,16}",
  hex16: " *[0-9a-f]{1,16}",
};

/** Bound when they first appear, like IDs, but in one notation only. */
const boundForms: Readonly<Record<string, string>> = {
  raft_term: "\\d+",
  hash: "\\d+",
  "hash:hex": "[0-9a-f]+",
  server_version: "\\d+\\.\\d+\\.\\d+[\\w.+-]*",
  client_version: "\\d+\\.\\d+\\.\\d+[\\w.+-]*",
  token: "[\\w.]+",
};

const fractionOfSecond = "(?:\\.\\d+)?";
const freeForms: Readonly<Record<string, string>> = {
  raft_index: "\\d+",
  db_size: "\\d+",
  percent: "-?\\d+",
  num: "-?\\d+",
  ttl_remaining: "-?\\d+",
  bytes: "\\d+(?:\\.\\d+)? ?(?:B|kB|MB|GB)",
  took: "(?:\\d+h)?(?:\\d+m)?\\d+(?:\\.\\d+)?(?:ns|µs|ms|s)",
  time: `\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d${fractionOfSecond}(?:Z|[+-]\\d\\d:?\\d\\d)`,
  ephemeral_port: "\\d{1,5}",
  storage_version: "[\\d.]*",
  storage_json: '(?:"storageVersion":"[\\d.]*",)?',
  caller: '[^"]*',
  stack: '[^"]*',
  ptr: "0x[0-9a-f]+",
  detail: '(?:[^"\\\\]|\\\\.)*',
  b64: "[A-Za-z0-9+/=]*",
  sp: " +",
  any: "[^\\n]*",
  usage: "[\\s\\S]*",
  trace: "[\\s\\S]*",
};

export const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

interface Placeholder {
  readonly kind: string;
  readonly form: string;
  /** The name without the notation: `lease:1`. */
  readonly key: string;
}

/** `lease:1:hex` is lease number 1 in hex. */
function parse(name: string): Placeholder {
  const [kind = "", ...rest] = name.split(":");
  const index = rest.find((part) => /^\d+$/.test(part));
  const form = rest.find((part) => !/^\d+$/.test(part)) ?? "";
  return { kind, form, key: index === undefined ? kind : `${kind}:${index}` };
}

export class Placeholders {
  private readonly bound = new Map<string, string | bigint>();

  constructor(private readonly known: Readonly<Record<string, string>>) {}

  bindId(key: string, value: bigint): void {
    this.bound.set(key, value);
  }

  /** Replaces all placeholders; throws when one has no value yet. */
  fill(text: string): string {
    return this.replace(text, (all) => {
      throw new Error(`${all} has no value yet`);
    });
  }

  /** Replaces the placeholders that have a value, for reports. */
  show(text: string): string {
    return this.replace(text, (all) => all);
  }

  private replace(text: string, unknown: (all: string) => string): string {
    return text.replace(/\{\{([^{}]+)\}\}/g, (all, name: string) => this.value(name) ?? unknown(all));
  }

  private value(name: string): string | undefined {
    const { kind, form, key } = parse(name);
    if (!idKinds.has(kind)) return this.known[name] ?? (this.bound.get(name) as string | undefined);
    const id = this.bound.get(key);
    return typeof id === "bigint" ? formatId(id, kind, form) : undefined;
  }

  /** Whether `actual` matches `template`. A match binds the new placeholders. */
  matches(template: string, actual: string): boolean {
    const names: string[] = [];
    const pattern = template
      .split(/\{\{([^{}]+)\}\}/)
      .map((part, at) => {
        if (at % 2 === 0) return escapeRegExp(part);
        const value = this.value(part);
        if (value !== undefined) return escapeRegExp(value);
        const { kind, form } = parse(part);
        const free = freeForms[kind];
        if (free !== undefined) return `(?:${free})`;
        const shape = idKinds.has(kind) ? idForms[form] : (boundForms[`${kind}:${form}`] ?? boundForms[kind]);
        if (shape === undefined) throw new Error(`unknown placeholder {{${part}}}`);
        names.push(part);
        return `(${shape})`;
      })
      .join("");
    const match = new RegExp(`^${pattern}$`).exec(actual);
    return match !== null && this.bindAll(names, match.slice(1));
  }

  private bindAll(names: readonly string[], texts: readonly string[]): boolean {
    const fresh = new Map<string, string | bigint>();
    for (const [at, name] of names.entries()) {
      const text = texts[at] ?? "";
      const { kind, form, key } = parse(name);
      const isId = idKinds.has(kind);
      const value = isId ? BigInt(form === "" ? text : `0x${text.trim()}`) : text;
      if (typeof value === "bigint" && formatId(value, kind, form) !== text) return false;
      const before = fresh.get(isId ? key : name);
      if (before !== undefined && before !== value) return false;
      if (before === undefined && isId && this.isTaken(kind, value, fresh)) return false;
      fresh.set(isId ? key : name, value);
    }
    for (const [key, value] of fresh) this.bound.set(key, value);
    return true;
  }

  /** Two names of one kind never have the same ID. */
  private isTaken(
    kind: string,
    value: string | bigint,
    fresh: ReadonlyMap<string, string | bigint>,
  ): boolean {
    return [...this.bound, ...fresh].some(([key, other]) => parse(key).kind === kind && other === value);
  }
}

function formatId(id: bigint, kind: string, form: string): string {
  const hex = BigInt.asUintN(64, id).toString(16);
  switch (form) {
    case "":
      return id.toString();
    case "x":
      return hex;
    case "hex16":
      return hex.padStart(16);
    case "hex":
      return kind === "lease" ? hex.padStart(16, "0") : hex;
    default:
      throw new Error(`unknown notation of an id: ${form}`);
  }
}
