// The embedded server for programs and tests: on a free port of this machine, ready when the promise is.
import { EmbeddedServer, type ServerOptions } from "./server";

export interface EmbeddedServerOptions extends Omit<ServerOptions, "keys"> {
  /** Absent: one free port on 127.0.0.1, with TLS where `tls` is given. Empty: no listener, only client(). */
  readonly listenClientUrls?: readonly string[] | undefined;
  /** Keys that are there from the start, all of one revision. */
  readonly keys?: Readonly<Record<string, string | Uint8Array>> | undefined;
}

export async function startEmbeddedServer(options: EmbeddedServerOptions = {}): Promise<EmbeddedServer> {
  const scheme = options.tls === undefined ? "http" : "https";
  const { listenClientUrls = [`${scheme}://127.0.0.1:0`], keys = {}, ...rest } = options;
  return EmbeddedServer.start({ ...rest, listenClientUrls, keys: Object.entries(keys).map(asBytes) });
}

function asBytes([key, value]: [string, string | Uint8Array]): [Uint8Array, Uint8Array] {
  return [Buffer.from(key), typeof value === "string" ? Buffer.from(value) : value];
}
