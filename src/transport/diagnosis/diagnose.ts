// Finds out why an endpoint is unusable. It opens extra connections: it does the TLS handshake, starts HTTP/2, and when the
// server responds otherwise, tries other protocols. Loaded only after a connection has failed.
import type { Clock } from "../../clock";
import type { Endpoint } from "../endpoint";
import { alertOf, checkIdentity, connectionOptions } from "../tls/connection";
import type { TlsSetup } from "../tls/setup";
import {
  alertCause,
  certificateCause,
  closesAfterHandshake,
  closesImmediately,
  connectCause,
  isHttp1Server,
  isPeerPort,
  noConnection,
  otherProtocol,
  silent,
  isPlainServer,
  isTlsServer,
  type Cause,
} from "./cause";
import { probe, type ProbeRequest, type ProbeResult } from "./probe";

const timeoutMs = 5000;

/** The start of every HTTP/2 connection: the preface and an empty SETTINGS frame. */
const http2Start = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", "latin1");

/** Resolves to undefined when the endpoint responds as it should now. */
export async function diagnose(
  endpoint: Endpoint,
  tls: TlsSetup | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<Cause | undefined> {
  const secured = endpoint.secure && tls ? connectionOptions(tls, endpoint) : undefined;
  const request = { address: endpoint.address, tls: secured, bytes: http2Start, timeoutMs, clock, signal };
  const result = await probe(request);
  if (result.step === "connect") return notConnected(result, endpoint);
  if (secured && tls) {
    const problem = tls.verify ? certificateProblem(result, endpoint, tls) : undefined;
    if (problem) return problem;
  }
  if (isHttp2Response(result)) return undefined;
  const alert = alertOf(result.error);
  if (alert !== undefined) return alertCause(alert, result.error?.message ?? "", tls?.clientCertificate);
  if (result.timedOut) return silent;
  if (result.bytes.length > 0 && !isHttp1Response(result) && !isTlsAlert(result))
    return otherProtocol(result.bytes);
  // To the start of HTTP/2 the peer port of etcd 3.6 and later responds with HTTP/1; that of 3.5 and earlier only closes.
  const isClosed = result.step === "response" && result.bytes.length === 0;
  if ((isClosed || isHttp1Response(result)) && (await isPeer(request))) return isPeerPort;
  if (secured && isClosed) {
    return closesAfterHandshake(tls?.clientCertificate);
  }
  return (await tryOtherSecurity(request)) ?? (isHttp1Response(result) ? isHttp1Server : closesImmediately);
}

function notConnected(result: ProbeResult, endpoint: Endpoint): Cause {
  if (!result.error) return noConnection;
  const error = result.error instanceof AggregateError ? (result.error.errors[0] as Error) : result.error;
  return connectCause(error, endpoint.serverName);
}

function certificateProblem(result: ProbeResult, endpoint: Endpoint, tls: TlsSetup): Cause | undefined {
  const { certificate } = result;
  if (!certificate) return undefined;
  const name = tls.serverName ?? endpoint.serverName;
  const mismatch = checkIdentity(name, certificate) !== undefined;
  const code = result.certificateError;
  if (code !== undefined && code !== "ERR_TLS_CERT_ALTNAME_INVALID" && !(mismatch && isIdentityError(code))) {
    return certificateCause(code, certificate, tls, name);
  }
  return mismatch ? certificateCause("NAME_MISMATCH", certificate, tls, name) : undefined;
}

/** OpenSSL's codes are upper case. The message of `checkIdentity` is a sentence. */
function isIdentityError(code: string): boolean {
  return !/^[A-Z0-9_]+$/.test(code);
}

/** Tries plain instead of TLS, or TLS instead of plain. */
async function tryOtherSecurity(request: ProbeRequest): Promise<Cause | undefined> {
  if (request.tls) {
    const result = await probe({ ...request, tls: undefined });
    return isHttp2Response(result) ? isPlainServer : isHttp1Response(result) ? isHttp1Server : undefined;
  }
  const result = await probe({ ...request, tls: { servername: "", ALPNProtocols: ["h2"] } });
  return result.step === "response" || alertOf(result.error) !== undefined ? isTlsServer : undefined;
}

/** Only etcd's peer port lists the members over HTTP/1, with the cluster ID in a header. */
async function isPeer(request: ProbeRequest): Promise<boolean> {
  const bytes = Buffer.from("GET /members HTTP/1.1\r\nHost: etcd\r\nConnection: close\r\n\r\n");
  const tls = request.tls && { ...request.tls, ALPNProtocols: ["http/1.1"] };
  const result = await probe({ ...request, tls, bytes });
  return /^x-etcd-cluster-id:/im.test(result.bytes.toString("latin1"));
}

/** The first frame of an HTTP/2 server is SETTINGS on stream 0. */
function isHttp2Response({ bytes }: ProbeResult): boolean {
  return bytes.length >= 9 && bytes[3] === 4 && bytes.readUInt32BE(5) === 0;
}

function isHttp1Response({ bytes }: ProbeResult): boolean {
  return bytes.toString("latin1").startsWith("HTTP/1.");
}

/** A TLS alert record. */
function isTlsAlert({ bytes }: ProbeResult): boolean {
  return bytes[0] === 0x15 && bytes[1] === 3;
}
