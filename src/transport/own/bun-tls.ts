// TLS of Bun, the runtime inside the executable: what its sockets need to connect, and the check of the server's name. Bun verifies
// the chain of certificates, and the name too; but it also takes a certificate's common name for one.
// Go: crypto/x509/verify.go (VerifyHostname)
import type { Endpoint } from "../endpoint";
import { element } from "../tls/contents";
import type { TlsSetup } from "../tls/setup";

/** The part of Bun's API that this file uses. https://bun.com/docs/api/tcp#tls-support */
export interface BunTlsOptions {
  readonly ca: readonly (string | Buffer)[] | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
  readonly rejectUnauthorized: true;
  /** Empty: no name is sent, and `hostname` is verified. */
  readonly serverName: string;
  /** Each with its length before it. */
  readonly ALPNProtocols: string;
  readonly allowPartialTrustChain: boolean;
}
export interface BunCertificate {
  checkHost(
    name: string,
    options: { readonly subject: "never"; readonly partialWildcards: boolean },
  ): string | undefined;
  checkIP(address: string): string | undefined;
}

export function bunTlsOptions(setup: TlsSetup, endpoint: Endpoint): BunTlsOptions {
  const { ca, cert, key } = setup;
  const name = nameToVerify(setup, endpoint);
  return {
    ...{ ca, cert, key, rejectUnauthorized: true, ALPNProtocols: "\x02h2" },
    serverName: isIpAddress(name) ? "" : name, // RFC 6066 allows no IP address
    // As in Go, an intermediate CA may be the trusted one. Bun then also reads the system's certificates, so only where it matters.
    allowPartialTrustChain: ca?.some((each) => typeof each !== "string" || !isSelfIssued(each)) ?? true,
  };
}

/** Why the connection cannot be used after the handshake. */
export function handshakeProblem(
  setup: TlsSetup,
  endpoint: Endpoint,
  isAccepted: boolean,
  error: Error | null,
  certificate: BunCertificate | undefined,
): Error | undefined {
  if (!isAccepted || error) return error ?? new Error("the TLS handshake failed");
  const name = nameToVerify(setup, endpoint).replace(/\.$/, "");
  const isFor = isIpAddress(name)
    ? certificate?.checkIP(name)
    : certificate?.checkHost(name, { subject: "never", partialWildcards: false });
  return isFor === undefined ? new Error(`the server's certificate is not for ${name}`) : undefined;
}

function nameToVerify({ serverName }: TlsSetup, endpoint: Endpoint): string {
  return serverName ?? endpoint.serverName;
}

function isIpAddress(name: string): boolean {
  return name.includes(":") || /^\d+(\.\d+){3}$/.test(name);
}

/** Whether a certificate, as one PEM block, has the same issuer and subject. RFC 5280, section 4.1 */
export function isSelfIssued(pem: string): boolean {
  const certificate = element(Buffer.from(pem.replace(/-----[^-]+-----/g, ""), "base64"));
  const fields = childrenOf(element(certificate?.body ?? Buffer.alloc(0))?.body);
  const [issuer, , subject] = fields.slice(fields[0]?.tag === versionTag ? 3 : 2);
  return issuer !== undefined && subject !== undefined && issuer.body.equals(subject.body);
}

const versionTag = 0xa0;
/** Version, serial number, algorithm, issuer, validity, subject. */
const wantedFields = 6;

function childrenOf(bytes: Buffer = Buffer.alloc(0)): { tag: number; body: Buffer }[] {
  const children: { tag: number; body: Buffer }[] = [];
  for (let rest = bytes; children.length < wantedFields;) {
    const child = element(rest);
    if (!child || child.isCut) break;
    children.push(child);
    rest = rest.subarray(child.body.byteOffset - rest.byteOffset + child.body.length);
  }
  return children;
}
