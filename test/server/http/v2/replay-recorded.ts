// Replays requests of version 2 whose responses were recorded from etcd 3.4.23, one after the other on a new server.
import { readFileSync } from "node:fs";
import path from "node:path";
import { httpRequest, type HttpAnswer } from "../../../support/http-request";

interface RecordedStep {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
}

/** The files in the folder `recorded`. */
export const recordedFiles = [
  "keys",
  "conditions",
  "ttl",
  "forms",
  "past-events",
  "paths",
  "members",
  "users",
  "permissions",
];

const comparedHeaders = [
  "allow",
  "content-type",
  "location",
  "x-etcd-cluster-id",
  "x-etcd-index",
  "x-raft-term",
];

/** Returns what was recorded and what the server at `url` responds now, with equal names for ids, URLs and times. */
export async function replayRecorded(
  name: string,
  url: string,
): Promise<{ recorded: string[]; now: string[] }> {
  const text = readFileSync(path.join(__dirname, "recorded", `${name}.json`), "utf8");
  const steps = JSON.parse(text) as RecordedStep[];
  const first = await httpRequest({ url: `${url}/v2/members` });
  const [self] = (
    JSON.parse(first.body.toString()) as { members: { id: string; name: string; peerURLs: string[] }[] }
  ).members;
  const names: [string, string][] = [
    ["{{client}}", url],
    ["{{peer}}", self?.peerURLs[0] ?? ""],
    ["{{id}}", self?.id ?? ""],
    ['"name":"{{name}}"', `"name":"${self?.name ?? ""}"`],
    ["{{cluster}}", String(first.headers["x-etcd-cluster-id"])],
  ];
  const fill = (template: string) =>
    names.reduce((text, [name, value]) => text.replaceAll(name, value), template);
  const now: string[] = [];
  for (const { request } of steps) {
    const body = request.body === undefined ? undefined : fill(request.body);
    const answer = await httpRequest({ ...request, body, url: url + fill(request.path) });
    now.push(described(request, normalized(answer, names)));
  }
  return { recorded: steps.map(({ request, response }) => described(request, response)), now };
}

function normalized({ status, headers, body }: HttpAnswer, names: readonly [string, string][]) {
  const named = (text: string) => names.reduce((whole, [name, value]) => whole.replaceAll(value, name), text);
  const kept = comparedHeaders.flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [[name, named(String(value))]];
  });
  const text = named(body.toString())
    .replace(/"(expiration|startTime)":"[^"]*"/g, '"$1":"{{time}}"')
    .replace(/"uptime":"[^"]*"/, '"uptime":"{{uptime}}"');
  return { status, headers: Object.fromEntries(kept) as Record<string, string>, body: text };
}

function described({ method, path, body = "" }: RecordedStep["request"], response: RecordedStep["response"]) {
  return `${method} ${path} ${body.slice(0, 100)}\n${JSON.stringify(response, undefined, 1)}`;
}
