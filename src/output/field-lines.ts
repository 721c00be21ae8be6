// Lines of the fields format: `"Name" : value`, strings quoted as Go's %q.
import { isQuotedAsIs, quote } from "../goformat/quote";
import { ByteBuilder } from "./byte-builder";

export class FieldLines {
  private readonly out = new ByteBuilder();

  take(): Uint8Array {
    return this.out.take();
  }

  private label(name: string): ByteBuilder {
    return this.out.ascii('"').ascii(name).ascii('" : ');
  }

  /** A value that Go prints without quotes. */
  plain(name: string, value: string | boolean): this {
    this.label(name).text(String(value)).ascii("\n");
    return this;
  }

  int(name: string, value: bigint): this {
    this.label(name).int(value).ascii("\n");
    return this;
  }

  quoted(name: string, value: Uint8Array | string): this {
    const out = this.label(name);
    if (typeof value !== "string" && isQuotedAsIs(value)) out.ascii('"').bytes(value).ascii('"\n');
    else out.text(quote(value)).ascii("\n");
    return this;
  }

  /** Ends a member, an endpoint or an alarm. */
  blank(): this {
    this.out.ascii("\n");
    return this;
  }
}
