// Requests to a cluster: one member is asked, the next one where that fails; who answered is asked first from then on.
// A request that must not be repeated is tried once. Knows requests, not what they mean.
// Answers to client/client.go (httpClusterClient, redirectFollowingHTTPClient, simpleHTTPClient) and client/curl.go.
import type { Clock } from "../../clock";
import { quote } from "../../go/quote";
import { addAbortListener } from "../../transport/lifetime";
import { ClusterError, DeadlineExceeded, RequestError } from "./errors";
import { parseUrl, urlText, type GoUrl } from "./go-url";
import type { HttpResponse, HttpRequest, RoundTrip } from "./round-trip";

/** A request that waits for the member it is sent to. */
export interface Action {
  /** Must not be sent twice. */
  readonly oneShot?: boolean;
  /** May take any time: a watch. */
  readonly isWatch?: boolean;
  request(endpoint: GoUrl): HttpRequest;
}

export interface MemberResponse extends HttpResponse {
  readonly endpoint: string;
}

export interface ClusterOptions {
  readonly roundTrip: RoundTrip;
  readonly credentials?: { readonly user: string; readonly password: string } | undefined;
  /** Limit for the head of an answer; 0 is none. */
  readonly headerTimeoutMs: number;
  readonly clock: Clock;
  /** Gets a curl command for every request. */
  readonly debug?: ((line: string) => Promise<void>) | undefined;
  /** From 0 up to, not including, 1. */
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

  /** In any order from then on, so that not everyone asks the first. */
  set endpoints(typed: readonly string[]) {
    const members = typed.map(parseUrl);
    for (let i = members.length - 1; i > 0; i--) {
      const j = Math.floor((this.options.random ?? Math.random)() * (i + 1));
      [members[i], members[j]] = [members[j] as GoUrl, members[i] as GoUrl];
    }
    this.members = members;
    this.pinned = 0;
  }

  /** Rejects with ClusterError, with the only error of a one-shot request, or with the signal's reason. */
  async do(action: Action, signal: AbortSignal): Promise<MemberResponse> {
    const { members, pinned } = this;
    if (members.length === 0) throw new RequestError("client: no endpoints available");
    const errors: Error[] = [];
    for (let i = pinned; i < members.length + pinned; i++) {
      const index = i % members.length;
      const answer = await this.tryMember(members[index] as GoUrl, action, signal);
      if (!(answer instanceof Error)) {
        this.pinned = index;
        return answer;
      }
      errors.push(answer);
      if (!action.oneShot) continue;
      this.pinned = (index + 1) % members.length;
      throw answer;
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
      const answer = await this.followRedirects(member, action, signal);
      if (answer.status < 500 || answer.status > 599) return { ...answer, endpoint };
      return answer.status === 500 || answer.status === 503
        ? new RequestError(`client: etcd member ${endpoint} has no leader`)
        : new RequestError(
            `client: etcd member ${endpoint} returns server error [${statusTexts[answer.status] ?? ""}]`,
          );
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof RequestError) return error;
      throw error;
    }
  }

  /** A member that does not lead may name the one that does. */
  private async followRedirects(member: GoUrl, action: Action, signal: AbortSignal): Promise<HttpResponse> {
    const request = this.withCredentials(action.request(member));
    let next = request;
    for (let redirects = 0; redirects <= maxRedirects; redirects++) {
      const answer = await this.send(next, urlText(member), action.isWatch ?? false, signal);
      if (answer.status < 300 || answer.status > 399) return answer;
      const location = answer.header("location");
      if (location === "") throw new RequestError("location header not set");
      next = { ...request, url: parseLocation(location) };
    }
    throw new RequestError("client: too many redirects");
  }

  private async send(
    request: HttpRequest,
    endpoint: string,
    waits: boolean,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    await this.options.debug?.(curlLine(request));
    signal.throwIfAborted();
    const { headerTimeoutMs, clock, roundTrip } = this.options;
    const late = new AbortController();
    const stop = addAbortListener(signal, () => late.abort(signal.reason));
    const tooLate = (): void =>
      late.abort(new RequestError(`client: endpoint ${endpoint} exceeded header timeout`));
    const timer = waits || headerTimeoutMs <= 0 ? undefined : clock.setTimeout(tooLate, headerTimeoutMs);
    try {
      const head = await roundTrip(request, late.signal);
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

/** Runs `work` until `limitMs` have passed or `interrupt` is aborted. */
export async function withDeadline<T>(
  limitMs: number,
  clock: Clock,
  interrupt: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const stop = addAbortListener(interrupt, () => ending.abort(interrupt.reason));
  const expire = (): void => ending.abort(new DeadlineExceeded());
  const timer = limitMs > 0 ? clock.setTimeout(expire, limitMs) : (expire(), undefined);
  try {
    interrupt.throwIfAborted();
    return await work(ending.signal);
  } finally {
    timer?.cancel();
    stop();
  }
}
