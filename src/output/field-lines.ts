// Lines of the fields format: `"Name" : value`, strings quoted as Go's %q, ids in decimal or with --hex in hexadecimal.
import { isQuotedAsIs, quote } from "../goformat/quote";
import { ByteBuilder } from "./byte-builder";
import { hexId, hexLeaseId } from "./ids";

export class FieldLines {
  private readonly out = new ByteBuilder();

  constructor(private readonly hex: boolean) {}

  take(): Uint8Array {
    return this.out.take();
  }

  /** A value that Go prints without quotes. */
  plain(name: string, value: string | boolean): this {
    this.out.bytes(label(name)).text(String(value)).byte(NEWLINE);
    return this;
  }

  int(name: string, value: bigint): this {
    this.out.bytes(label(name)).int(value).byte(NEWLINE);
    return this;
  }

  /** The id of a cluster or a member. */
  id(name: string, value: bigint): this {
    return this.hex ? this.plain(name, hexId(value)) : this.int(name, value);
  }

  leaseId(name: string, value: bigint): this {
    return this.hex ? this.plain(name, hexLeaseId(value)) : this.int(name, value);
  }

  quoted(name: string, value: Uint8Array | string): this {
    const out = this.out.bytes(label(name));
    if (typeof value !== "string" && isQuotedAsIs(value)) out.byte(QUOTE).bytes(value).byte(QUOTE);
    else out.text(quote(value));
    out.byte(NEWLINE);
    return this;
  }

  /** Strings, each after a blank. */
  list(name: string, values: readonly string[]): this {
    this.out.ascii(`"${name}" :`);
    for (const value of values) this.out.ascii(" ").text(quote(value));
    this.out.byte(NEWLINE);
    return this;
  }

  /** Ends a member, an endpoint or an alarm. */
  blank(): this {
    this.out.byte(NEWLINE);
    return this;
  }
}

const NEWLINE = 0x0a;
const QUOTE = 0x22;

/** Encoded once per name: a big range has the same six names for every key. */
const labels = new Map<string, Buffer>();

function label(name: string): Buffer {
  let bytes = labels.get(name);
  if (bytes === undefined) labels.set(name, (bytes = Buffer.from(`"${name}" : `)));
  return bytes;
}
