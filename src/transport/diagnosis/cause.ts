// Why an endpoint is unusable: what the client observed, and what the user can do. Go writes this only to its log.
// With a permanent cause the call fails at once, because waiting for its deadline does not help.
import type { PeerCertificate } from "node:tls";
import type { EndpointProblem } from "../../errors";
import type { TlsSetup } from "../tls/setup";

export interface Cause {
  readonly permanent: boolean;
  readonly what: string;
  readonly advice: string;
}

const permanent = (what: string, advice: string): Cause => ({ permanent: true, what, advice });
const temporary = (what: string, advice: string): Cause => ({ permanent: false, what, advice });

export function hintLine({ endpoint, problem, advice }: EndpointProblem): string {
  return `${endpoint}: ${problem}; ${advice}`;
}

/** No connection was made. */
export function connectCause(error: NodeJS.ErrnoException, host: string): Cause {
  switch (error.code) {
    case "ECONNREFUSED":
      return temporary("connection refused", "start etcd there or correct --endpoints");
    case "ENOTFOUND":
      return permanent(`unknown host ${host}`, "correct the name in --endpoints");
    case "EAI_AGAIN":
      return temporary(`the name ${host} cannot be resolved now`, "check this machine's DNS");
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return temporary("no route to the host", "check the address and the network");
    case "ETIMEDOUT":
      return noConnection;
    case "ENOENT":
      return temporary("no such socket", "start etcd there or correct the path in --endpoints");
    case "EACCES":
      return permanent("permission denied", "ask for access to the socket, or run as another user");
    default:
      return temporary(error.message, "check --endpoints and the network");
  }
}

export const noConnection = temporary(
  "no answer to the connection attempt",
  "check the address, and whether a firewall drops packets to that port",
);
export const connecting = temporary("no connection", "check --endpoints and the network");
export const silent = temporary(
  "accepts connections but does not answer",
  "the member is stopped, hanging or overloaded: check its process and its log",
);
export const unansweredCall = temporary(
  "connected, but did not answer the call in time",
  "run `endpoint status`: the member may be overloaded or without a leader; --command-timeout gives it more time",
);
export const closesImmediately = temporary(
  "closes the connection at once",
  "check that this is etcd's client port, and check the server's log",
);

/** Some servers verify the client's certificate after the handshake and give no reason. */
export function closesAfterHandshake(clientCertificate: string | undefined): Cause {
  return clientCertificate
    ? temporary(
        `closes the connection after the TLS handshake, perhaps because it refuses the client certificate (${clientCertificate})`,
        "pass one that the server's client CA signed, and check the server's log",
      )
    : temporary("closes the connection after the TLS handshake", "check the server's log");
}

/** The client does not accept the server's certificate. `code` is OpenSSL's, or NAME_MISMATCH. */
export function certificateCause(
  code: string,
  certificate: PeerCertificate,
  tls: TlsSetup,
  name: string,
): Cause {
  switch (code) {
    case "CERT_HAS_EXPIRED":
      return permanent(
        `the server's certificate, or one in its chain, has expired (valid until ${certificate.valid_to})`,
        "renew it, or correct this machine's clock",
      );
    case "CERT_NOT_YET_VALID":
      return permanent(
        `the server's certificate is not valid before ${certificate.valid_from}`,
        "correct this machine's clock",
      );
    case "INVALID_PURPOSE":
      return permanent(
        "the server's certificate is not meant for servers (extended key usage)",
        "issue it again with serverAuth",
      );
    case "NAME_MISMATCH": {
      const names = namesOf(certificate);
      return permanent(
        names
          ? `the server's certificate is for ${names}, not for ${name}`
          : "the server's certificate has no host names",
        names
          ? "use one of these names in --endpoints, or issue the certificate for this name too"
          : "issue it again with alternative names (SAN): the common name does not count",
      );
    }
    default:
      return tls.hasNoCa
        ? permanent(
            `the CA file ${tls.caSource} contains no certificate`,
            tls.caHint ?? "pass a PEM file with --cacert",
          )
        : permanent(
            `the server's certificate is signed by an unknown authority (issuer ${issuerOf(certificate)}; trusted: ${tls.caSource}; ${code})`,
            "pass the CA certificate that signed it with --cacert",
          );
  }
}

/** The server ended the TLS handshake with an alert (RFC 8446 section 6). */
export function alertCause(alert: number, detail: string, clientCertificate: string | undefined): Cause {
  const certificate = `the client certificate ${clientCertificate ?? ""}`;
  if (alert === 116 || (alert === 42 && !clientCertificate)) {
    return permanent("the server requires a client certificate", "pass one with --cert and --key");
  }
  switch (alert) {
    case 42:
    case 43:
    case 46:
      return permanent(
        `the server refuses ${certificate}`,
        "pass one that the server's client CA signed and that is meant for clients",
      );
    case 44:
      return permanent(
        `the server says that ${certificate} is revoked`,
        "pass a valid one with --cert and --key",
      );
    case 45:
      return permanent(`the server says that ${certificate} has expired`, "renew it");
    case 48:
      return permanent(
        `the server does not know the authority that signed ${certificate}`,
        "pass one that the server's client CA signed",
      );
    case 70:
      return permanent("the server does not support TLS 1.2 or newer", "raise the TLS version of the server");
    default:
      return permanent(
        `the server aborts the TLS handshake: ${detail}`,
        "compare the TLS settings of both sides",
      );
  }
}

export const isPlainServer = permanent(
  "the server speaks plain HTTP/2, not TLS",
  "write http://, or remove https:// and the TLS flags",
);
export const isTlsServer = permanent(
  "the server speaks TLS, not plain HTTP",
  "write https:// and pass its CA with --cacert",
);
export const isPeerPort = permanent(
  "this is etcd's peer port, which is for members only",
  "use the client port, usually 2379",
);
export const isHttp1Server = permanent(
  "an HTTP/1 server responds, not etcd's gRPC",
  "check the port in --endpoints; a proxy in between must pass HTTP/2 through",
);

export function otherProtocol(bytes: Buffer): Cause {
  const start = JSON.stringify(bytes.subarray(0, 24).toString("latin1"));
  return permanent(`not etcd: it responds with ${start}`, "check the port in --endpoints");
}

function namesOf(certificate: PeerCertificate): string {
  return (certificate.subjectaltname ?? "").replace(/(DNS|IP Address|URI|email):/g, "");
}

function issuerOf(certificate: PeerCertificate): string {
  // @types/node declares the issuer always present; a damaged certificate may lack it.
  const issuer = certificate.issuer as PeerCertificate["issuer"] | undefined;
  return `"${issuer?.CN ?? issuer?.O ?? "unnamed"}"`;
}
