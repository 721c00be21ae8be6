// Sends requests to the members of a cluster. When a member fails, the client tries the next one. It remembers the member that
// answered and starts with it next time. A one-shot request is tried once.
// Go (etcd 3.4): httpClusterClient and redirectFollowingHTTPClient in client/client.go, client/curl.go
import { addAbortListener, type Clock } from "../../clock";
import { quote } from "../../go/quote";
import { ClusterError, DeadlineExceeded, RequestError } from "./errors";
import { parseUrl, urlText, type GoUrl } from "./go-url";
import type { HttpResponse, HttpRequest, RoundTrip } from "./round-trip";

/** Makes the same request for any member. */
export interface Action {
  /** The client must not send the request twice. */
  readonly oneShot?: boolean;
  /** The header timeout does not apply. */
  readonly isWatch?: boolean;
  request(endpoint: GoUrl): HttpRequest;
}

export interface MemberResponse extends HttpResponse {
  readonly endpoint: string;
}

export interface ClusterOptions {
  readonly roundTrip: RoundTrip;
  readonly credentials?: { readonly user: string; readonly password: string } | undefined;
  /** Limit for the headers of a response. 0: no limit. */
  readonly headerTimeoutMs: number;
  readonly clock: Clock;
  /** Receives each request as a curl command. */
  readonly debug?: ((line: string) => Promise<void>) | undefined;
  /** Replaces Math.random. */
  readonly random?: () => number;
}

const maxRedirects = 10;
const statusTexts: Readonly<Record<number, string>> = {
  501: "Not Implemented",
  502: "Bad Gateway",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
};

export class ClusterClient {
  private members: readonly GoUrl[] = [];
  private pinned = 0;

  /** Throws UrlError. */
  constructor(
    endpoints: readonly string[],
    private readonly options: ClusterOptions,
  ) {
    this.endpoints = endpoints;
  }

  get endpoints(): readonly string[] {
    return this.members.map(urlText);
  }

  /** Shuffles the endpoints, so that not all clients use the first member. */
  set endpoints(endpoints: readonly string[]) {
    const members = endpoints.map(parseUrl);
    for (let i = members.length - 1; i > 0; i--) {
      const j = Math.floor((this.options.random ?? Math.random)() * (i + 1));
      [members[i], members[j]] = [members[j] as GoUrl, members[i] as GoUrl];
    }
    this.members = members;
    this.pinned = 0;
  }

  /** Throws ClusterError, RequestError for a one-shot request, or the signal's reason. */
  async do(action: Action, signal: AbortSignal): Promise<MemberResponse> {
    const { members, pinned } = this;
    if (members.length === 0) throw new RequestError("client: no endpoints available");
    const errors: Error[] = [];
    for (let i = pinned; i < members.length + pinned; i++) {
      const index = i % members.length;
      const result = await this.tryMember(members[index] as GoUrl, action, signal);
      if (!(result instanceof Error)) {
        this.pinned = index;
        return result;
      }
      errors.push(result);
      if (!action.oneShot) continue;
      this.pinned = (index + 1) % members.length;
      throw result;
    }
    throw new ClusterError(errors);
  }

  private async tryMember(
    member: GoUrl,
    action: Action,
    signal: AbortSignal,
  ): Promise<MemberResponse | Error> {
    const endpoint = urlText(member);
    try {
      const response = await this.followRedirects(member, action, signal);
      if (response.status < 500 || response.status > 599) return { ...response, endpoint };
      return response.status === 500 || response.status === 503
        ? new RequestError(`client: etcd member ${endpoint} has no leader`)
        : new RequestError(
            `client: etcd member ${endpoint} returns server error [${statusTexts[response.status] ?? ""}]`,
          );
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof RequestError) return error;
      throw error;
    }
  }

  /** A follower may redirect to the leader. */
  private async followRedirects(member: GoUrl, action: Action, signal: AbortSignal): Promise<HttpResponse> {
    const request = this.withCredentials(action.request(member));
    let next = request;
    for (let redirects = 0; redirects <= maxRedirects; redirects++) {
      const response = await this.send(next, urlText(member), action.isWatch ?? false, signal);
      if (response.status < 300 || response.status > 399) return response;
      const location = response.header("location");
      if (location === "") throw new RequestError("location header not set");
      next = { ...request, url: parseLocation(location) };
    }
    throw new RequestError("client: too many redirects");
  }

  private async send(
    request: HttpRequest,
    endpoint: string,
    isWatch: boolean,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    await this.options.debug?.(curlLine(request));
    signal.throwIfAborted();
    const { headerTimeoutMs, clock, roundTrip } = this.options;
    const aborting = new AbortController();
    const stop = addAbortListener(signal, () => aborting.abort(signal.reason));
    const expire = (): void =>
      aborting.abort(new RequestError(`client: endpoint ${endpoint} exceeded header timeout`));
    const timer = isWatch || headerTimeoutMs <= 0 ? undefined : clock.setTimeout(expire, headerTimeoutMs);
    try {
      const head = await roundTrip(request, aborting.signal);
      timer?.cancel();
      return { status: head.status, header: head.header, body: await head.body() };
    } finally {
      timer?.cancel();
      stop();
    }
  }

  private withCredentials(request: HttpRequest): HttpRequest {
    const { credentials } = this.options;
    if (!credentials) return request;
    const basic = Buffer.from(`${credentials.user}:${credentials.password}`).toString("base64");
    return { ...request, headers: { ...request.headers, Authorization: `Basic ${basic}` } };
  }
}

function parseLocation(location: string): GoUrl {
  try {
    return parseUrl(location);
  } catch (cause) {
    throw new RequestError(`location header not valid URL: ${location}`, false, { cause });
  }
}

function curlLine({ method, url, body }: HttpRequest): string {
  const data = body === undefined ? "" : ` -d ${quote(body)}`;
  return `cURL Command: curl -X ${method} ${urlText(url)}${data}\n`;
}

/** Runs `work` with a signal that aborts after `limitMs` and when `interrupt` aborts. */
export async function withDeadline<T>(
  limitMs: number,
  clock: Clock,
  interrupt: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const aborting = new AbortController();
  const stop = addAbortListener(interrupt, () => aborting.abort(interrupt.reason));
  const expire = (): void => aborting.abort(new DeadlineExceeded());
  const timer = limitMs > 0 ? clock.setTimeout(expire, limitMs) : (expire(), undefined);
  try {
    interrupt.throwIfAborted();
    return await work(aborting.signal);
  } finally {
    timer?.cancel();
    stop();
  }
}
