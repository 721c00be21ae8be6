// The TLS side of a listener: certificates that are read again when their files change, and the checks of client certificates.
// Must stay true: a certificate that cannot be used never replaces one that can.
// Go: client/pkg/transport/listener.go (baseConfig) and listener_tls.go
import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import {
  createSecureContext,
  createServer,
  type SecureContext,
  type SecureContextOptions,
  type SecureVersion,
  type Server,
  type TLSSocket,
} from "node:tls";
import type { ZapFields } from "../../go/zap";
import type { ServerUrl } from "../cluster/urls";
import { remoteOf } from "../grpc/call";
import { endOfInput, handshakeError, namesOf } from "./rejected";

/** Certificates of a server, as PEM texts (not file names). The server accepts TLS 1.2 and later. */
export interface ServerTls {
  /** The server's certificate, followed by its intermediate certificates. Like etcd's --cert-file. */
  readonly cert: string | Buffer;
  /** The private key of `cert`. Like etcd's --key-file. */
  readonly key: string | Buffer;
  /**
   * Certificate authorities for clients, like etcd's --trusted-ca-file: a client without a certificate from one of them
   * cannot connect. An empty list means the authorities that Node.js trusts. Default: clients need no certificate.
   */
  readonly clientCa?: readonly (string | Buffer)[] | undefined;
}

export interface TlsSettings extends ServerTls {
  readonly minVersion?: SecureVersion | undefined;
  readonly maxVersion?: SecureVersion | undefined;
  /** Names of OpenSSL, separated by colons. */
  readonly ciphers?: string | undefined;
  /** Called for each new connection: a certificate and key that differ from the ones before. */
  readonly renewed?: (() => Pick<ServerTls, "cert" | "key"> | undefined) | undefined;
  /** Why a client with this certificate and what it sent with it may not connect. */
  readonly refuseClient?: ((chain: readonly X509Certificate[]) => string | undefined) | undefined;
  /** Receives why a certificate was not taken, or a connection not accepted: lines of etcd's log. */
  readonly onProblem?: ((level: "warn" | "debug", message: string, fields: ZapFields) => void) | undefined;
}

export function tlsServer(
  url: ServerUrl,
  settings: TlsSettings | undefined,
  accept: (socket: Socket) => void,
): Server {
  if (settings === undefined) {
    throw new Error(
      `TLS key/cert (--cert-file, --key-file) must be provided for client url ${url.text} with HTTPS scheme`,
    );
  }
  const { renewed, refuseClient, onProblem } = settings;
  const rejected = (socket: TLSSocket, error: string, fields: ZapFields = {}) => {
    const level = error === endOfInput ? "debug" : "warn";
    const { _parent: raw } = socket as { _parent?: Socket };
    const address = remoteOf(socket) ?? (raw && remoteOf(raw)) ?? "";
    const from = { "remote-addr": address, "server-name": socket.servername || "" };
    onProblem?.(level, "rejected connection on client endpoint", { ...from, ...fields, error });
    socket.destroy();
  };
  const server = newServer(settings, (socket) => {
    const chain = chainOf(socket);
    const reason = refuseClient?.(chain);
    if (reason === undefined) return accept(socket);
    rejected(socket, reason, chain[0] && namesOf(chain[0]));
  });
  server.on("tlsClientError", (error, socket) => rejected(socket, handshakeError(error, socket)));
  // A client whose certificate is refused has no address later, unless it was read.
  server.prependListener("connection", (socket: Socket) => void socket.remoteAddress);
  if (renewed !== undefined) {
    // Before Node's own listener, which begins the handshake.
    server.prependListener("connection", () => {
      const pair = renewed();
      if (pair === undefined) return;
      const renewedSettings = { ...settings, ...pair };
      server.setSecureContext(contextOf(renewedSettings));
      trustIntermediates(server, renewedSettings);
    });
  }
  return server;
}

function newServer(settings: TlsSettings, accept: (socket: TLSSocket) => void): Server {
  const asksClients = settings.clientCa !== undefined;
  try {
    const server = createServer(
      {
        ...contextOf(settings),
        requestCert: asksClients,
        rejectUnauthorized: asksClients,
        ALPNProtocols: ["h2", "http/1.1"],
      },
      accept,
    );
    trustIntermediates(server, settings);
    return server;
  } catch (cause) {
    throw new Error(`cannot use the certificate or its key: ${(cause as Error).message}`, { cause });
  }
}

function contextOf({
  cert,
  key,
  clientCa = [],
  minVersion = "TLSv1.2",
  maxVersion,
  ciphers,
}: TlsSettings): SecureContextOptions {
  return {
    cert,
    key,
    minVersion,
    ...(clientCa.length > 0 ? { ca: [...clientCa] } : {}),
    ...(maxVersion === undefined ? {} : { maxVersion }),
    ...(ciphers === undefined ? {} : { ciphers }),
  };
}

/**
 * As in Go, an authority for clients may have an issuer that is not given. Node's servers leave out `allowPartialTrustChain`,
 * so the context that new connections get is replaced. A runtime that has no such context trusts fewer clients, never more.
 */
function trustIntermediates(server: Server & { _sharedCreds?: SecureContext }, settings: TlsSettings): void {
  if ((settings.clientCa ?? []).length === 0 || server._sharedCreds === undefined) return;
  server._sharedCreds = createSecureContext({
    ...contextOf(settings),
    allowPartialTrustChain: true,
    sessionIdContext: "etcd", // without one, OpenSSL refuses a client that resumes its session
  });
}

/** The client's certificate and what it sent with it; empty without one. */
function chainOf(socket: TLSSocket): X509Certificate[] {
  const own = socket.getPeerX509Certificate();
  const chain: X509Certificate[] = [];
  for (let each = own; each !== undefined && !chain.includes(each); each = each.issuerCertificate) {
    chain.push(each);
  }
  return chain;
}
