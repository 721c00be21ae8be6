// The files of the server's TLS and their checks, in etcd's order and with its texts.
// Go: TLSInfo.baseConfig in client/pkg/transport/listener.go
import { CliError, ExitCode } from "../../errors";
import { quote } from "../../go/quote";
import { readTlsFiles, type TlsFiles } from "../../transport/tls/files";

/** What goes with the server's certificate. */
export interface TlsInfo {
  /** What the server shows to others when it connects itself. */
  readonly clientCert: string;
  readonly clientKey: string;
  readonly ca: string;
  readonly names: readonly string[];
  readonly hosts: readonly string[];
}

/** Throws CliError for a file that etcd refuses at its start. */
export function checkTlsInfo({ clientCert, clientKey, ca, names, hosts }: TlsInfo): void {
  if ((clientKey === "") !== (clientCert === "")) {
    fail(
      `ClientKeyFile and ClientCertFile must both be present or both absent: key: ${clientKey}, cert: ${clientCert}]`,
    );
  }
  if (clientCert !== "") readTls({ cert: clientCert, key: clientKey });
  if (names.length > 0 && hosts.length > 0) {
    fail(
      `AllowedCNs and AllowedHostnames are mutually exclusive (cns=${quotedList(names)}, hostnames=${quotedList(hosts)})`,
    );
  }
  if (ca !== "") readTls({ cacert: ca });
}

/** With the names of the server's flags in the hints. */
export function readTls(files: Parameters<typeof readTlsFiles>[0]): TlsFiles {
  try {
    return readTlsFiles(files);
  } catch (cause) {
    if (!(cause instanceof CliError)) throw cause;
    const hints = cause.hints.map((hint) =>
      hint
        .replace(/--(cert|key)\b/g, "--$1-file")
        .replace(/--cacert\b/g, "--trusted-ca-file")
        .replace("a client certificate needs", "a server needs"),
    );
    throw new CliError(ExitCode.error, cause.message, { cause, hints });
  }
}

/** The items of a list; an empty text has none. */
export function listOf(text: string): string[] {
  return text.split(",").filter((each) => each !== "");
}

function quotedList(names: readonly string[]): string {
  return `[${names.map(quote).join(" ")}]`;
}

function fail(message: string): never {
  throw new CliError(ExitCode.error, message);
}
