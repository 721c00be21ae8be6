// The ways in which clients of the check reach a server: gRPC, and the JSON gateway.
import http from "node:http";
import type { EtcdClient } from "../../src/client/client";
import { Compare, Compare_CompareTarget as Target, type RequestOp } from "../../src/proto/gen/etcdserverpb";
import { bytes, deleteRequest, getOp, putOp, putRequest, rangeRequest, text } from "../support/requests";
import { twinOf, type Input, type Output } from "./history";

export interface Connection {
  /** Rejects if the outcome is unknown. */
  run(key: string, input: Input, timeoutMs: number): Promise<Output>;
  close(): Promise<void>;
}

const compareWith = (key: string, expected: string | undefined): Compare =>
  expected === undefined
    ? Compare.create({ key: bytes(key), target: Target.VERSION, targetUnion: { case: "version", value: 0n } })
    : Compare.create({
        key: bytes(key),
        target: Target.VALUE,
        targetUnion: { case: "value", value: bytes(expected) },
      });

const opsOf = (key: string, { value }: { readonly value: string }): RequestOp[] => [
  putOp(key, value),
  putOp(twinOf(key), value),
];

export function grpcConnection(client: Pick<EtcdClient, "kv" | "close">): Connection {
  const { kv } = client;
  const answer = (revision: bigint | undefined, isDone = true, found?: Uint8Array): Output => ({
    revision: Number(revision),
    isDone,
    found: found && text(found),
  });
  return {
    async run(key, input, timeoutMs) {
      const options = { timeoutMs };
      switch (input.kind) {
        case "put": {
          const { header } = input.isPair
            ? await kv.txn({ compare: [], success: opsOf(key, input), failure: [] }, options)
            : await kv.put(putRequest(key, input.value), options);
          return answer(header?.revision);
        }
        case "get": {
          const serializable = input.isSerializable;
          const { header, kvs } = await kv.range(rangeRequest(key, "", { serializable }), options);
          return answer(header?.revision, true, kvs[0]?.value);
        }
        case "delete": {
          const { header, deleted } = await kv.deleteRange(deleteRequest(key), options);
          return answer(header?.revision, deleted > 0n);
        }
        case "cas": {
          const compare = [compareWith(key, input.expected)];
          const success = [putOp(key, input.value)];
          const { header, succeeded, responses } = await kv.txn(
            { compare, success, failure: [getOp(key)] },
            options,
          );
          const [first] = responses;
          const range = first?.response?.case === "responseRange" ? first.response.value : undefined;
          return answer(header?.revision, succeeded, range?.kvs[0]?.value);
        }
      }
    },
    close: () => client.close(),
  };
}

const base64 = (value: string) => Buffer.from(value).toString("base64");

interface JsonAnswer {
  readonly header: { readonly revision: string };
  readonly kvs?: readonly { readonly value?: string }[];
  readonly deleted?: string;
  readonly succeeded?: boolean;
  readonly responses?: readonly { readonly response_range?: JsonAnswer }[];
}

/** Each call opens a new connection. */
export function gatewayConnection(url: string): Connection {
  const post = (path: string, body: object, timeoutMs: number) =>
    new Promise<JsonAnswer>((resolve, reject) => {
      const sent = http.request(`${url}${path}`, { method: "POST", agent: false }, (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("error", reject);
        answer.on("close", () => {
          clearTimeout(timer);
          if (!answer.complete || answer.statusCode !== 200) reject(new Error(`status ${answer.statusCode}`));
          else resolve(JSON.parse(Buffer.concat(parts).toString()) as JsonAnswer);
        });
      });
      const timer = setTimeout(() => sent.destroy(new Error("timed out")), timeoutMs);
      sent.on("error", (error) => {
        clearTimeout(timer);
        reject(error);
      });
      sent.end(JSON.stringify(body));
    });
  const valueOf = ({ kvs: [first] = [] }: JsonAnswer) =>
    first && Buffer.from(first.value ?? "", "base64").toString();
  return {
    async run(name, input, timeoutMs) {
      const key = base64(name);
      switch (input.kind) {
        case "put": {
          const value = base64(input.value);
          const puts = [name, twinOf(name)].map((each) => ({ request_put: { key: base64(each), value } }));
          const { header } = input.isPair
            ? await post("/v3/kv/txn", { success: puts }, timeoutMs)
            : await post("/v3/kv/put", { key, value }, timeoutMs);
          return { revision: Number(header.revision), isDone: true, found: undefined };
        }
        case "get": {
          const answer = await post("/v3/kv/range", { key, serializable: input.isSerializable }, timeoutMs);
          return { revision: Number(answer.header.revision), isDone: true, found: valueOf(answer) };
        }
        case "delete": {
          const { header, deleted = "0" } = await post("/v3/kv/deleterange", { key }, timeoutMs);
          return { revision: Number(header.revision), isDone: deleted !== "0", found: undefined };
        }
        case "cas": {
          const compare =
            input.expected === undefined
              ? { key, target: "VERSION", version: "0" }
              : { key, target: "VALUE", value: base64(input.expected) };
          const success = [{ request_put: { key, value: base64(input.value) } }];
          const failure = [{ request_range: { key } }];
          const answer = await post("/v3/kv/txn", { compare: [compare], success, failure }, timeoutMs);
          const { header, succeeded = false, responses: [first] = [] } = answer;
          const found = first?.response_range && valueOf(first.response_range);
          return { revision: Number(header.revision), isDone: succeeded, found };
        }
      }
    },
    close: () => Promise.resolve(),
  };
}
