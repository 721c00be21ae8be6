// TLS of Node: the secure context and the check of the server's name. The channel and the diagnosis of a failed connection both
// use them, so that they agree.
// Go: crypto/tls/handshake_client.go
import { isIP, type NetConnectOpts } from "node:net";
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  type ConnectionOptions,
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
} from "node:tls";
import { CliError, ExitCode } from "../../errors";
import type { Endpoint } from "../endpoint";
import type { TlsSetup } from "./setup";

/** Opens a socket. */
export function connectTls(setup: TlsSetup, endpoint: Endpoint, where: NetConnectOpts): TLSSocket {
  return connect({ ...where, ...connectionOptions(setup, endpoint) });
}

export function connectionOptions(setup: TlsSetup, endpoint: Endpoint): ConnectionOptions {
  const name = setup.serverName ?? endpoint.serverName;
  return {
    secureContext: contextOf(setup),
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

const contexts = new WeakMap<TlsSetup, SecureContext>();

/** Throws CliError for files that OpenSSL does not take. */
export function contextOf(setup: TlsSetup): SecureContext {
  const context = contexts.get(setup) ?? makeContext(setup);
  contexts.set(setup, context);
  return context;
}

function makeContext({ ca, cert, key }: TlsSetup): SecureContext {
  try {
    return createSecureContext({
      ...{ ca: ca && [...ca], cert, key },
      allowPartialTrustChain: true, // as in Go, an intermediate CA may be the trusted one
    });
  } catch (cause) {
    throw new CliError(ExitCode.badArgs, `tls: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
