// The plain HTTP pages of the client port: /health, /livez, /readyz, /version and /metrics. Every other path is 404.
// Go: server/etcdserver/api/etcdhttp/health.go and version.go

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The server's state for the pages, read anew for each request. */
export interface HttpState {
  /** Names of the raised alarms, `NOSPACE` or `CORRUPT`. */
  alarms(): readonly string[];
  /** The text of the /metrics page. */
  metrics(): string;
  /** False: neither changes nor linearizable reads are possible. */
  hasLeader(): boolean;
  /** Whether the common name of a client's certificate counts as its user. */
  usesCommonNames(): boolean;
  versions(): { readonly server: string; readonly cluster: string; readonly storage: string };
}

export function healthPage(state: HttpState, method: string, target: string): HttpResponse {
  // Not parsed as a URL: that throws for targets such as `//[`. The host of an absolute target does not matter.
  const [path = "", query = ""] = target.replace(/^https?:\/\/[^/?]*/i, "").split(/\?(.*)/s);
  const page = pages.get(path);
  if (method === "OPTIONS") return { status: 200, headers: allowAnyOrigin, body: "" };
  if (page === undefined) return errorPage(404, "404 page not found");
  if (method !== "GET") return errorPage(405, "Method Not Allowed", { allow: "GET" });
  const response = page(state, new URLSearchParams(query));
  return { ...response, headers: { ...allowAnyOrigin, ...response.headers } };
}

export const allowAnyOrigin = {
  "access-control-allow-headers": "accept, content-type, authorization",
  "access-control-allow-methods": "POST, GET, OPTIONS, PUT, DELETE",
  "access-control-allow-origin": "*",
};
const plainText = { "content-type": "text/plain; charset=utf-8" };

type Page = (state: HttpState, query: URLSearchParams) => HttpResponse;
type Check = (state: HttpState) => string | undefined;

const ok: Check = () => undefined;
const uncorrupted: Check = (state) =>
  state.alarms().includes("CORRUPT") ? "alarm activated: CORRUPT" : undefined;

const livez = { serializable_read: ok };
const readyz = {
  data_corruption: uncorrupted,
  serializable_read: ok,
  linearizable_read: (state: HttpState) => (state.hasLeader() ? undefined : "etcdserver: no leader"),
  non_learner: ok,
};

const pages = new Map<string, Page>([
  ["/health", health],
  ["/version", version],
  ["/metrics", metrics],
  ...checkPages("/livez", livez),
  ...checkPages("/readyz", readyz),
]);

function health(state: HttpState, query: URLSearchParams): HttpResponse {
  if (!state.hasLeader() && query.get("serializable") !== "true") {
    return errorPage(503, `{"health":"false","reason":"RAFT NO LEADER"}`);
  }
  const alarm = state.alarms().find((name) => !query.getAll("exclude").includes(name));
  if (alarm === undefined) return { status: 200, headers: plainText, body: `{"health":"true","reason":""}` };
  return errorPage(503, `{"health":"false","reason":"ALARM ${alarm}"}`);
}

function metrics(state: HttpState): HttpResponse {
  const headers = { "content-type": "text/plain; version=0.0.4; charset=utf-8; escaping=underscores" };
  return { status: 200, headers, body: state.metrics() };
}

function version(state: HttpState): HttpResponse {
  const { server, cluster, storage } = state.versions();
  const body = JSON.stringify({ etcdserver: server, etcdcluster: cluster, storage });
  return { status: 200, headers: { "content-type": "application/json" }, body };
}

/** One page for all checks of a group, and one page for each check. */
function checkPages(root: string, checks: Readonly<Record<string, Check>>): [string, Page][] {
  const run =
    (names: readonly string[]): Page =>
    (state, query) => {
      const results = names
        .filter((name) => !query.getAll("exclude").includes(name))
        .map((name) => ({ name, failure: checks[name]?.(state) }));
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
  return [[root, run(names)], ...names.map((name): [string, Page] => [`${root}/${name}`, run([name])])];
}

/** The same bytes as Go's http.Error, with a newline after the text. */
function errorPage(status: number, text: string, headers: Record<string, string> = {}): HttpResponse {
  return {
    status,
    headers: { ...allowAnyOrigin, ...headers, ...plainText, "x-content-type-options": "nosniff" },
    body: `${text}\n`,
  };
}
