// What can go wrong between a request and its answer, in the words of Go's net/http and etcd's v2 client.
// `isConnection` is what the exit code asks for: nobody was reached, or nobody answered. Knows no command.
// Answers to net.OpError, crypto/tls and x509 errors, client/cluster_error.go and ctlv2's isConnectionError.
import type { PeerCertificate } from "node:tls";
import { osErrorReason } from "../../go/os";
import { checkIdentity } from "../../transport/tls/connection";

export class RequestError extends Error {
  override name = "RequestError";
  constructor(
    message: string,
    readonly isConnection = false,
    options: ErrorOptions = {},
  ) {
    super(message, options);
  }
}

/** The total timeout has passed. Counts as a failed connection, like every timeout of Go. */
export class DeadlineExceeded extends RequestError {
  constructor() {
    super("context deadline exceeded", true);
  }
}

/** No endpoint gave an answer; one error for each. */
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

/** Whom a request went to, for messages. */
export interface Target {
  readonly network: "tcp" | "unix";
  /** `host:port`, or the file of a socket. */
  readonly address: string;
  readonly host: string;
  /** The first name server of this machine, which Go names. */
  readonly nameServer: string | undefined;
}

/** Of an error that node:http, node:net or node:tls has given. */
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

/** Alerts of a server (RFC 8446 section 6), as crypto/tls names them. */
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
  const alert = /SSL alert number (\d+)/.exec(message)?.[1];
  if (alert !== undefined) return `remote error: tls: ${alerts[alert] ?? `alert(${alert})`}`;
  if (/wrong version number|packet length too long|http request/.test(message)) {
    return target.network === "unix" ? message : "http: server gave HTTP response to HTTPS client";
  }
  return undefined;
}

/** The certificate is for other names. */
class NameMismatch extends Error {}

/** For tls.connect: undefined when the certificate bears the name, which may be an address. */
export function checkName(name: string, certificate: PeerCertificate): Error | undefined {
  if (!checkIdentity(name, certificate)) return undefined;
  const names = (certificate.subjectaltname ?? "").split(", ").filter((each) => each !== "");
  const isAddress = /^[\d.]+$|:/.test(name);
  const kind = isAddress ? "IP Address:" : "DNS:";
  const fitting = names.filter((each) => each.startsWith(kind)).map((each) => each.slice(kind.length));
  if (fitting.length > 0) {
    return new NameMismatch(`x509: certificate is valid for ${fitting.join(", ")}, not ${name}`);
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
