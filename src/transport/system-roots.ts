// The certificate authorities that a server is checked against when no --cacert is given: the system's, as Go takes them,
// since an administrator adds a company's own there. Only where there are none, the list built into Node.
// Answers to crypto/x509/root_unix.go and root_linux.go.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { rootCertificates } from "node:tls";

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
