// All listeners of a server: for clients, for plain HTTP apart from gRPC, and for metrics.
// Go: configureClientListeners and serveMetrics in server/embed/etcd.go
import { parseUrls, type ServerUrl } from "../cluster/urls";
import { listen, type Listener, type ListenerOptions } from "./listener";

/** What a listener has besides the handlers: settings of `serve`. */
export interface Listening extends Pick<
  ListenerOptions,
  "tls" | "access" | "gateway" | "maxConcurrentStreams" | "keepAlive"
> {
  /** URLs for HTTP without gRPC; the others then serve only gRPC. Like etcd's --listen-client-http-urls. */
  readonly httpUrls?: readonly string[] | undefined;
  /** URLs for the pages about health and metrics. Like etcd's --listen-metrics-urls. */
  readonly metricsUrls?: readonly string[] | undefined;
}

/** Adds each listener to `opened` when it listens: after an error the caller closes those. Rejects with etcd's texts. */
export async function openListeners(
  clientUrls: readonly ServerUrl[],
  { httpUrls = [], metricsUrls = [], ...settings }: Listening,
  common: ListenerOptions,
  opened: Listener[],
): Promise<void> {
  const urlsOf = (texts: readonly string[]) => (texts.length === 0 ? [] : parseUrls(texts));
  const options = { ...common, ...settings };
  const httpOnly = urlsOf(httpUrls);
  for (const url of httpOnly) {
    if (clientUrls.some((each) => addressOf(each) === addressOf(url))) {
      throw new Error(
        `cannot bind both --listen-client-urls and --listen-client-http-urls on the same url ${url.text}`,
      );
    }
  }
  for (const urls of byAddress(clientUrls)) {
    opened.push(await listen(urls, { ...options, serves: httpUrls.length > 0 ? "grpc" : "all" }));
  }
  for (const urls of byAddress(httpOnly)) opened.push(await listen(urls, { ...options, serves: "http" }));
  for (const url of urlsOf(metricsUrls)) {
    if (url.secure && options.tls === undefined) {
      throw new Error(
        "client TLS key/cert (--cert-file, --key-file) must be provided for metrics secure url",
      );
    }
    opened.push(await listen([url], { ...options, serves: "metrics" }));
  }
}

type SameAddress = [ServerUrl, ...ServerUrl[]];

function byAddress(urls: readonly ServerUrl[]): Iterable<SameAddress> {
  const groups = new Map<string, SameAddress>();
  for (const url of urls) {
    const address = addressOf(url);
    const group = groups.get(address);
    if (group === undefined) groups.set(address, [url]);
    else group.push(url);
  }
  return groups.values();
}

/** By its text: localhost and 127.0.0.1 are different addresses here, as in etcd. */
function addressOf({ address }: ServerUrl): string {
  return "path" in address ? `unix:${address.path}` : `${address.host}:${address.port}`;
}
