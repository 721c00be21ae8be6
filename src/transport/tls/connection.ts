// How one endpoint is spoken to over TLS: the secure context of the flags and the check of the server's name. One place
// for the channel and for the diagnosis of a failed one, so that both judge alike. Answers to crypto/tls' client handshake.
import { readFileSync, readdirSync } from "node:fs";
import { isIP } from "node:net";
import path from "node:path";
import type { ConnectionOptions, PeerCertificate, SecureContext } from "node:tls";
import { checkServerIdentity, createSecureContext, rootCertificates } from "node:tls";
import { CliError, ExitCode } from "../../errors";
import type { Endpoint } from "../endpoint";
import type { TransportOptions } from "../transport";
import type { TlsFiles } from "./files";

export interface TlsSetup {
  readonly context: SecureContext;
  readonly verify: boolean;
  /** Replaces the name of every endpoint. */
  readonly serverName: string | undefined;
  /** For messages: where the authorities come from, and whether that is a file without any. */
  readonly authorities: string;
  readonly noAuthority: boolean;
  readonly clientCertificate: string | undefined;
}

export function tlsSetup(options: TransportOptions, files: TlsFiles | undefined): TlsSetup {
  const { tls } = options;
  const roots = files?.ca
    ? { ca: files.ca, source: tls?.cacert ?? "" }
    : tls?.insecureSkipVerify
      ? { ca: [], source: "" } // hundreds of certificates that no one would look at
      : systemRoots(options.env ?? {});
  return {
    context: makeContext(files, roots.ca),
    verify: !tls?.insecureSkipVerify,
    serverName: tls?.serverName || undefined,
    authorities: roots.source,
    noAuthority: roots.ca.length === 0,
    clientCertificate: tls?.cert,
  };
}

export function connectionOptions(setup: TlsSetup, endpoint: Endpoint): ConnectionOptions {
  const name = setup.serverName ?? endpoint.serverName;
  return {
    secureContext: setup.context,
    // An IP address is no name to ask for (RFC 6066); Node would warn about it on stderr.
    servername: isIP(name) ? "" : name,
    rejectUnauthorized: setup.verify,
    checkServerIdentity: (_, certificate) => checkIdentity(name, certificate),
    ALPNProtocols: ["h2"],
  };
}

/** Like Go, never by the certificate's common name: only its alternative names count, IP addresses too. */
export function checkIdentity(name: string, certificate: PeerCertificate): Error | undefined {
  if (!certificate.subjectaltname) return new Error("the certificate names no host");
  return checkServerIdentity(name, certificate);
}

function makeContext(files: TlsFiles | undefined, ca: readonly (string | Buffer)[]): SecureContext {
  try {
    return createSecureContext({
      ca: [...ca],
      cert: files?.cert,
      key: files?.key,
      allowPartialTrustChain: true, // like Go, an intermediate authority may be trusted alone
    });
  } catch (cause) {
    throw new CliError(ExitCode.badArgs, `tls: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

// The certificate authorities that a server is checked against when no --cacert is given: the system's, as Go takes them,
// since an administrator adds a company's own there. Only where there are none, the list built into Node.
// Answers to crypto/x509/root_unix.go and root_linux.go.

const bundleFiles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/tls/cacert.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];
const bundleDirs = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

export interface SystemRoots {
  readonly ca: readonly (string | Buffer)[];
  /** Where they come from, for messages. */
  readonly source: string;
}

export function systemRoots(env: Readonly<Record<string, string | undefined>>): SystemRoots {
  const bundle = firstReadable(env["SSL_CERT_FILE"] ? [env["SSL_CERT_FILE"]] : bundleFiles);
  // A default folder holds what its bundle holds, in hundreds of files: it is read only when there is no bundle.
  const dirs = env["SSL_CERT_DIR"]?.split(":") ?? (bundle ? [] : bundleDirs);
  const single = dirs.flatMap(certificatesIn);
  const ca = bundle ? [bundle.data, ...single] : single;
  if (ca.length === 0) return { ca: rootCertificates, source: "the authorities built into Node" };
  return {
    ca,
    source: `the system's authorities (${[...(bundle ? [bundle.file] : []), ...dirs].join(", ")})`,
  };
}

function firstReadable(files: readonly string[]): { file: string; data: Buffer } | undefined {
  for (const file of files) {
    const data = tryRead(file);
    if (data) return { file, data };
  }
  return undefined;
}

function certificatesIn(dir: string): Buffer[] {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch {
    return []; // an unreadable folder counts as empty, as in Go
  }
  return names
    .map((name) => tryRead(path.join(dir, name)))
    .filter((data) => data?.includes("BEGIN CERT")) as Buffer[];
}

function tryRead(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
