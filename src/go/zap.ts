/**
 * A log line as zap's console encoder writes it: time, level, logger, message and fields, with tabs between. etcdutl
 * logs in this format. Go writes the file and line of its source in place of the logger.
 * Go: go.uber.org/zap/zapcore/console_encoder.go, json_encoder.go
 */
export function zapConsoleLine(nowMs: number, { level = "info", logger, message, fields }: ZapEntry): string {
  const members = Object.entries(fields).map(([name, value]) => `${jsonText(name)}: ${fieldText(value)}`);
  const json = members.length > 0 ? `\t{${members.join(", ")}}` : "";
  return `${new Date(nowMs).toISOString().replace(/\.\d+/, "")}\t${level}\t${logger}\t${message}${json}\n`;
}

/** The same with the time of etcd's server, in microseconds and with the zone. Go: client/pkg/logutil/zap.go */
export function zapConsoleLog(nowMs: number, entry: ZapEntry): string {
  return zapConsoleLine(nowMs, entry).replace(/^\S+/, serverTime(nowMs));
}

/** A log line as zap's JSON encoder writes it. */
export function zapJsonLog(nowMs: number, { level = "info", logger, message, fields }: ZapEntry): string {
  const head = { level, ts: serverTime(nowMs), caller: logger, msg: message };
  const members = Object.entries({ ...head, ...fields }).map(
    ([name, value]) => `${jsonText(name)}:${compact(value)}`,
  );
  return `{${members.join(",")}}\n`;
}

function compact(value: ZapValue): string {
  return typeof value === "object" ? `[${value.map(jsonText).join(",")}]` : fieldText(value);
}

function serverTime(nowMs: number): string {
  const offsetMinutes = -new Date(nowMs).getTimezoneOffset();
  const local = new Date(nowMs + offsetMinutes * 60_000).toISOString().replace("Z", "000");
  if (offsetMinutes === 0) return `${local}Z`;
  const size = Math.abs(offsetMinutes);
  const digits = (value: number) => String(Math.floor(value)).padStart(2, "0");
  return `${local}${offsetMinutes < 0 ? "-" : "+"}${digits(size / 60)}${digits(size % 60)}`;
}

export type ZapLevel = "debug" | "info" | "warn" | "error" | "fatal";

export interface ZapEntry {
  readonly level?: ZapLevel;
  readonly logger: string;
  readonly message: string;
  readonly fields: ZapFields;
}

/** In the order in which they are printed. */
export type ZapFields = Readonly<Record<string, ZapValue>>;

type ZapValue = string | number | bigint | boolean | readonly string[];

function fieldText(value: ZapValue): string {
  if (typeof value === "string") return jsonText(value);
  return typeof value === "object" ? `[${value.map(jsonText).join(", ")}]` : String(value);
}

/** zap has no short escapes for the characters 8 and 12. */
function jsonText(text: string): string {
  return JSON.stringify(text).replace(/\\[bf"\\]/g, (escape) => zapEscapes[escape] ?? escape);
}

const zapEscapes: Readonly<Record<string, string>> = { "\\b": "\\u0008", "\\f": "\\u000c" };
