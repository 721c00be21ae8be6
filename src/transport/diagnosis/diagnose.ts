// Finds out why an endpoint cannot be used, over connections of its own: connects, shakes hands, begins HTTP/2, and where
// the server answers otherwise, tries what it may speak instead. Loaded only when a connection has failed.
import type { Clock } from "../../clock";
import type { Endpoint } from "../endpoint";
import { checkIdentity, connectionOptions, type TlsSetup } from "../tls/connection";
import {
  alertCause,
  certificateCause,
  closesAfterHandshake,
  closesAtOnce,
  connectCause,
  isHttp1,
  isPeerPort,
  noConnection,
  otherProtocol,
  silent,
  speaksPlain,
  speaksTls,
  type Cause,
} from "./cause";
import { probe, type ProbeResult, type ProbeRequest } from "./probe";

const limitMs = 5000;

/** The start of every HTTP/2 connection: the preface and an empty SETTINGS frame. */
const http2Start = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", "latin1");

/** Undefined: it answers as it should, now. */
export async function diagnose(
  endpoint: Endpoint,
  tls: TlsSetup | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<Cause | undefined> {
  const secured = endpoint.secure && tls ? connectionOptions(tls, endpoint) : undefined;
  const question = { address: endpoint.address, tls: secured, bytes: http2Start, limitMs, clock, signal };
  const answer = await probe(question);
  if (answer.step === "connect") return notConnected(answer, endpoint);
  if (secured && tls) {
    const trust = tls.verify ? distrust(answer, endpoint, tls) : undefined;
    if (trust) return trust;
  }
  if (speaksHttp2(answer)) return undefined;
  const alert = alertOf(answer.error);
  if (alert !== undefined) return alertCause(alert, answer.error?.message ?? "", tls?.clientCertificate);
  if (answer.timedOut) return silent;
  if (answer.bytes.length > 0 && !saysHttp1(answer) && !saysTls(answer)) return otherProtocol(answer.bytes);
  if (saysHttp1(answer) && (await isPeer(question))) return isPeerPort;
  if (secured && answer.step === "answer" && answer.bytes.length === 0) {
    return closesAfterHandshake(tls?.clientCertificate);
  }
  return (await speaksTheOther(question)) ?? (saysHttp1(answer) ? isHttp1 : closesAtOnce);
}

function notConnected(answer: ProbeResult, endpoint: Endpoint): Cause {
  if (!answer.error) return noConnection;
  const error = answer.error instanceof AggregateError ? (answer.error.errors[0] as Error) : answer.error;
  return connectCause(error, endpoint.serverName);
}

function distrust(answer: ProbeResult, endpoint: Endpoint, tls: TlsSetup): Cause | undefined {
  const { certificate } = answer;
  if (!certificate) return undefined;
  const name = tls.serverName ?? endpoint.serverName;
  const mismatch = checkIdentity(name, certificate) !== undefined;
  const code = answer.certificateError;
  if (code !== undefined && code !== "ERR_TLS_CERT_ALTNAME_INVALID" && !(mismatch && isIdentityError(code))) {
    return certificateCause(code, certificate, tls, name);
  }
  return mismatch ? certificateCause("NAME_MISMATCH", certificate, tls, name) : undefined;
}

/** OpenSSL's codes are upper case; what our own check of the name said is a sentence. */
function isIdentityError(code: string): boolean {
  return !/^[A-Z0-9_]+$/.test(code);
}

/** TLS where plain was spoken, or the reverse. */
async function speaksTheOther(question: ProbeRequest): Promise<Cause | undefined> {
  if (question.tls) {
    const answer = await probe({ ...question, tls: undefined });
    return speaksHttp2(answer) ? speaksPlain : saysHttp1(answer) ? isHttp1 : undefined;
  }
  const answer = await probe({ ...question, tls: { servername: "", ALPNProtocols: ["h2"] } });
  return answer.step === "answer" || alertOf(answer.error) !== undefined ? speaksTls : undefined;
}

/** Only etcd's peer port lists the members over plain HTTP, with the cluster's ID in a header. */
async function isPeer(question: ProbeRequest): Promise<boolean> {
  const bytes = Buffer.from("GET /members HTTP/1.1\r\nHost: etcd\r\nConnection: close\r\n\r\n");
  const tls = question.tls && { ...question.tls, ALPNProtocols: ["http/1.1"] };
  const answer = await probe({ ...question, tls, bytes });
  return /^x-etcd-cluster-id:/im.test(answer.bytes.toString("latin1"));
}

/** The first frame of an HTTP/2 server is SETTINGS on stream 0. */
function speaksHttp2({ bytes }: ProbeResult): boolean {
  return bytes.length >= 9 && bytes[3] === 4 && bytes.readUInt32BE(5) === 0;
}

function saysHttp1({ bytes }: ProbeResult): boolean {
  return bytes.toString("latin1").startsWith("HTTP/1.");
}

/** A TLS alert record. */
function saysTls({ bytes }: ProbeResult): boolean {
  return bytes[0] === 0x15 && bytes[1] === 3;
}

function alertOf(error: Error | undefined): number | undefined {
  const number = /SSL alert number (\d+)/.exec(error?.message ?? "")?.[1];
  return number === undefined ? undefined : Number(number);
}
