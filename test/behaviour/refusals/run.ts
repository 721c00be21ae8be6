// Runs the cases on a server, and says what came back in one line each: `OK`, or the status code and the message.
import { connect, type LibraryClient } from "../../../src/client/library/client";
import { EtcdError } from "../../../src/errors";
import { until } from "../../support/until";
import type { Case } from "./case";

export interface Outcome {
  /** The call, its caller and its request, shortened. */
  readonly name: string;
  readonly outcome: string;
}

export async function runCases(endpoint: string, cases: readonly Case[]): Promise<Outcome[]> {
  const clients = new Map<string, LibraryClient>();
  const clientOf = async (user: string): Promise<LibraryClient> => {
    const known = clients.get(user);
    if (known !== undefined) return known;
    const token = user === "" ? "" : user === "bad token" ? "never.1" : await login(endpoint, user);
    const client = await connect({
      endpoints: [endpoint],
      ...(token === "" ? {} : { credentials: { user: "", password: "", token } }),
      maxRequestBytes: 8 << 20,
      timeoutMs: 20_000,
    });
    clients.set(user, client);
    return client;
  };
  const outcomes: Outcome[] = [];
  try {
    for (const each of cases) {
      const outcome = await outcomeOf(await clientOf(each.as ?? ""), each);
      outcomes.push({ name: nameOf(each), outcome });
    }
  } finally {
    await Promise.all([...clients.values()].map((client) => client.close()));
  }
  return outcomes;
}

const passwords: Readonly<Record<string, string>> = { root: "r", alice: "a" };

/** The token of a user. A server that has just enabled auth may need a moment. */
async function login(endpoint: string, name: string): Promise<string> {
  const client = await connect({ endpoints: [endpoint] });
  try {
    const { token } = await client.auth.authenticate({ name, password: passwords[name] ?? "" });
    return token;
  } finally {
    await client.close();
  }
}

export function nameOf({ call, request, as }: Case): string {
  const text = JSON.stringify(request, (_key, value: unknown) =>
    Array.isArray(value) && value.length > 9 ? `${value.length} × ${JSON.stringify(value[0])}` : value,
  );
  const short = text.length > 400 ? `${text.slice(0, 60)}… (${text.length})` : text;
  return `${as === undefined ? "" : `${as}: `}${call} ${short}`;
}

async function outcomeOf(client: LibraryClient, { call, request }: Case): Promise<string> {
  const [service = "", method = ""] = call.split(".");
  const rpc = (client as unknown as Record<string, Record<string, (request: unknown) => unknown>>)[service]?.[
    method
  ];
  if (rpc === undefined) throw new Error(`no call ${call}`);
  const isDuplex = call === "watch.watch" || call === "lease.leaseKeepAlive";
  try {
    const result = rpc(isDuplex ? [request] : request);
    if (result instanceof Promise) await result;
    else return await answerOf(result as AsyncIterable<Message>, { call, request });
    return "OK";
  } catch (error) {
    if (error instanceof EtcdError) return `${error.code} ${error.desc}`;
    throw error;
  }
}

interface Message {
  readonly created?: boolean;
  readonly canceled?: boolean;
  readonly cancelReason?: string;
  readonly compactRevision?: bigint;
  readonly TTL?: bigint;
}

/** A refused watch says so in its first message, or after `created` if its history is compacted. */
async function answerOf(messages: AsyncIterable<Message>, { call, request }: Case): Promise<string> {
  const readsHistory = JSON.stringify(request).includes("startRevision");
  for await (const { created, canceled, cancelReason, compactRevision, TTL } of messages) {
    if (call === "lease.leaseKeepAlive") return `OK TTL ${TTL}`;
    if (canceled === true) return `canceled ${cancelReason} ${compactRevision}`;
    if (created !== true || !readsHistory) return "OK";
  }
  return "OK";
}

/** Waits until a server that has started has chosen its versions, on which some answers depend. */
export async function untilReady(endpoint: string): Promise<void> {
  const client = await connect({ endpoints: [endpoint] });
  try {
    await until(
      "the versions are decided",
      async () => (await client.maintenance.status()).storageVersion === "3.7.0",
    );
  } finally {
    await client.close();
  }
}
