// Errors between a request and its response, with the texts of Go's net/http, crypto/tls and etcd's v2 client.
// Go (etcd 3.4): client/cluster_error.go, isConnectionError in etcdctl/ctlv2/command/util.go
import type { PeerCertificate } from "node:tls";
import { osErrorReason } from "../../go/os";
import { alertOf, checkIdentity } from "../../transport/tls/connection";

export class RequestError extends Error {
  override name = "RequestError";
  constructor(
    message: string,
    /** No connection, or a timeout. Decides the exit code. */
    readonly isConnection = false,
    options: ErrorOptions = {},
  ) {
    super(message, options);
  }
}

/** The total timeout has passed. In Go, every timeout counts as a connection error. */
export class DeadlineExceeded extends RequestError {
  constructor() {
    super("context deadline exceeded", true);
  }
}

/** No endpoint has answered. Holds one error for each. */
export class ClusterError extends RequestError {
  constructor(readonly errors: readonly Error[]) {
    const lines = errors.map(({ message }, i) => `; error #${i}: ${message}\n`);
    super(
      `client: etcd cluster is unavailable or misconfigured${lines.join("")}`,
      errors.every((error) => error instanceof RequestError && error.isConnection),
    );
  }

  get detail(): string {
    return this.errors.map(({ message }, i) => `error #${i}: ${message}\n`).join("");
  }
}

/** The address of a request, for error texts. */
export interface Target {
  readonly network: "tcp" | "unix";
  /** `host:port`, or the path of a Unix socket. */
  readonly address: string;
  readonly host: string;
  /** The first name server of this machine. Go names it when a lookup fails. */
  readonly nameServer: string | undefined;
}

/** Converts an error of node:http, node:net or node:tls. */
export function requestError(error: unknown, target: Target): RequestError {
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const cause = first as NodeJS.ErrnoException & { address?: string; port?: number };
  const { code = "", syscall = "" } = cause;
  const options = { cause: error };
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    const server = target.nameServer === undefined ? "" : ` on ${target.nameServer}`;
    const reason = code === "ENOTFOUND" ? "no such host" : "server misbehaving";
    return new RequestError(`dial tcp: lookup ${target.host}${server}: ${reason}`, true, options);
  }
  if (syscall === "connect") {
    const address = cause.port === undefined ? target.address : joinHostPort(cause.address ?? "", cause.port);
    const reason = osErrorReason(cause);
    return new RequestError(`dial ${target.network} ${address}: connect: ${reason}`, true, options);
  }
  if (syscall === "read" || syscall === "write") {
    const text = `${syscall} ${target.network} ${target.address}: ${syscall}: ${osErrorReason(cause)}`;
    return new RequestError(text, syscall === "read", options);
  }
  if (code === "ECONNRESET") return new RequestError("EOF", false, options);
  const tls = tlsError(cause, target);
  if (tls !== undefined) return new RequestError(tls, false, options);
  if (code.startsWith("HPE_")) {
    return new RequestError(
      `net/http: HTTP/1.x transport connection broken: malformed HTTP response (${cause.message})`,
      false,
      options,
    );
  }
  return new RequestError(cause.message, false, options);
}

export function dialTimeout(target: Target): RequestError {
  return new RequestError(`dial ${target.network} ${target.address}: i/o timeout`, true);
}

const unknownAuthority = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** TLS alerts (RFC 8446 section 6) with the texts of crypto/tls. */
const alerts: Readonly<Record<string, string>> = {
  40: "handshake failure",
  42: "bad certificate",
  43: "unsupported certificate",
  44: "revoked certificate",
  45: "expired certificate",
  46: "unknown certificate",
  48: "unknown certificate authority",
  70: "protocol version not supported",
  80: "internal error",
  116: "certificate required",
};

function tlsError(error: NodeJS.ErrnoException, target: Target): string | undefined {
  const { code = "", message } = error;
  if (unknownAuthority.has(code)) return "x509: certificate signed by unknown authority";
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return "x509: certificate has expired or is not yet valid";
  }
  if (error instanceof NameMismatch) return error.message;
  const alert = alertOf(error);
  if (alert !== undefined) return `remote error: tls: ${alerts[alert] ?? `alert(${alert})`}`;
  if (/wrong version number|packet length too long|http request/.test(message)) {
    return target.network === "unix" ? message : "http: server gave HTTP response to HTTPS client";
  }
  return undefined;
}

class NameMismatch extends Error {}

/** Checks a server's certificate for a host name or an IP address. Returns undefined when it is valid for the name. */
export function checkName(name: string, certificate: PeerCertificate): Error | undefined {
  if (!checkIdentity(name, certificate)) return undefined;
  const names = (certificate.subjectaltname ?? "").split(", ").filter((entry) => entry !== "");
  const isAddress = /^[\d.]+$|:/.test(name);
  const kind = isAddress ? "IP Address:" : "DNS:";
  const validNames = names.filter((entry) => entry.startsWith(kind)).map((entry) => entry.slice(kind.length));
  if (validNames.length > 0) {
    return new NameMismatch(`x509: certificate is valid for ${validNames.join(", ")}, not ${name}`);
  }
  return new NameMismatch(
    isAddress
      ? `x509: cannot validate certificate for ${name} because it doesn't contain any IP SANs`
      : `x509: certificate is not valid for any names, but wanted to match ${name}`,
  );
}

function joinHostPort(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
