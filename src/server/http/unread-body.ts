// What Go's HTTP server does with a request whose response is complete before its body: it reads a little of the rest, and closes
// the connection if there is more. Otherwise a client could send without end after its answer.
// Go: net/http/server.go (chunkWriter.writeHeader, body.Close, conn.closeWriteAndWait)
import type { IncomingMessage, ServerResponse } from "node:http";
import { backgroundClock } from "../../clock";

/** Of the rest of a body. */
const maxUnreadBytes = 256 * 1024;
/** A client that still sends would not get the response if its connection were closed at once. */
const lingerMs = 500;

/** A body that may be left before its end. */
export class RequestBody implements AsyncIterable<Uint8Array> {
  private receivedBytes = 0;

  constructor(private readonly request: IncomingMessage) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.request.iterator({
      destroyOnReturn: false,
    }) as AsyncIterable<Uint8Array>) {
      this.receivedBytes += chunk.length;
      yield chunk;
    }
  }

  /** Call it before the response ends. The connection closes after it if too much of the body is left. */
  async leave(response: ServerResponse): Promise<void> {
    const { request } = this;
    if (request.complete || request.destroyed || (await this.readRest())) return;
    const { socket } = request;
    response.shouldKeepAlive = false;
    // Node calls it after the last response.
    socket.destroySoon = () => {
      socket.end();
      backgroundClock.setTimeout(() => socket.destroy(), lingerMs);
    };
    if (response.headersSent) response.once("finish", () => socket.destroySoon());
  }

  /** False if there is too much. */
  private async readRest(): Promise<boolean> {
    const most = this.receivedBytes + maxUnreadBytes;
    const length = this.request.headers["content-length"];
    if (length !== undefined && Number(length) > most) return false;
    try {
      for await (const chunk of this) if (chunk.length > 0 && this.receivedBytes > most) return false;
    } catch {
      // The client has left.
    }
    return true;
  }
}
