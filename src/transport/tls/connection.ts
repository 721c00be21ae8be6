// TLS settings of a connection to one endpoint: the secure context and the check of the server's name. The channel and the
// diagnosis of a failed connection both use them, so that they agree.
// Go: crypto/tls/handshake_client.go, crypto/x509/root_linux.go
import { readFileSync, readdirSync } from "node:fs";
import { isIP, type NetConnectOpts } from "node:net";
import path from "node:path";
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  rootCertificates,
  type ConnectionOptions,
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
} from "node:tls";
import { CliError, ExitCode } from "../../errors";
import type { Endpoint } from "../endpoint";
import type { TransportOptions } from "../transport";
import type { TlsFiles } from "./files";

export interface TlsSetup {
  readonly context: SecureContext;
  readonly verify: boolean;
  /** The name to verify instead of each endpoint's host. */
  readonly serverName: string | undefined;
  /** Where the CA certificates come from, for messages. */
  readonly caSource: string;
  /** The CA file has no certificate. */
  readonly hasNoCa: boolean;
  /** What the CA file is instead. */
  readonly caHint: string | undefined;
  readonly clientCertificate: string | undefined;
  /** Opens a socket. Here, so that only a connection with TLS loads node:tls. */
  connect(endpoint: Endpoint, where: NetConnectOpts): TLSSocket;
}

export function tlsSetup(options: TransportOptions, files: TlsFiles | undefined): TlsSetup {
  const { tls } = options;
  const roots = files?.ca
    ? { ca: files.ca, source: tls?.cacert ?? "" }
    : tls?.insecureSkipVerify
      ? { ca: [], source: "" } // do not load hundreds of certificates that are not used
      : systemRoots(options.env ?? {});
  const setup: TlsSetup = {
    context: makeContext(files, roots.ca),
    verify: !tls?.insecureSkipVerify,
    serverName: tls?.serverName || undefined,
    caSource: roots.source,
    hasNoCa: roots.ca.length === 0,
    caHint: files?.caHints.join("; ").replace(`${tls?.cacert ?? ""} `, "it ") || undefined,
    clientCertificate: tls?.cert,
    connect: (endpoint, where) => connect({ ...where, ...connectionOptions(setup, endpoint) }),
  };
  return setup;
}

export function connectionOptions(setup: TlsSetup, endpoint: Endpoint): ConnectionOptions {
  const name = setup.serverName ?? endpoint.serverName;
  return {
    secureContext: setup.context,
    // RFC 6066 allows no IP address as a server name. Node prints a warning for one.
    servername: isIP(name) ? "" : name,
    rejectUnauthorized: setup.verify,
    checkServerIdentity: (_, certificate) => checkIdentity(name, certificate),
    ALPNProtocols: ["h2"],
  };
}

/** Only the alternative names of the certificate count, names and IP addresses; never its common name, as in Go. */
export function checkIdentity(name: string, certificate: PeerCertificate): Error | undefined {
  if (!certificate.subjectaltname) return new Error("the certificate has no host names");
  return checkServerIdentity(name, certificate);
}

/** The number of the alert with which the other side ended the handshake. The error text begins with a code, whose last three digits are the reason; of an alert, that is 1000 and its number. */
export function alertOf(error: Error | undefined): number | undefined {
  const reason = /\berror:[0-9A-F]{5}([0-9A-F]{3}):/i.exec(error?.message ?? "")?.[1];
  const number = reason === undefined ? -1 : parseInt(reason, 16) - 1000;
  return number >= 0 && number < 256 ? number : undefined;
}

function makeContext(files: TlsFiles | undefined, ca: readonly (string | Buffer)[]): SecureContext {
  try {
    return createSecureContext({
      ca: [...ca],
      cert: files?.cert,
      key: files?.key,
      allowPartialTrustChain: true, // as in Go, an intermediate CA may be the trusted one
    });
  } catch (cause) {
    throw new CliError(ExitCode.badArgs, `tls: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

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
  /** Where the certificates come from, for messages. */
  readonly source: string;
}

/**
 * The CA certificates that verify servers without --cacert: those of the system, as in Go, because administrators install
 * a company's CA there. A system without any uses the list built into Node.
 */
export function systemRoots(env: Readonly<Record<string, string | undefined>>): SystemRoots {
  const bundle = firstReadable(env["SSL_CERT_FILE"] ? [env["SSL_CERT_FILE"]] : bundleFiles);
  // A default directory has the certificates of the bundle, in hundreds of files. Read it only when there is no bundle.
  const dirs = env["SSL_CERT_DIR"]?.split(":") ?? (bundle ? [] : bundleDirs);
  const single = dirs.flatMap(certificatesIn);
  const ca = bundle ? [bundle.data, ...single] : single;
  if (ca.length === 0) return { ca: rootCertificates, source: "the CA certificates built into Node" };
  return {
    ca,
    source: `the system's CA certificates (${[...(bundle ? [bundle.file] : []), ...dirs].join(", ")})`,
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
    return []; // an unreadable directory counts as empty, as in Go
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
