// Why an endpoint cannot be used, in words: what was seen and what to do next. Go tells this only in its log.
// A permanent cause does not go away by waiting, so the call fails at once instead of at its deadline.
import type { PeerCertificate } from "node:tls";
import type { TlsSetup } from "../tls/connection";

export interface Cause {
  readonly permanent: boolean;
  readonly what: string;
  readonly advice: string;
}

const permanent = (what: string, advice: string): Cause => ({ permanent: true, what, advice });
const passing = (what: string, advice: string): Cause => ({ permanent: false, what, advice });

export function hintLine(typed: string, cause: Pick<Cause, "what" | "advice">): string {
  return `${typed}: ${cause.what}; ${cause.advice}`;
}

/** The connection was never made. */
export function connectCause(error: NodeJS.ErrnoException, host: string): Cause {
  switch (error.code) {
    case "ECONNREFUSED":
      return passing("connection refused", "start etcd there or correct --endpoints");
    case "ENOTFOUND":
      return permanent(`unknown host ${host}`, "correct the name in --endpoints");
    case "EAI_AGAIN":
      return passing(`the name ${host} cannot be resolved now`, "check this machine's DNS");
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return passing("no route to the host", "check the address and the network");
    case "ETIMEDOUT":
      return noConnection;
    case "ENOENT":
      return passing("no such socket", "start etcd there or correct the path in --endpoints");
    case "EACCES":
      return permanent("permission denied", "ask for access to the socket, or run as another user");
    default:
      return passing(error.message, "check --endpoints and the network");
  }
}

export const noConnection = passing(
  "no answer to the connection attempt",
  "check the address, and whether a firewall drops packets to that port",
);
export const connecting = passing("cannot be connected to", "check --endpoints and the network");
export const silent = passing(
  "accepts connections but does not answer",
  "the member is stopped, hanging or overloaded: look at its process and its log",
);
export const callUnanswered = passing(
  "connected, but did not answer the call in time",
  "see `endpoint status`: the member may be overloaded or without a leader; --command-timeout gives it longer",
);
export const closesAtOnce = passing(
  "closes the connection at once",
  "check that this is etcd's client port, and look at the server's log",
);

/** Some servers look at the client's certificate only then, and give no reason. */
export function closesAfterHandshake(clientCertificate: string | undefined): Cause {
  return clientCertificate
    ? passing(
        `closes the connection after the TLS handshake, as servers do that refuse a client certificate (${clientCertificate})`,
        "pass one that its client CA signed, and look at the server's log",
      )
    : passing("closes the connection after the TLS handshake", "look at the server's log");
}

/** The server's certificate, or the lack of trust in it. */
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
        "renew it, or set this machine's clock right",
      );
    case "CERT_NOT_YET_VALID":
      return permanent(
        `the server's certificate is not valid before ${certificate.valid_from}`,
        "set this machine's clock right",
      );
    case "INVALID_PURPOSE":
      return permanent(
        "the server's certificate is not meant for servers (extended key usage)",
        "have it issued again with serverAuth",
      );
    case "NAME_MISMATCH": {
      const names = namesOf(certificate);
      return permanent(
        names
          ? `the server's certificate is for ${names}, not for ${name}`
          : "the server's certificate names no host",
        names
          ? "use one of these in --endpoints, or have the certificate issued for this name too"
          : "have it issued again with alternative names (SAN): the common name does not count",
      );
    }
    default:
      return tls.noAuthority
        ? permanent(
            `the CA file ${tls.authorities} has no certificate in it`,
            "pass a PEM file with --cacert",
          )
        : permanent(
            `the server's certificate is signed by an unknown authority (issuer ${issuerOf(certificate)}; trusted: ${tls.authorities}; ${code})`,
            "pass the CA certificate that signed it with --cacert",
          );
  }
}

/** The server ended the TLS handshake with an alert (RFC 8446 section 6). */
export function alertCause(alert: number, detail: string, clientCertificate: string | undefined): Cause {
  const own = `the client certificate ${clientCertificate ?? ""}`;
  if (alert === 116 || (alert === 42 && !clientCertificate)) {
    return permanent("the server requires a client certificate", "pass one with --cert and --key");
  }
  switch (alert) {
    case 42:
    case 43:
    case 46:
      return permanent(
        `the server refuses ${own}`,
        "pass one that its client CA signed and that is meant for clients",
      );
    case 44:
      return permanent(`the server says that ${own} is revoked`, "pass a valid one with --cert and --key");
    case 45:
      return permanent(`the server says that ${own} has expired`, "renew it");
    case 48:
      return permanent(
        `the server does not know the authority that signed ${own}`,
        "pass one that its client CA signed",
      );
    case 70:
      return permanent(
        "the server speaks no version of TLS from 1.2 on",
        "raise the TLS version of the server",
      );
    default:
      return permanent(
        `the server breaks off the TLS handshake: ${detail}`,
        "compare the TLS settings of both sides",
      );
  }
}

export const speaksPlain = permanent(
  "the server speaks plain HTTP/2, not TLS",
  "write http:// or leave out https:// and the TLS flags",
);
export const speaksTls = permanent(
  "the server speaks TLS, not plain HTTP",
  "write https:// and pass its CA with --cacert",
);
export const isPeerPort = permanent(
  "this is etcd's peer port, where members talk to each other",
  "use the client port, usually 2379",
);
export const isHttp1 = permanent(
  "an HTTP/1 server answers there, not etcd's gRPC",
  "check the port in --endpoints; a proxy in between must pass HTTP/2 through",
);

export function otherProtocol(bytes: Buffer): Cause {
  const start = JSON.stringify(bytes.subarray(0, 24).toString("latin1"));
  return permanent(`not etcd: it answers ${start}`, "check the port in --endpoints");
}

function namesOf(certificate: PeerCertificate): string {
  return (certificate.subjectaltname ?? "").replace(/(DNS|IP Address|URI|email):/g, "");
}

function issuerOf(certificate: PeerCertificate): string {
  // @types/node declares the issuer always present; a damaged certificate may lack it.
  const issuer = certificate.issuer as PeerCertificate["issuer"] | undefined;
  return `"${issuer?.CN ?? issuer?.O ?? "without a name"}"`;
}
