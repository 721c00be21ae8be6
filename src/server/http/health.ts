// The plain HTTP pages of the client port: /health, /livez, /readyz, /version, /metrics and /debug/vars. Every other path is 404.
// Go: server/etcdserver/api/etcdhttp/health.go, version.go and debug.go; net/http's ServeMux
import { cleanUrlPath } from "../../go/path";
import type { ServerMetrics } from "../metrics/server-metrics";
import { count } from "../metrics/server-metrics";
import { escapedPath, redirect, type HttpResponse } from "./go-server";

/** The server's state for the pages, read anew for each request. */
export interface HttpState {
  /** Names of the raised alarms, `NOSPACE` or `CORRUPT`. */
  alarms(): readonly string[];
  /** The text of the /metrics page. */
  metricsPage(): Promise<string>;
  /** The text of the /debug/vars page. */
  debugPage(): string;
  /** False: neither changes nor linearizable reads are possible. */
  hasLeader(): boolean;
  /** Reads one key, as the checks of etcd do. The text of the error, if the read fails. */
  read(isSerializable: boolean): string | undefined;
  /** Whether the common name of a client's certificate counts as its user. */
  usesCommonNames(): boolean;
  versions(): { readonly server: string; readonly cluster: string; readonly storage: string };
  /** Counts the results of the checks. */
  readonly metrics: Pick<
    ServerMetrics,
    "healthSuccesses" | "healthFailures" | "healthChecks" | "healthCheckPassed"
  >;
}

/** A header of the request, by its name in lower case. */
export type HeaderOf = (name: string) => string | undefined;

export function healthPage(
  state: HttpState,
  method: string,
  target: string,
  header: HeaderOf,
): HttpResponse | Promise<HttpResponse> {
  const [path, query] = partsOf(target);
  const cleanPath = clean(path);
  // Go escapes the path once more.
  if (cleanPath !== path) return redirect(307, method, clean(escapedPath(path)), query);
  const page = pages.get(unescaped(path));
  if (page === undefined) return errorPage(404, "404 page not found");
  // Go's handler of the metrics does not look at the method.
  if (method !== "GET" && page !== metrics) return errorPage(405, "Method Not Allowed", { allow: "GET" });
  return page(state, new URLSearchParams(query), header);
}

const plainText = { "content-type": "text/plain; charset=utf-8" };

/** True for a target that Go's ServeMux does not redirect. */
export function isClean(target: string): boolean {
  const [path] = partsOf(target);
  return clean(path) === path;
}

/** Path and query. Not parsed as a URL: that throws for targets such as `//[`. The host of an absolute target does not matter. */
function partsOf(target: string): [string, string | undefined] {
  const [path = "", query] = target.replace(/^https?:\/\/[^/?]*/i, "").split(/\?(.*)/s);
  return [path, query];
}

/** As Go's ServeMux cleans paths: without `//`, `.` and `..`; and `/v3` is the folder `/v3/`. */
function clean(path: string): string {
  const cleaned = cleanUrlPath(path);
  return cleaned === "/v3" ? "/v3/" : cleaned;
}

function unescaped(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

type Page = (
  state: HttpState,
  query: URLSearchParams,
  header: HeaderOf,
) => HttpResponse | Promise<HttpResponse>;
type Check = (state: HttpState) => string | undefined;

const ok: Check = () => undefined;
const uncorrupted: Check = (state) =>
  state.alarms().includes("CORRUPT") ? "alarm activated: CORRUPT" : undefined;

const serializableRead: Check = (state) => state.read(true);

const livez = { serializable_read: serializableRead };
const readyz = {
  data_corruption: uncorrupted,
  serializable_read: serializableRead,
  linearizable_read: (state: HttpState) => state.read(false),
  non_learner: ok,
};

const pages = new Map<string, Page>([
  ["/health", health],
  ["/version", version],
  ["/metrics", metrics],
  ["/debug/vars", debugVars],
  ...checkPages("livez", livez),
  ...checkPages("readyz", readyz),
]);

function health(state: HttpState, query: URLSearchParams): HttpResponse {
  const reason = whyUnhealthy(state, query);
  if (reason !== undefined) {
    state.metrics.healthFailures++;
    return errorPage(503, JSON.stringify({ health: "false", reason }));
  }
  state.metrics.healthSuccesses++;
  return { status: 200, headers: plainText, body: `{"health":"true","reason":""}` };
}

function whyUnhealthy(state: HttpState, query: URLSearchParams): string | undefined {
  const excluded = query.getAll("exclude");
  const alarm = state.alarms().find((name) => !excluded.includes(name));
  if (alarm !== undefined) return `ALARM ${alarm}`;
  const isSerializable = query.get("serializable") === "true";
  if (!isSerializable && !state.hasLeader()) return "RAFT NO LEADER";
  const failure = state.read(isSerializable);
  return failure === undefined ? undefined : `RANGE ERROR:${failure}`;
}

async function metrics(state: HttpState, _query: URLSearchParams, header: HeaderOf): Promise<HttpResponse> {
  const text = await state.metricsPage();
  const { metricsResponse } = await import("./metrics/negotiate");
  return metricsResponse(text, { accept: header("accept"), acceptEncoding: header("accept-encoding") });
}

function debugVars(state: HttpState): HttpResponse {
  const headers = { "content-type": "application/json; charset=utf-8" };
  return { status: 200, headers, body: state.debugPage() };
}

function version(state: HttpState): HttpResponse {
  const { server, cluster, storage } = state.versions();
  const body = JSON.stringify({ etcdserver: server, etcdcluster: cluster, storage });
  return { status: 200, headers: { "content-type": "application/json" }, body };
}

/** One page for all checks of a group, and one page for each check. */
function checkPages(type: string, checks: Readonly<Record<string, Check>>): [string, Page][] {
  const runOne = (state: HttpState, name: string) => {
    const failure = checks[name]?.(state);
    const { healthChecks, healthCheckPassed } = state.metrics;
    count(healthChecks, `${name}\n${failure === undefined ? "success" : "error"}\n${type}`);
    healthCheckPassed.set(`${name}\n${type}`, failure === undefined);
    return failure;
  };
  const run =
    (names: readonly string[], mayExclude: boolean): Page =>
    (state, query) => {
      const excluded = mayExclude ? query.getAll("exclude") : [];
      const results = names
        .filter((name) => !excluded.includes(name))
        .map((name) => ({ name, failure: runOne(state, name) }));
      const report = results
        .map(({ name, failure }) =>
          failure === undefined ? `[+]${name} ok\n` : `[-]${name} failed: ${failure}\n`,
        )
        .join("");
      if (results.some(({ failure }) => failure !== undefined)) return errorPage(503, report);
      const body = query.has("verbose") ? `${report}ok\n` : "ok\n";
      return { status: 200, headers: { ...plainText, "x-content-type-options": "nosniff" }, body };
    };
  const names = Object.keys(checks);
  return [
    [`/${type}`, run(names, true)],
    ...names.map((name): [string, Page] => [`/${type}/${name}`, run([name], false)]),
  ];
}

/** The same bytes as Go's http.Error, with a newline after the text. */
export function errorPage(status: number, text: string, headers: Record<string, string> = {}): HttpResponse {
  return {
    status,
    headers: { ...headers, ...plainText, "x-content-type-options": "nosniff" },
    body: `${text}\n`,
  };
}
