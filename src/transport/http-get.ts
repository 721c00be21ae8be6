// One GET over HTTP from an endpoint, with the TLS files of the flags: for what etcd offers beside gRPC, like its metrics.
import { request as plainRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as secureRequest } from "node:https";
import { isBadEndpoint, parseEndpoint } from "./endpoint";
import { loadTlsFiles, isTlsConfigured } from "./open";
import type { TransportOptions } from "./transport";

/** The body of a successful answer. Rejects with `Get "URL": REASON`, as Go's client words it. */
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
    const sent = send({ ...base, ...connection }, (answer) => {
      if (answer.statusCode === 200) bodyOf(answer).then(resolve, fail);
      else sent.destroy(new Error(`the server answers ${answer.statusCode}`));
    });
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    sent.on("error", fail);
    sent.end();
  });

  async function secureOptions() {
    const { connectionOptions, tlsSetup } = await import("./tls/connection");
    const setup = tlsSetup(options, await loadTlsFiles(tls));
    if (isBadEndpoint(endpoint)) return {};
    return { ...connectionOptions(setup, endpoint), ALPNProtocols: ["http/1.1"] };
  }
}

async function bodyOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of answer as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString();
}
