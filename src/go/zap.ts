/**
 * A log line as zap's console encoder writes it: time, level, logger, message and fields, with tabs between. etcdutl
 * logs in this format. Go: go.uber.org/zap/zapcore/console_encoder.go
 */
export function zapConsoleLine(nowMs: number, { level = "info", logger, message, fields }: ZapEntry): string {
  const members = Object.entries(fields).map(([name, value]) => {
    return `"${name}": ${typeof value === "string" ? JSON.stringify(value) : value}`;
  });
  const json = members.length > 0 ? `\t{${members.join(", ")}}` : "";
  return `${new Date(nowMs).toISOString().replace(/\.\d+/, "")}\t${level}\t${logger}\t${message}${json}\n`;
}

export interface ZapEntry {
  readonly level?: "info" | "warn";
  readonly logger: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | bigint>>;
}
