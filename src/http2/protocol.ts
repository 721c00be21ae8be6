// The numbers of HTTP/2 and the two kinds of errors. RFC 9113, sections 5.4, 6 and 7.

/** RFC 9113, section 6. */
export const FrameType = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const Flag = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

/** RFC 9113, section 7. */
export const ErrorCode = {
  noError: 0,
  protocolError: 1,
  internalError: 2,
  flowControlError: 3,
  settingsTimeout: 4,
  streamClosed: 5,
  frameSizeError: 6,
  refusedStream: 7,
  cancel: 8,
  compressionError: 9,
  connectError: 10,
  enhanceYourCalm: 11,
  inadequateSecurity: 12,
  http11Required: 13,
} as const;

/** What a client sends first. RFC 9113, section 3.4 */
export const preface: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

export const frameHeaderBytes = 9;
/** The size that every peer accepts, and the only one that we accept. RFC 9113, section 4.2 */
export const defaultMaxFrameBytes = 16_384;
export const defaultWindowBytes = 65_535;
export const maxWindowBytes = 2 ** 31 - 1;
export const maxStreamId = 2 ** 31 - 1;

/** Ends the whole connection, with a GOAWAY that carries the code. RFC 9113, section 5.4.1 */
export class ConnectionError extends Error {
  override name = "ConnectionError";

  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** Ends one stream. RFC 9113, section 5.4.2 */
export class StreamError extends Error {
  override name = "StreamError";

  constructor(
    readonly code: number,
    message: string,
    /** True if the peer has not begun to serve the stream: the request may be sent again. RFC 9113, section 8.7 */
    readonly isUnprocessed = false,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The name of an error code, as RFC 9113 spells it. */
export function errorName(code: number): string {
  const name = Object.entries(ErrorCode).find(([, each]) => each === code)?.[0];
  return name === undefined
    ? `error code ${code}`
    : name.replace(/[A-Z]|(?<=http)1/g, (letter) => `_${letter}`).toUpperCase();
}
