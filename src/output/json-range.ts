// A range as JSON while it arrives: the same bytes as the whole response through json-message, but keys and values go
// from the wire's bytes straight into the output, with nothing made per key.
import { ResponseHeader } from "../proto/gen/etcdserverpb";
import { KeyValue } from "../proto/gen/mvccpb";
import { ByteBuilder } from "./byte-builder";
import { messageJson } from "./json-message";
import { writeJson } from "./json-value";
import type { RangePrinter } from "./printer";

export function jsonRangePrinter(): RangePrinter {
  const out = new ByteBuilder();
  let hasKvs = false;
  return {
    begin: (header) => writeJson(out.ascii('{"header":'), messageJson(ResponseHeader, header)).take(),
    kvs(kvs) {
      for (const kv of kvs) {
        out.bytes(hasKvs ? text.comma : text.kvs);
        hasKvs = true;
        writeKeyValue(out, kv);
      }
      return out.take();
    },
    end({ more, count }) {
      if (hasKvs) out.ascii("]");
      if (more) out.ascii(',"more":true');
      if (count !== 0n) out.ascii(',"count":').int(count);
      return out.ascii("}\n").take();
    },
  };
}

/** What stands between the values, as bytes: copying them is faster than encoding text for every key. */
const text = {
  comma: Buffer.from(","),
  kvs: Buffer.from(',"kvs":['),
  key: Buffer.from('{"key":"'),
  quote: Buffer.from('"'),
  createRevision: Buffer.from(',"create_revision":'),
  modRevision: Buffer.from(',"mod_revision":'),
  version: Buffer.from(',"version":'),
  value: Buffer.from(',"value":"'),
  lease: Buffer.from(',"lease":'),
  end: Buffer.from("}"),
};

function writeKeyValue(out: ByteBuilder, kv: KeyValue): void {
  if (kv.key.length === 0) return void writeJson(out, messageJson(KeyValue, kv));
  out.bytes(text.key).base64(kv.key).bytes(text.quote);
  if (kv.createRevision !== 0n) out.bytes(text.createRevision).int(kv.createRevision);
  if (kv.modRevision !== 0n) out.bytes(text.modRevision).int(kv.modRevision);
  if (kv.version !== 0n) out.bytes(text.version).int(kv.version);
  if (kv.value.length > 0) out.bytes(text.value).base64(kv.value).bytes(text.quote);
  if (kv.lease !== 0n) out.bytes(text.lease).int(kv.lease);
  out.bytes(text.end);
}
