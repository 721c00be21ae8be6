// Which streams and lengths each type of frame may have. RFC 9113, section 6.
import { ConnectionError, ErrorCode, Flag, FrameType } from "./protocol";

interface Rule {
  readonly name: string;
  /** Stream 0 is the connection. */
  readonly on: "stream" | "connection" | "both";
  readonly isSize: (length: number, flags: number) => boolean;
}

const any = () => true;
const exactly = (size: number) => (length: number) => length === size;

const rules: Readonly<Record<number, Rule>> = {
  [FrameType.data]: { name: "DATA", on: "stream", isSize: any },
  [FrameType.headers]: { name: "HEADERS", on: "stream", isSize: any },
  [FrameType.priority]: { name: "PRIORITY", on: "stream", isSize: exactly(5) },
  [FrameType.rstStream]: { name: "RST_STREAM", on: "stream", isSize: exactly(4) },
  [FrameType.settings]: {
    name: "SETTINGS",
    on: "connection",
    isSize: (length, flags) => ((flags & Flag.ack) === 0 ? length % 6 === 0 : length === 0),
  },
  [FrameType.ping]: { name: "PING", on: "connection", isSize: exactly(8) },
  [FrameType.goAway]: { name: "GOAWAY", on: "connection", isSize: (length) => length >= 8 },
  [FrameType.windowUpdate]: { name: "WINDOW_UPDATE", on: "both", isSize: exactly(4) },
  [FrameType.continuation]: { name: "CONTINUATION", on: "stream", isSize: any },
};

/** Throws ConnectionError. Frames of unknown types are right. RFC 9113, section 5.5 */
export function checkFrame(type: number, flags: number, streamId: number, length: number): void {
  // No peer may push: a server never may, and our client's SETTINGS forbid it.
  if (type === FrameType.pushPromise) throw new ConnectionError(ErrorCode.protocolError, "a PUSH_PROMISE");
  const rule = rules[type];
  if (rule === undefined) return;
  if (rule.on !== "both" && (streamId === 0) !== (rule.on === "connection")) {
    throw new ConnectionError(ErrorCode.protocolError, `${rule.name} on stream ${streamId}`);
  }
  if (!rule.isSize(length, flags)) {
    throw new ConnectionError(ErrorCode.frameSizeError, `${rule.name} of ${length} bytes`);
  }
}
