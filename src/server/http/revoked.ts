// The serial numbers in a certificate revocation list. As in etcd, only they count: not the signature of the list, nor its age.
// Source: RFC 5280, section 5.1. Go: checkCRL in client/pkg/transport/listener_tls.go
import { element, pemBlocks } from "../../transport/tls/contents";

const sequence = 0x30;
const integer = 0x02;

/** In upper-case hex without leading zeros, as X509Certificate.serialNumber. Takes PEM or DER; throws for anything else. */
export function revokedSerials(data: Buffer): ReadonlySet<string> {
  const [block] = pemBlocks(data);
  const der = block === undefined ? data : Buffer.from(block.text.replace(/-----[^\n]*-----/g, ""), "base64");
  const list = children(children(der)[0])[0];
  // version (optional), signature, issuer, this update, next update (optional), the revoked certificates (optional), extensions
  const fields = children(list);
  const afterVersion = fields[0]?.tag === integer ? fields.slice(1) : fields;
  if (afterVersion[0]?.tag !== sequence || afterVersion[1]?.tag !== sequence || afterVersion.length < 3) {
    throw new Error("it is no certificate revocation list");
  }
  const revoked = afterVersion.slice(2).find(({ tag }) => tag === sequence);
  return new Set(children(revoked).map((entry) => serialOf(children(entry)[0]?.body)));
}

interface Element {
  readonly tag: number;
  readonly body: Buffer;
}

function children(parent: Buffer | Element | undefined): Element[] {
  const all: Element[] = [];
  let rest = parent === undefined || Buffer.isBuffer(parent) ? parent : parent.body;
  while (rest !== undefined && rest.length > 0) {
    const next = element(rest);
    if (next === undefined || next.isCut) throw new Error("it is no certificate revocation list");
    all.push(next);
    rest = rest.subarray(next.body.byteOffset - rest.byteOffset + next.body.length);
  }
  return all;
}

function serialOf(bytes: Buffer | undefined): string {
  return (bytes ?? Buffer.alloc(0))
    .toString("hex")
    .toUpperCase()
    .replace(/^(00)+/, "");
}
