// Opens one connection to an endpoint, sends some bytes and records what comes back. The bytes are the caller's, so it can
// recognize a server of any protocol.
import { connect as connectTcp, type Socket } from "node:net";
import {
  connect as connectTls,
  type ConnectionOptions,
  type PeerCertificate,
  type TLSSocket,
} from "node:tls";
import { setImmediate } from "node:timers";
import type { Clock } from "../../clock";
import type { Address } from "../endpoint";

export interface ProbeResult {
  /** The last step that was started. */
  readonly step: "connect" | "handshake" | "response";
  /** The first bytes of the response. At least nine, unless the connection ended before. */
  readonly bytes: Buffer;
  readonly error: NodeJS.ErrnoException | undefined;
  readonly timedOut: boolean;
  readonly certificate: PeerCertificate | undefined;
  /** OpenSSL's code for a bad certificate. */
  readonly certificateError: string | undefined;
}

export interface ProbeRequest {
  readonly address: Address;
  /** Use TLS with these options. A bad certificate does not end the connection. */
  readonly tls: ConnectionOptions | undefined;
  readonly bytes: Buffer;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export function probe(request: ProbeRequest): Promise<ProbeResult> {
  const { address, tls, timeoutMs, signal } = request;
  const raw =
    address.kind === "unix"
      ? connectTcp({ path: address.path })
      : connectTcp({ host: address.host, port: address.port, noDelay: true });
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
    const timer = request.clock.setTimeout(abort, timeoutMs);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort);

    const exchange = (socket: Socket) => {
      step = "response";
      socket.write(request.bytes);
      socket.on("data", (data: Buffer) => {
        bytes = Buffer.concat([bytes, data]);
        if (bytes.length >= 9) setImmediate(finish); // enough for the header of an HTTP/2 frame
      });
      socket.on("end", () => finish());
    };
    raw.on("error", finish);
    raw.on("connect", () => {
      if (!tls) return exchange(raw);
      step = "handshake";
      const socket = connectTls({ ...tls, socket: raw, rejectUnauthorized: false });
      socket.on("error", finish);
      socket.on("close", () => finish());
      socket.on("secureConnect", () => {
        secure = socket;
        exchange(socket);
      });
    });
    raw.on("close", () => finish());
  });
}

/** Unlike its type, Node sets it to a code or to an Error. */
function errorCode(error: unknown): string | undefined {
  if (!error) return undefined;
  return error instanceof Error
    ? ((error as NodeJS.ErrnoException).code ?? error.message)
    : String(error as string);
}
