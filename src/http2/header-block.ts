// Joins a HEADERS frame and its CONTINUATION frames into a header block. No other frame may come between them.
// RFC 9113, sections 4.3, 6.2 and 6.10.
import { unpadded } from "./frame-reader";
import { ConnectionError, ErrorCode, Flag, FrameType } from "./protocol";

/** A block may be a little larger than its list, which has no Huffman code. */
const maxBlockBytes = 128 * 1024;
/** A sender that fills its frames needs nine. CVE-2024-27316 and its relatives send millions. */
const maxContinuations = 32;

export class HeaderBlockReader {
  private streamId = 0;
  private flags = 0;
  private parts: Buffer[] = [];
  private sizeBytes = 0;

  /** Throws ConnectionError if the frame must not come now. */
  check(type: number, streamId: number): void {
    const isExpected = (type === FrameType.continuation) === (this.streamId !== 0);
    if (isExpected && (this.streamId === 0 || this.streamId === streamId)) return;
    const what = this.streamId === 0 ? "a CONTINUATION without HEADERS" : "a frame inside a header block";
    throw new ConnectionError(ErrorCode.protocolError, what);
  }

  /** Takes a HEADERS or CONTINUATION frame. Calls `done` with the flags of HEADERS and the block when that is complete. */
  push(
    type: number,
    flags: number,
    streamId: number,
    payload: Buffer,
    done: (flags: number, streamId: number, block: Buffer) => void,
  ): void {
    const part = type === FrameType.headers ? unpadded(flags, payload) : payload;
    if (type === FrameType.headers) this.flags = flags;
    if ((flags & Flag.endHeaders) !== 0) {
      const block = this.parts.length === 0 ? part : Buffer.concat([...this.parts, part]);
      this.streamId = this.sizeBytes = 0;
      this.parts = [];
      return done(this.flags, streamId, block);
    }
    this.streamId = streamId;
    this.sizeBytes += part.length;
    // The payload is valid only during the call.
    this.parts.push(Buffer.from(part));
    if (this.sizeBytes > maxBlockBytes || this.parts.length > maxContinuations) {
      throw new ConnectionError(ErrorCode.enhanceYourCalm, "a header block that is too large");
    }
  }
}
