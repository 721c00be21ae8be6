// A client that costs little: gRPC over our HTTP/2, with encoded messages and callbacks. The servers should be what is measured.
import net from "node:net";
import { backgroundClock } from "../../src/clock";
import type { Http2Connection } from "../../src/http2/connection";
import type { HeaderField } from "../../src/http2/hpack/table";
import { valueOf } from "../../src/http2/message-rules";
import { overSocket } from "../../src/http2/over-socket";
import type { Http2Stream } from "../../src/http2/stream";

export interface Call {
  send(frame: Buffer): void;
  /** Cancels the call. */
  cancel(): void;
}

/** One connection. */
export class GrpcClient {
  private readonly headers = new Map<string, readonly HeaderField[]>();

  private constructor(
    private readonly socket: net.Socket,
    private readonly connection: Http2Connection,
  ) {}

  static async connect(endpoint: string): Promise<GrpcClient> {
    const { hostname, port } = new URL(`http://${endpoint}`);
    const socket = net.connect(Number(port), hostname);
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.setNoDelay(true);
    return new GrpcClient(socket, overSocket(socket, { role: "client", clock: backgroundClock }));
  }

  /** Resolves to the message. */
  unary(path: string, frame: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      let message: Buffer | undefined;
      const stream = this.open(path, (chunk) => {
        message = message === undefined ? chunk : Buffer.concat([message, chunk]);
      });
      stream.events = {
        ...stream.events,
        onTrailers(fields) {
          const status = valueOf(fields, "grpc-status");
          if (status === "0" && message !== undefined) resolve(message.subarray(5));
          else reject(new Error(`${path}: status ${status}`));
        },
        onClose: (error) => reject(error ?? new Error(`${path}: no response`)),
      };
      stream.end(frame);
    });
  }

  /** `onMessages` gets the bytes of the responses, framed as gRPC does, in any pieces. */
  stream(path: string, onMessages: (chunk: Buffer) => void): Call {
    const stream = this.open(path, onMessages);
    return { send: (frame) => void stream.write(frame), cancel: () => stream.reset() };
  }

  close(): void {
    this.socket.destroy();
  }

  private open(path: string, onData: (chunk: Buffer) => void): Http2Stream {
    let headers = this.headers.get(path);
    if (headers === undefined) {
      headers = Object.freeze([
        { name: ":method", value: "POST" },
        { name: ":scheme", value: "http" },
        { name: ":path", value: path },
        { name: ":authority", value: "bench" },
        { name: "content-type", value: "application/grpc" },
        { name: "te", value: "trailers" },
      ]);
      this.headers.set(path, headers);
    }
    return this.connection.request(headers, { events: { onData } });
  }
}

/** Calls `each` for every message in the chunks of a stream. */
export function messages(each: (message: Buffer) => void): (chunk: Buffer) => void {
  let held: Buffer = Buffer.alloc(0);
  return (chunk) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    let at = 0;
    while (held.length - at >= 5) {
      const end = at + 5 + held.readUInt32BE(at + 1);
      if (end > held.length) break;
      each(held.subarray(at + 5, end));
      at = end;
    }
    held = held.subarray(at);
  };
}
