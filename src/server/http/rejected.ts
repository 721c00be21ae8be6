// Why a TLS connection was not accepted, with the names and texts of etcd's log line "rejected connection on client endpoint".
// Go: server/embed/config_logging.go (logTLSHandshakeFailureFunc), crypto/tls
import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { osErrorReason } from "../../go/os";
import type { ZapFields } from "../../go/zap";

/** The client closed the connection before its handshake: a probe of the port, no problem. */
export const endOfInput = "EOF";

/** Go's texts by OpenSSL's codes. Other reasons are in OpenSSL's words. */
const handshakeReasons: Readonly<Record<string, string>> = {
  ERR_SSL_HTTP_REQUEST: "tls: first record does not look like a TLS handshake",
  ERR_SSL_NO_APPLICATION_PROTOCOL: "tls: client requested unsupported application protocols",
  ERR_SSL_NO_SHARED_CIPHER: "tls: no cipher suite supported by both client and server",
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: "tls: client didn't provide a certificate",
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: "remote error: tls: bad certificate",
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: "remote error: tls: unknown certificate authority",
  ERR_SSL_UNSUPPORTED_PROTOCOL: "tls: client offered only unsupported versions",
  ERR_SSL_WRONG_VERSION_NUMBER: "tls: first record does not look like a TLS handshake",
};

/** Node destroys the socket of a client whose certificate it does not trust, and puts the reason into `authorizationError`. */
export function handshakeError(error: Error & { code?: string; reason?: string }, socket: TLSSocket): string {
  const refused: unknown = socket.authorizationError;
  if (refused) return `tls: failed to verify certificate: ${certificateReason(String(refused))}`;
  if (error.message === "socket hang up") return endOfInput;
  return handshakeReasons[error.code ?? ""] ?? error.reason ?? osErrorReason(error);
}

function certificateReason(code: string): string {
  if (/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/.test(code))
    return "x509: certificate has expired or is not yet valid";
  if (/^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/.test(code))
    return "x509: certificate signed by unknown authority";
  return `x509: ${code}`;
}

/** What etcd adds to its line about a certificate that a rule of the server refuses. */
export function namesOf({ subjectAltName = "" }: X509Certificate): ZapFields {
  const named = (kind: string) =>
    subjectAltName
      .split(", ")
      .filter((each) => each.startsWith(kind))
      .map((each) => each.slice(kind.length));
  return { "ip-addresses": named("IP Address:"), "dns-names": named("DNS:") };
}
