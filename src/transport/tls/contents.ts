// What a file is that should be a certificate or a key in PEM format and is not: for the hint after Go's error. Reads only as
// much of the ASN.1 as the distinction needs, and never throws.

export interface PemBlock {
  readonly type: string;
  readonly text: string;
}

/** Which flag names the file. */
export type Role = "--cacert" | "--cert" | "--key";

type Kind =
  | "certificate"
  | "private key"
  | "encrypted private key"
  | "OpenSSH private key"
  | "certificate request"
  | "public key"
  | "revocation list"
  | "PKCS#7 file"
  | "PKCS#12 file"
  | "Java keystore";

interface Contents {
  readonly kind: Kind;
  readonly format: "PEM" | "DER";
}

export function pemBlocks(data: Buffer): PemBlock[] {
  const pattern = /-----BEGIN ([^\n\r]+?)-----\r?\n[\s\S]*?-----END \1-----/g;
  return [...data.toString("latin1").matchAll(pattern)].map((match) => ({
    type: match[1] ?? "",
    text: match[0],
  }));
}

/** The hints for a file that is not what the flag takes. */
export function wrongFileHints(role: Role, file: string, data: Buffer): string[] {
  const wanted = `${role} takes a ${role === "--key" ? "private key" : "certificate"} in PEM format`;
  if (data.length === 0) return [`${file} is empty; ${wanted}`];
  const contents = contentsOf(data);
  if (contents === undefined) {
    return [`${file} ${unknownContents(data)}; ${wanted}`];
  }
  const { kind, format } = contents;
  const suffix = format === "DER" && !isContainer(kind) ? " in DER format" : "";
  const what = `${file} is ${article(kind)} ${kind}${suffix}`;
  const fitting = kind === "private key" ? "--key" : kind === "certificate" ? "--cert" : undefined;
  const isSwitched = fitting !== undefined && fitting !== role && role !== "--cacert" && format === "PEM";
  return [
    isSwitched ? `${what}: pass it with ${fitting}; ${wanted}` : `${what}; ${wanted}`,
    ...conversion(role, file, contents).map((command) => `to convert it: ${command}`),
    ...(kind === "certificate request" ? ["an authority makes a certificate from a request"] : []),
  ];
}

/** What one block of a PEM file is, if it is no certificate: `a private key`. */
export function describeBlock({ type, text }: PemBlock): string | undefined {
  const kind = kindOfPem(type, text);
  if (kind === "certificate") return undefined;
  return kind === undefined ? `a block "${type}"` : `${article(kind)} ${kind}`;
}

function unknownContents(data: Buffer): string {
  const [block] = pemBlocks(data);
  if (block) return `contains a block "${block.type}"`;
  return data.includes("-----BEGIN ") ? "is cut off: its PEM block has no end" : "contains no PEM data";
}

function contentsOf(data: Buffer): Contents | undefined {
  for (const { type, text } of pemBlocks(data)) {
    const kind = kindOfPem(type, text);
    if (kind !== undefined) return { kind, format: "PEM" };
  }
  const kind = kindOfDer(data);
  return kind && { kind, format: "DER" };
}

function kindOfPem(type: string, text: string): Kind | undefined {
  if (type === "OPENSSH PRIVATE KEY") return "OpenSSH private key";
  if (type === "ENCRYPTED PRIVATE KEY") return "encrypted private key";
  if (type.endsWith("PRIVATE KEY")) {
    return /^Proc-Type: *4,ENCRYPTED/m.test(text) ? "encrypted private key" : "private key";
  }
  if (type.endsWith("CERTIFICATE REQUEST")) return "certificate request";
  if (type.endsWith("CERTIFICATE")) return "certificate";
  if (type.endsWith("PUBLIC KEY")) return "public key";
  if (type === "X509 CRL") return "revocation list";
  return type === "PKCS7" || type === "CMS" ? "PKCS#7 file" : undefined;
}

const sequence = 0x30;
const integer = 0x02;
const objectId = 0x06;
const versionTag = 0xa0;
const pkcs5 = "2a864886f70d0105";
const pkcs7 = "2a864886f70d0107";
const pkcs12 = "2a864886f70d010c";

function kindOfDer(data: Buffer): Kind | undefined {
  if (data.subarray(0, 4).toString("hex") === "feedfeed") return "Java keystore";
  const outer = element(data);
  if (outer?.tag !== sequence || outer.isCut) return undefined;
  const first = element(outer.body);
  if (first?.tag === integer) return first.body[0] === 3 ? "PKCS#12 file" : "private key";
  if (first?.tag === objectId)
    return first.body.toString("hex").startsWith(pkcs7) ? "PKCS#7 file" : undefined;
  const second = first?.tag === sequence ? element(first.body) : undefined;
  if (second?.tag === versionTag) return "certificate";
  if (second?.tag === integer) return second.body[0] === 0 ? "certificate request" : undefined;
  if (second?.tag !== objectId) return undefined;
  const id = second.body.toString("hex");
  return id.startsWith(pkcs5) || id.startsWith(pkcs12) ? "encrypted private key" : "public key";
}

/** The first element of DER; undefined for other data. */
export function element(data: Buffer): { tag: number; body: Buffer; isCut: boolean } | undefined {
  const [tag, short] = data;
  if (tag === undefined || short === undefined) return undefined;
  const lengthBytes = short < 0x80 ? 0 : short - 0x80;
  if (lengthBytes > 4 || data.length < 2 + lengthBytes) return undefined;
  const length = lengthBytes === 0 ? short : data.readUIntBE(2, lengthBytes);
  const start = 2 + lengthBytes;
  return { tag, body: data.subarray(start, start + length), isCut: start + length > data.length };
}

function conversion(role: Role, file: string, { kind, format }: Contents): string[] {
  const isKey = role === "--key";
  switch (kind) {
    case "certificate":
      return format === "DER" && !isKey ? [`openssl x509 -inform DER -in ${file} -out cert.pem`] : [];
    case "private key":
      return format === "DER" && isKey ? [`openssl pkey -inform DER -in ${file} -out key.pem`] : [];
    case "encrypted private key": {
      const inform = format === "DER" ? "-inform DER " : "";
      return isKey ? [`openssl pkey ${inform}-in ${file} -out key.pem (asks for the passphrase)`] : [];
    }
    case "OpenSSH private key":
      return isKey ? [`ssh-keygen -p -m PEM -f ${file} (changes the file)`] : [];
    case "PKCS#7 file": {
      const inform = format === "DER" ? "-inform DER " : "";
      return isKey ? [] : [`openssl pkcs7 ${inform}-print_certs -in ${file} -out cert.pem`];
    }
    case "PKCS#12 file":
      if (isKey) return [`openssl pkcs12 -in ${file} -nocerts -nodes -out key.pem`];
      return role === "--cert"
        ? [`openssl pkcs12 -in ${file} -clcerts -nokeys -out cert.pem`]
        : [`openssl pkcs12 -in ${file} -cacerts -nokeys -out ca.pem`];
    default:
      return [];
  }
}

function isContainer(kind: Kind): boolean {
  return kind.startsWith("PKCS#") || kind === "Java keystore";
}

function article(kind: Kind): string {
  return /^[aeiouO]/.test(kind) ? "an" : "a";
}
