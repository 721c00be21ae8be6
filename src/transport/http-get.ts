// One HTTP GET from an endpoint, with the TLS options of gRPC calls. For /metrics, which etcd serves over HTTP only.
import { request as plainRequest, type RequestOptions } from "node:http";
import { request as secureRequest } from "node:https";
import { text } from "node:stream/consumers";
import { isBadEndpoint, parseEndpoint } from "./endpoint";
import { isTlsConfigured, loadTlsFiles } from "./open";
import type { TransportOptions } from "./transport";

/** Resolves to the body of a response with status 200. Rejects with an Error `Get "URL": REASON`, like Go's net/http. */
export async function httpGet(
  typed: string,
  path: string,
  options: TransportOptions,
  timeoutMs: number,
): Promise<string> {
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
      if (response.statusCode === 200) text(response).then(resolve, fail);
      else request.destroy(new Error(`the server responds with status ${response.statusCode}`));
    });
    request.on("timeout", () => request.destroy(new Error(`no response within ${timeoutMs / 1000} s`)));
    request.on("error", fail);
    request.end();
  });

  async function secureOptions() {
    const { connectionOptions, tlsSetup } = await import("./tls/connection");
    const setup = tlsSetup(options, await loadTlsFiles(tls));
    if (isBadEndpoint(endpoint)) return {};
    return { ...connectionOptions(setup, endpoint), ALPNProtocols: ["http/1.1"] };
  }
}
