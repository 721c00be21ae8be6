// What the TLS connections of a transport need, as plain data: making it loads no TLS of the runtime.
// Go: crypto/x509/root_linux.go
import { readFileSync, readdirSync } from "node:fs";
import type { TransportOptions } from "../transport";
import type { TlsFiles } from "./files";

export interface TlsSetup {
  /** The client's certificate and its key, in PEM format. */
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
  /** Undefined: the CA certificates built into the runtime. */
  readonly ca: readonly (string | Buffer)[] | undefined;
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
}

export function tlsSetup({ tls, env = {} }: TransportOptions, files: TlsFiles | undefined): TlsSetup {
  const roots = files?.ca
    ? { ca: files.ca, source: tls?.cacert ?? "" }
    : tls?.insecureSkipVerify
      ? { ca: [], source: "" } // do not load hundreds of certificates that are not used
      : systemRoots(env);
  return {
    cert: files?.cert,
    key: files?.key,
    ca: roots.ca,
    verify: !tls?.insecureSkipVerify,
    serverName: tls?.serverName || undefined,
    caSource: roots.source,
    hasNoCa: roots.ca?.length === 0,
    caHint: files?.caHints.join("; ").replace(`${tls?.cacert ?? ""} `, "it ") || undefined,
    clientCertificate: tls?.cert,
  };
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

interface SystemRoots {
  readonly ca: readonly (string | Buffer)[] | undefined;
  readonly source: string;
}

/**
 * The CA certificates that verify servers without --cacert: those of the system, as in Go, because administrators install
 * a company's CA there. A system without any uses the list built into the runtime.
 */
function systemRoots(env: Readonly<Record<string, string | undefined>>): SystemRoots {
  const bundle = firstReadable(env["SSL_CERT_FILE"] ? [env["SSL_CERT_FILE"]] : bundleFiles);
  // A default directory has the certificates of the bundle, in hundreds of files. Read it only when there is no bundle.
  const dirs = env["SSL_CERT_DIR"]?.split(":") ?? (bundle ? [] : bundleDirs);
  const single = dirs.flatMap(certificatesIn);
  const ca = bundle ? [bundle.data, ...single] : single;
  if (ca.length === 0) return { ca: undefined, source: "the CA certificates built into Node" };
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
    .map((name) => tryRead(`${dir}/${name}`))
    .filter((data) => data?.includes("BEGIN CERT")) as Buffer[];
}

function tryRead(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
