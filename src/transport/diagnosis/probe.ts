// One question to an endpoint over a connection of its own, and how far it got: the raw material of a diagnosis.
// Sends the first bytes itself, so that a server of any protocol can show what it is.
import { connect as connectTcp, type Socket } from "node:net";
import {
  connect as connectTls,
  type ConnectionOptions,
  type PeerCertificate,
  type TLSSocket,
} from "node:tls";
import type { Clock } from "../../clock";
import type { Address } from "../endpoint";

export interface ProbeResult {
  /** The last step that was begun. */
  readonly step: "connect" | "handshake" | "answer";
  /** What came back, up to the first bytes that were enough. */
  readonly bytes: Buffer;
  readonly error: NodeJS.ErrnoException | undefined;
  readonly timedOut: boolean;
  readonly certificate: PeerCertificate | undefined;
  /** OpenSSL's code of what is wrong with the certificate. */
  readonly certificateError: string | undefined;
}

export interface ProbeRequest {
  readonly address: Address;
  /** Spoken over TLS with these options; nothing is refused, only reported. */
  readonly tls: ConnectionOptions | undefined;
  readonly bytes: Buffer;
  readonly limitMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export function probe(question: ProbeRequest): Promise<ProbeResult> {
  const { address, tls, limitMs, signal } = question;
  const raw =
    address.kind === "unix"
      ? connectTcp({ path: address.path })
      : connectTcp({ host: address.host, port: address.port });
  let step: ProbeResult["step"] = "connect";
  let secure: TLSSocket | undefined;
  let bytes: Buffer = Buffer.alloc(0);

  return new Promise((resolve) => {
    const finish = (error?: NodeJS.ErrnoException, timedOut = false) => {
      timer.cancel();
      signal.removeEventListener("abort", abort);
      const certificate = secure?.getPeerCertificate();
      const certificateError = errorCode(secure?.authorizationError);
      resolve({ step, bytes, error, timedOut, certificate, certificateError });
      for (const socket of [secure, raw]) {
        socket?.removeAllListeners().on("error", () => undefined);
        socket?.destroy();
      }
    };
    const abort = () => finish(undefined, true);
    const timer = question.clock.setTimeout(abort, limitMs);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort);

    const converse = (socket: Socket) => {
      step = "answer";
      socket.write(question.bytes);
      socket.on("data", (data: Buffer) => {
        bytes = Buffer.concat([bytes, data]);
        if (bytes.length >= 9) setImmediate(finish); // the header of an HTTP/2 frame, or the name of a protocol
      });
      socket.on("end", () => finish());
    };
    raw.on("error", finish);
    raw.on("connect", () => {
      if (!tls) return converse(raw);
      step = "handshake";
      const socket = connectTls({ ...tls, socket: raw, rejectUnauthorized: false });
      socket.on("error", finish);
      socket.on("close", () => finish());
      socket.on("secureConnect", () => {
        secure = socket;
        converse(socket);
      });
    });
    raw.on("close", () => finish());
  });
}

/** Despite its type, Node puts a code or an Error there. */
function errorCode(error: unknown): string | undefined {
  if (!error) return undefined;
  return error instanceof Error
    ? ((error as NodeJS.ErrnoException).code ?? error.message)
    : String(error as string);
}
