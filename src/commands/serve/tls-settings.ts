// The TLS settings of `serve`: the files of certificates, which are read again when they change, and the rules for clients.
// Go: client/pkg/transport/listener.go (TLSInfo), client/pkg/tlsutil
import type { X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { isIP } from "node:net";
import { CliError, ExitCode } from "../../errors";
import { osErrorReason } from "../../go/os";
import { quote } from "../../go/quote";
import { revokedSerials } from "../../server/http/revoked";
import type { TlsSettings } from "../../server/http/tls-server";
import { flagText } from "./flag-values";
import type { ServeFlags } from "./flags";
import { checkTlsInfo, listOf, readTls } from "./tls-info";

/** Undefined without a certificate. Throws CliError with Go's texts, and what a wrong file is. */
export function tlsSettings(
  flags: ServeFlags,
  onProblem: NonNullable<TlsSettings["onProblem"]>,
): TlsSettings | undefined {
  const warn = (message: string) => onProblem("warn", message, {});
  const pair = { cert: flags["cert-file"], key: flags["key-file"] };
  const { minVersion, maxVersion } = tlsVersionsOf(flags);
  const ciphers = cipherList(flags["cipher-suites"]);
  if (pair.cert === "" && pair.key === "") return undefined;
  const urls = [flags["listen-client-urls"], flags["listen-client-http-urls"], flags["listen-metrics-urls"]];
  if (!urls.some((text) => /(^|,)\s*(https|unixs):/.test(text))) {
    warn("no listen URL is https or unixs: the key and cert files are ignored");
    return undefined;
  }
  checkForHttp2(flags["cipher-suites"]);
  const ca = flags["trusted-ca-file"];
  const { cert, key } = readPair(pair);
  checkTlsInfo({
    clientCert: flagText(flags, "client-cert-file"),
    clientKey: flagText(flags, "client-key-file"),
    ca,
    names: listOf(flags["client-cert-allowed-cn"]),
    hosts: listOf(flags["client-cert-allowed-hostname"]),
  });
  const asksClients = ca !== "" || flags["client-cert-auth"];
  return {
    cert,
    key,
    clientCa: asksClients ? (ca === "" ? [] : [read(ca)]) : undefined,
    minVersion,
    maxVersion,
    ciphers,
    renewed: renewal(pair, warn),
    refuseClient: clientRules(flags),
    onProblem,
  };
}

interface Pair {
  readonly cert: string;
  readonly key: string;
}

function readPair(pair: Pair): { cert: Buffer; key: Buffer } {
  const { cert, key } = readTls(pair);
  if (cert === undefined || key === undefined) throw new Error("no certificate");
  return { cert, key };
}

/** Looks at the files for each new connection, as etcd reads them for each handshake. */
function renewal(pair: Pair, warn: (message: string) => void): TlsSettings["renewed"] {
  const state = () => {
    try {
      return [pair.cert, pair.key].map((file) => {
        const { mtimeMs, size, ino } = statSync(file);
        return `${mtimeMs}.${size}.${ino}`;
      });
    } catch (error) {
      return [String(error)];
    }
  };
  let known = state().join();
  return () => {
    const current = state().join();
    if (current === known) return undefined;
    known = current;
    try {
      return readPair(pair);
    } catch (error) {
      warn(`the certificate stays the one before: ${(error as Error).message}`);
      return undefined;
    }
  };
}

function clientRules(flags: ServeFlags): TlsSettings["refuseClient"] {
  const names = listOf(flags["client-cert-allowed-cn"]);
  const hosts = listOf(flags["client-cert-allowed-hostname"]);
  const crl = flags["client-crl-file"];
  if (crl !== "") revokedIn(crl);
  return ([own, ...others]) => {
    if (own === undefined) return undefined;
    const isAllowed =
      names.length > 0
        ? names.includes(commonName(own))
        : hosts.length === 0 || hosts.some((host) => isFor(own, host));
    if (!isAllowed) return "client certificate authentication failed";
    if (crl === "") return undefined;
    try {
      const revoked = revokedIn(crl);
      const found = [own, ...others].find(({ serialNumber }) =>
        revoked.has(serialNumber.replace(/^(00)+/, "")),
      );
      return found && `transport: certificate serial ${found.serialNumber.toLowerCase()} revoked`;
    } catch (error) {
      return (error as Error).message;
    }
  };
}

function revokedIn(file: string): ReadonlySet<string> {
  try {
    return revokedSerials(read(file));
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError(ExitCode.error, `cannot use ${file}: ${(cause as Error).message}`, {
      cause,
      hints: ["--client-crl-file takes a certificate revocation list in PEM or DER format"],
    });
  }
}

function commonName({ subject }: X509Certificate): string {
  return /^CN=(.*)$/m.exec(subject)?.[1] ?? "";
}

/** Only the alternative names count, as in Go. */
function isFor(certificate: X509Certificate, host: string): boolean {
  const found =
    isIP(host) === 0 ? certificate.checkHost(host, { subject: "never" }) : certificate.checkIP(host);
  return found !== undefined;
}

const tlsVersions = { "TLS1.2": "TLSv1.2", "TLS1.3": "TLSv1.3" } as const;

/** Throws CliError for versions that do not fit together. */
export function tlsVersionsOf(flags: ServeFlags) {
  const [min, max] = [flags["tls-min-version"], flags["tls-max-version"]];
  const [minVersion, maxVersion] = [min, max].map((text) => {
    if (text === "") return undefined;
    if (text === "TLS1.2" || text === "TLS1.3") return tlsVersions[text];
    return fail(`unexpected TLS version ${quote(text)} (must be one of: TLS1.2, TLS1.3)`);
  });
  if (max !== "" && min > max) fail(`min version (${min}) is greater than max version (${max})`);
  if (min === "TLS1.3" && flags["cipher-suites"] !== "") {
    fail("cipher suites cannot be configured when only TLS1.3 is enabled");
  }
  return { minVersion, maxVersion };
}

const suitesOfTls13 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];

