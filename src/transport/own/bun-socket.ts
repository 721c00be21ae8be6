// A socket of Bun, the runtime inside the executable. It opens in a third of the time of node:net or node:tls, which Bun builds on
// it.
import { CliError, ExitCode } from "../../errors";
import type { Endpoint } from "../endpoint";
import type { TlsSetup } from "../tls/setup";
import { bunTlsOptions, handshakeProblem, type BunCertificate, type BunTlsOptions } from "./bun-tls";
import { tcpKeepAliveMs, type OpenSocket } from "./channel";

/** The part of Bun's API that this file uses. https://bun.com/docs/api/tcp */
interface BunSocket {
  /** Returns how many bytes it took: the rest must be written after `drain`. */
  write(bytes: Uint8Array): number;
  end(): void;
  terminate(): void;
  ref(): void;
  unref(): void;
  setNoDelay(on: boolean): void;
  setKeepAlive(on: boolean, initialDelayMs: number): void;
  getPeerX509Certificate(): BunCertificate | undefined;
}
interface BunConnect {
  connect(options: {
    readonly hostname?: string;
    readonly port?: number;
    readonly unix?: string;
    readonly tls?: BunTlsOptions;
    readonly socket: {
      open(socket: BunSocket): void;
      /** With TLS. */
      handshake(socket: BunSocket, isAccepted: boolean, error: Error | null): void;
      data(socket: BunSocket, bytes: Buffer): void;
      drain(socket: BunSocket): void;
      end(socket: BunSocket): void;
      close(socket: BunSocket, error?: Error): void;
      error(socket: BunSocket, error: Error): void;
      connectError(socket: BunSocket, error: Error): void;
    };
  }): Promise<BunSocket>;
}

/**
 * With TLS only what Bun's sockets do as we need it; node:tls does the rest. They take an empty list of CA certificates for their
 * own list, verify no IP address over a unix socket, and cannot leave the name unverified.
 */
export function canUseBunSockets(endpoints: readonly Endpoint[], tls: TlsSetup | undefined): boolean {
  if (!tls) return true;
  return tls.verify && tls.ca?.length !== 0 && endpoints.every(({ address }) => address.kind === "tcp");
}

export const openBunSocket: OpenSocket = (endpoint, tls, events) => {
  const { address } = endpoint;
  let socket: BunSocket | undefined;
  let holds = false;
  let isOver = false;
  let isEnding = false;
  /** What the socket did not take, in order. */
  let waiting: Uint8Array[] = [];
  const over = (error: Error | undefined): void => {
    if (isOver) return;
    isOver = true;
    waiting = [];
    events.onClose(error);
  };
  const write = (bytes: Uint8Array): boolean => {
    if (isOver || !socket) return true;
    if (waiting.length > 0) {
      waiting.push(bytes);
      return false;
    }
    const taken = Math.max(0, socket.write(bytes));
    if (taken === bytes.length) return true;
    waiting.push(bytes.subarray(taken));
    return false;
  };
  const opened = connectWith({
    ...(tls && { tls: bunTlsOptions(tls, endpoint) }),
    ...(address.kind === "unix" ? { unix: address.path } : { hostname: address.host, port: address.port }),
    socket: {
      open(it) {
        if (isOver) return it.terminate();
        socket = it;
        if (!holds) it.unref();
        if (address.kind === "tcp") {
          it.setNoDelay(true);
          it.setKeepAlive(true, tcpKeepAliveMs);
        }
        events.onTcpConnected();
        if (!tls) events.onOpen();
      },
      handshake(it, isAccepted, error) {
        if (isOver || !tls) return;
        const problem = handshakeProblem(tls, endpoint, isAccepted, error, it.getPeerX509Certificate());
        if (!problem) return events.onOpen();
        it.terminate();
        over(problem);
      },
      data: (_, bytes) => events.onData(bytes),
      drain() {
        const queue = waiting;
        waiting = [];
        for (const bytes of queue) write(bytes);
        if (waiting.length > 0) return;
        if (isEnding) socket?.end();
        events.onDrain();
      },
      end: (it) => it.end(),
      close: (_, error) => over(error),
      error: (_, error) => over(error),
      connectError: (_, error) => over(error),
    },
  });
  opened.catch((error: unknown) => over(error instanceof Error ? error : new Error(String(error))));
  return {
    write,
    end: () => {
      isEnding = true;
      if (waiting.length === 0) socket?.end();
    },
    destroy: () => {
      socket?.terminate();
      over(undefined);
    },
    hold: (on) => {
      holds = on;
      if (on) socket?.ref();
      else socket?.unref();
    },
  };
};

/** Bun throws at once for certificates and keys that it does not take. */
function connectWith(options: Parameters<BunConnect["connect"]>[0]): Promise<BunSocket> {
  try {
    return (globalThis as unknown as { Bun: BunConnect }).Bun.connect(options);
  } catch (cause) {
    if (!options.tls) throw cause;
    throw new CliError(ExitCode.badArgs, `tls: ${(cause as Error).message}`, { cause });
  }
}
