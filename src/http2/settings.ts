// The SETTINGS of both sides. RFC 9113, section 6.5.
import {
  ConnectionError,
  defaultMaxFrameBytes,
  defaultWindowBytes,
  ErrorCode,
  maxWindowBytes,
} from "./protocol";

/** RFC 9113, section 6.5.2. Each name stands at its identifier. */
const names = [
  undefined,
  "headerTableBytes",
  "enablePush",
  "maxConcurrentStreams",
  "initialWindowBytes",
  "maxFrameBytes",
  "maxHeaderListBytes",
] as const;

export interface Settings {
  headerTableBytes: number;
  enablePush: number;
  maxConcurrentStreams: number;
  initialWindowBytes: number;
  maxFrameBytes: number;
  maxHeaderListBytes: number;
}

/** What holds until a peer says otherwise. */
export function defaultSettings(): Settings {
  return {
    headerTableBytes: 4096,
    enablePush: 1,
    maxConcurrentStreams: Infinity,
    initialWindowBytes: defaultWindowBytes,
    maxFrameBytes: defaultMaxFrameBytes,
    maxHeaderListBytes: Infinity,
  };
}

/** The payload of a SETTINGS frame with those settings that are given. */
export function encodeSettings(settings: Partial<Settings>): Buffer {
  const entries = names.flatMap((name, id) => {
    const value = name === undefined ? undefined : settings[name];
    return value === undefined || value === Infinity ? [] : [[id, value] as const];
  });
  const payload = Buffer.alloc(6 * entries.length);
  entries.forEach(([id, value], i) => {
    payload.writeUInt16BE(id, 6 * i);
    payload.writeUInt32BE(value, 6 * i + 2);
  });
  return payload;
}

/** Changes `settings` as the payload says. Unknown settings are ignored. Throws ConnectionError. */
export function applySettings(settings: Settings, payload: Buffer): void {
  if (payload.length % 6 !== 0) {
    throw new ConnectionError(ErrorCode.frameSizeError, `SETTINGS of ${payload.length} bytes`);
  }
  for (let at = 0; at < payload.length; at += 6) {
    const name = names[payload.readUInt16BE(at)];
    const value = payload.readUInt32BE(at + 2);
    if (name === undefined) continue;
    const code = refusal(name, value);
    if (code !== undefined) throw new ConnectionError(code, `the setting ${name} is ${value}`);
    settings[name] = value;
  }
}

function refusal(name: keyof Settings, value: number): number | undefined {
  if (name === "enablePush" && value > 1) return ErrorCode.protocolError;
  if (name === "initialWindowBytes" && value > maxWindowBytes) return ErrorCode.flowControlError;
  const isFrameSize = value >= defaultMaxFrameBytes && value < 2 ** 24;
  return name === "maxFrameBytes" && !isFrameSize ? ErrorCode.protocolError : undefined;
}
