// How one endpoint is spoken to over TLS: the secure context of the flags and the check of the server's name. One place
// for the channel and for the diagnosis of a failed one, so that both judge alike. Answers to crypto/tls' client handshake.
import { isIP } from "node:net";
import { checkServerIdentity, createSecureContext } from "node:tls";
import type { ConnectionOptions, PeerCertificate, SecureContext } from "node:tls";
import { CliError, ExitCode } from "../errors";
import type { Endpoint } from "./endpoint";
import type { TransportOptions } from "./options";
import { systemRoots } from "./system-roots";
import type { TlsFiles } from "./tls-files";

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
