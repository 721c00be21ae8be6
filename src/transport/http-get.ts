// One HTTP GET from an endpoint, with the TLS options of gRPC calls. For what etcd serves over HTTP only: /metrics, the
// time of its clock.
import { request as plainRequest, type RequestOptions } from "node:http";
import { request as secureRequest } from "node:https";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import type { DetailedPeerCertificate, TLSSocket } from "node:tls";
import { isBadEndpoint, parseEndpoint } from "./endpoint";
import { isTlsConfigured, loadTlsFiles } from "./open";
import type { TransportOptions } from "./transport";

export interface HttpAnswer {
  readonly body: string;
  /** The server's time, in whole seconds as milliseconds since 1970. Undefined without a Date header. */
  readonly dateMs: number | undefined;
  /** When the first certificate of the server's chain ends; undefined without TLS. */
  readonly certificateEndsMs: number | undefined;
}

/** Resolves to a response with status 200. Rejects with an Error `Get "URL": REASON`, like Go's net/http. */
export async function httpGet(
  typed: string,
  path: string,
  options: TransportOptions,
  timeoutMs: number,
): Promise<HttpAnswer> {
  const tls = options.tls ?? {};
  const endpoint = parseEndpoint(typed, isTlsConfigured(tls));
  if (isBadEndpoint(endpoint)) throw new Error(`Get ${JSON.stringify(typed + path)}: ${endpoint.problem}`);
  const { address, secure } = endpoint;
  const where: RequestOptions =
    address.kind === "unix" ? { socketPath: address.path } : { host: address.host, port: address.port };
  const base = { ...where, path, agent: false, signal: options.signal, timeout: timeoutMs };
  const name = `${secure ? "https" : "http"}://${typed.replace(/^\w+:\/\//, "")}${path}`;
  const connection = secure ? await secureOptions() : {};
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new Error(`Get "${name}": ${error.message}`, { cause: error }));
    const send = secure ? secureRequest : plainRequest;
    const request = send({ ...base, ...connection }, (response) => {
      const answer = {
        dateMs: timeOf(response.headers.date),
        certificateEndsMs: secure ? certificateEnd(response.socket) : undefined,
      };
      if (response.statusCode === 200) text(response).then((body) => resolve({ body, ...answer }), fail);
      else request.destroy(new Error(`the server responds with status ${response.statusCode}`));
    });
    request.on("timeout", () => request.destroy(new Error(`no response within ${timeoutMs / 1000} s`)));
    request.on("error", fail);
    request.setNoDelay(true);
    request.end();
  });

  async function secureOptions() {
    const { connectionOptions } = await import("./tls/connection");
    const { tlsSetup } = await import("./tls/setup");
    const setup = tlsSetup(options, await loadTlsFiles(tls));
    if (isBadEndpoint(endpoint)) return {};
    return { ...connectionOptions(setup, endpoint), ALPNProtocols: ["http/1.1"] };
  }
}

function timeOf(text: string | undefined): number | undefined {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? undefined : time;
}

/** The earliest end in the chain: each certificate of it must be valid. */
function certificateEnd(socket: Socket): number | undefined {
  const seen = new Set<DetailedPeerCertificate>();
  let at: DetailedPeerCertificate | undefined = (socket as Partial<TLSSocket>).getPeerCertificate?.(true); // Not every runtime has it.
  // The issuer of a root certificate is the same certificate.
  while (at !== undefined && !seen.has(at)) {
    seen.add(at);
    at = at.issuerCertificate as DetailedPeerCertificate | undefined;
  }
  const ends = [...seen].flatMap(({ valid_to }) => timeOf(valid_to) ?? []);
  return ends.length === 0 ? undefined : Math.min(...ends);
}
