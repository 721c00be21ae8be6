// Sends one HTTP request over TCP, TLS or a Unix socket, and keeps the connection for later requests. There are no redirects
// and no proxies. The only retry: a GET on a kept connection that the server has closed.
// Go (etcd 3.4): pkg/transport/transport.go
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { addAbortListener, type Clock } from "../../clock";
import type { Io } from "../../io";
import { contextOf } from "../../transport/tls/connection";
import { tlsSetup, type TlsSetup } from "../../transport/tls/setup";
import { readTlsFiles } from "../../transport/tls/files";
import { checkName, dialTimeout, requestError, RequestError, type Target } from "./errors";
import { portOf, urlText, type GoUrl } from "./go-url";

export interface HttpRequest {
  readonly method: string;
  readonly url: GoUrl;
  readonly headers?: Readonly<Record<string, string>>;
  /** With --debug an empty body prints `-d ""`; undefined prints nothing. */
  readonly body?: string;
}

export interface HttpResponse {
  readonly status: number;
  /** Takes the name in lower case. Returns an empty text for a missing header. */
  header(name: string): string;
  readonly body: Buffer;
}

/** A response whose body may still be on its way. */
export interface HttpResponseHead extends Omit<HttpResponse, "body"> {
  body(): Promise<Buffer>;
}

/** Throws RequestError, or the signal's reason. */
export type RoundTrip = (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponseHead>;

export interface TransportOptions {
  readonly tls: { readonly cacert: string; readonly cert: string; readonly key: string };
  /** The name that server certificates must have. Empty: the host of the URL. */
  readonly serverName: string;
  readonly dialTimeoutMs: number;
}

/** All keys of a large store take a few hundred megabytes. */
const maxBodyBytes = 512 * 1024 * 1024;

/** Throws CliError for unusable TLS files. */
export async function openTransport(
  settings: TransportOptions,
  { clock, env }: Pick<Io, "clock" | "env">,
): Promise<{ roundTrip: RoundTrip; close(): void }> {
  const [http, https, dns] = await Promise.all([
    import("node:http"),
    import("node:https"),
    import("node:dns"),
  ]);
  const { tls } = settings;
  const files = tls.cacert || tls.cert || tls.key ? readTlsFiles(tls) : undefined;
  let setup: TlsSetup | undefined;
  const agents = {
    "http:": new http.Agent({ keepAlive: true }),
    "https:": new https.Agent({ keepAlive: true }),
  };

  const send = (request: HttpRequest, signal: AbortSignal): Promise<HttpResponseHead> => {
    const { target, options, secure } = requestTarget(request, dns.getServers()[0]);
    if (secure) {
      setup ??= tlsSetup({ endpoints: [], tls, clock, env }, files);
      Object.assign(options, tlsOptions(setup, settings.serverName || target.host));
    }
    const agent = agents[secure ? "https:" : "http:"];
    const startRequest = (secure ? https : http).request;
    return new Promise((resolve, reject) => {
      const clientRequest = startRequest({ ...options, agent });
      const stopWaiting = addAbortListener(signal, () => clientRequest.destroy(signal.reason as Error));
      const dial = limitDialTime(clientRequest, settings.dialTimeoutMs, clock, target);
      clientRequest.once("response", (response) => {
        resolve(headOf(response, target, signal, stopWaiting));
      });
      clientRequest.once("error", (error: NodeJS.ErrnoException) => {
        stopWaiting();
        dial.cancel();
        if (signal.aborted) return reject(signal.reason as Error);
        const isStale = clientRequest.reusedSocket && request.method === "GET" && error.code === "ECONNRESET";
        if (isStale) resolve(send(request, signal));
        else reject(error instanceof RequestError ? error : requestError(error, target));
      });
      clientRequest.setNoDelay(true); // https ignores it as an option
      clientRequest.end(request.body);
    });
  };

  return {
    roundTrip: async (request, signal) => {
      signal.throwIfAborted();
      return send(request, signal);
    },
    close: () => Object.values(agents).forEach((agent) => agent.destroy()),
  };
}

function requestTarget(
  { url, method, headers, body }: HttpRequest,
  server: string | undefined,
): { target: Target; options: RequestOptions; secure: boolean } {
  if (!/^(http|unix)s?$/.test(url.scheme)) {
    throw new RequestError(`unsupported protocol scheme "${url.scheme}"`);
  }
  if (url.host === "") throw new RequestError("http: no Host in request URL");
  const secure = url.scheme.endsWith("s");
  const port = portOf(url.host) || (secure ? "443" : "80");
  const name = url.host.replace(/:\d*$/, "");
  const host = name.replace(/^\[(.*)\]$/, "$1");
  const isSocket = url.scheme.startsWith("unix");
  const nameServer = server !== undefined && !/:.*:|]:|\d:\d/.test(server) ? `${server}:53` : server;
  return {
    secure,
    target: { network: isSocket ? "unix" : "tcp", address: `${name}:${port}`, host, nameServer },
    options: {
      method,
      path: urlText({ ...url, scheme: "", user: "", host: "" }),
      headers: {
        Host: url.host,
        ...headers,
        ...(body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) }),
      },
      ...(isSocket ? { socketPath: `${name}:${port}` } : { host, port }),
    },
  };
}

function tlsOptions(setup: TlsSetup, name: string): ConnectionOptions {
  return {
    secureContext: contextOf(setup),
    servername: isIP(name) ? "" : name,
    rejectUnauthorized: setup.verify,
    checkServerIdentity: (_, certificate) => checkName(name, certificate),
  };
}

/** Aborts the request when there is no connection after `limitMs`. */
function limitDialTime(
  clientRequest: ClientRequest,
  limitMs: number,
  clock: Clock,
  target: Target,
): { cancel(): void } {
  const timer = clock.setTimeout(() => clientRequest.destroy(dialTimeout(target)), limitMs);
  clientRequest.once("socket", (socket) => {
    if (!socket.connecting) timer.cancel();
    else socket.once("connect", () => timer.cancel());
  });
  return timer;
}

function headOf(
  response: IncomingMessage,
  target: Target,
  signal: AbortSignal,
  stopWaiting: () => void,
): HttpResponseHead {
  const body = readAll(response, target, signal).finally(stopWaiting);
  body.catch(() => undefined); // not every caller reads the body
  return {
    status: response.statusCode ?? 0,
    header: (name) => [response.headers[name] ?? ""].flat().join(","),
    body: () => body,
  };
}

async function readAll(response: IncomingMessage, target: Target, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes > maxBodyBytes) {
        throw new RequestError(`client: the response of ${target.address} is longer than 512 MiB`);
      }
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof RequestError) throw error;
    const isCutOff = (error as NodeJS.ErrnoException).code === "ECONNRESET";
    throw isCutOff
      ? new RequestError("unexpected EOF", false, { cause: error })
      : requestError(error, target);
  }
}