/** OpenSSL's names for Go's. The suites of TLS 1.3 cannot be switched off, as in Go. */
export function cipherList(flag: string): string | undefined {
  if (flag === "") return undefined;
  return [...suitesOfTls13, ...flag.split(",").map(openSslName)].join(":");
}

const suitesOfHttp2 = ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"];

/** Go's HTTP/2 server starts only with a cipher suite that every client of HTTP/2 has. */
function checkForHttp2(flag: string): void {
  if (flag === "" || flag.split(",").some((name) => suitesOfHttp2.includes(name))) return;
  fail(
    `http2: TLSConfig.CipherSuites is missing an HTTP/2-required AES_128_GCM_SHA256 cipher (need at least one of ${suitesOfHttp2.join(" or ")})`,
  );
}

function openSslName(name: string): string {
  if (suitesOfTls13.includes(name)) return name;
  const [, exchange, cipher = ""] =
    /^TLS_(RSA|ECDHE_RSA|ECDHE_ECDSA)_WITH_(RC4_128_SHA|3DES_EDE_CBC_SHA|AES_(?:128|256)_(?:CBC_SHA(?:256)?|GCM_SHA(?:256|384))|CHACHA20_POLY1305(?:_SHA256)?)$/.exec(
      name,
    ) ?? [];
  if (exchange === undefined) return fail(`unexpected TLS cipher suite ${quote(name)}`);
  const prefix = exchange === "RSA" ? "" : `${exchange.replace("_", "-")}-`;
  const plain = cipher
    .replace("3DES_EDE_CBC", "DES-CBC3")
    .replace(/^RC4_128/, "RC4")
    .replace(/^AES_/, "AES")
    .replace(/_CBC_/, "-")
    .replace(/(POLY1305)_SHA256/, "$1");
  return `${prefix}${plain.replaceAll("_", "-")}`;
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new CliError(ExitCode.error, `open ${path}: ${osErrorReason(cause)}`, { cause });
  }
}

function fail(message: string): never {
  throw new CliError(ExitCode.error, message);
}
