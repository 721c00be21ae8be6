// What a client of /metrics can ask for: gzip, and how the names of metrics are escaped. All names here are the same in each way of
// escaping, so only the content type says which one it was.
// Go: promhttp/http.go and internal/…/httputil/negotiate.go in client_golang, expfmt/encode.go in prometheus/common
import { promisify } from "node:util";
import type { HttpResponse } from "../go-server";

/** Absent headers are undefined. */
export interface Asked {
  readonly accept: string | undefined;
  readonly acceptEncoding: string | undefined;
}

export async function metricsResponse(text: string, asked: Asked): Promise<HttpResponse> {
  const type = `text/plain; version=0.0.4; charset=utf-8; escaping=${escapingFor(asked.accept ?? "")}`;
  const headers = { "content-type": type };
  if (!wantsGzip(asked.acceptEncoding ?? "")) return { status: 200, headers, body: text };
  const { gzip } = await import("node:zlib");
  const body = await promisify(gzip)(text);
  return { status: 200, headers: { ...headers, "content-encoding": "gzip" }, body };
}

const escapings = new Set(["allow-utf-8", "underscores", "dots", "values"]);

/** The last way of escaping up to the first type that is the page's, best types first. */
function escapingFor(accept: string): string {
  let escaping = "underscores";
  for (const { type, params } of typesOf(accept)) {
    const wanted = params.get("escaping");
    if (wanted !== undefined && escapings.has(wanted)) escaping = wanted;
    if (type === "text/plain" && ["", "0.0.4"].includes(params.get("version") ?? "")) break;
  }
  return escaping;
}

interface AcceptedType {
  readonly type: string;
  readonly params: ReadonlyMap<string, string>;
}

function typesOf(accept: string): AcceptedType[] {
  const types = accept.split(",").map((part) => {
    const [type = "", ...params] = part.split(";").map((each) => each.trim());
    return { type, params: new Map(params.map((each) => each.split("=") as [string, string])) };
  });
  const quality = ({ params }: AcceptedType) => Number(params.get("q") ?? 1);
  return types.sort((a, b) => quality(b) - quality(a));
}

/** As in Go, a wildcard asks for no compression. */
function wantsGzip(acceptEncoding: string): boolean {
  let [gzip, identity] = [0, 0];
  // What follows a mistake is ignored.
  for (const part of acceptEncoding.split(",")) {
    const [, name = "", q = "1"] = /^\s*([^\s;,]+)\s*(?:;\s*q=([01](?:\.\d*)?))?\s*$/.exec(part) ?? [];
    if (name === "") break;
    if (name === "gzip") gzip = Math.max(gzip, Number(q));
    if (name === "identity" || name === "*") identity = Math.max(identity, Number(q));
  }
  return gzip > identity;
}
