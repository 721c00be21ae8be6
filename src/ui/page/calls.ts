// Calls to the page's own server. The token comes from the address; it then leaves the address, and stays in this tab.
import type { Failure, Requests, Responses, Streams } from "../api";

const storageKey = "etcdctl-ui-token";

/** Takes the token out of the address, so that it is neither in a screenshot nor in a copied address. */
export function takeToken(): void {
  const typed = /^#token=([\w-]+)/.exec(location.hash)?.[1];
  if (typed === undefined) return;
  sessionStorage.setItem(storageKey, typed);
  history.replaceState(null, "", "#/");
}

export class CallFailure extends Error {
  constructor(
    message: string,
    readonly hints: readonly string[],
    readonly status: number,
  ) {
    super(message);
  }
}

export function describe(error: unknown): string {
  if (error instanceof CallFailure) return [error.message, ...error.hints].join(" \u2014 ");
  return error instanceof Error ? error.message : String(error);
}

async function post(name: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const token = sessionStorage.getItem(storageKey) ?? "";
  let response: Response;
  try {
    response = await fetch(`/api/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new CallFailure("etcdctl ui does not respond", ["it may have been stopped: start it again"], 0);
  }
  if (response.ok) return response;
  const failure = (await response.json().catch(() => ({}))) as Partial<Failure>;
  throw new CallFailure(failure.error ?? `status ${response.status}`, failure.hints ?? [], response.status);
}

export async function call<K extends keyof Requests>(
  name: K,
  body: Requests[K],
  signal?: AbortSignal,
): Promise<Responses[K]> {
  return (await (await post(name, body, signal)).json()) as Responses[K];
}

export async function download(body: Requests["key"]): Promise<Blob> {
  return (await post("raw", body)).blob();
}

/** Calls `take` for each line. Resolves when the stream has ended. */
export async function stream<K extends keyof Streams>(
  name: K,
  body: Streams[K]["request"],
  take: (line: Streams[K]["line"]) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await post(name, body, signal);
  const reader = (response.body as ReadableStream<BufferSource>)
    .pipeThrough(new TextDecoderStream())
    .getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const parsed = JSON.parse(line) as Streams[K]["line"] | Failure;
      if ("error" in parsed) throw new CallFailure(parsed.error, parsed.hints, 502);
      take(parsed);
    }
  }
}
