// The parts of cases: calls, operations of transactions, values.

/** A call as `service.method` of the library's client, and its request. */
export interface Case {
  readonly call: string;
  readonly request: object;
  /** The user who calls. Default: a client without a token. `bad token`: with a token that no server gave. */
  readonly as?: string;
}

export const many = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));
export const on = (call: string, requests: readonly object[]): Case[] =>
  requests.map((request) => ({ call, request }));
export const as = (user: string, cases: readonly Case[]): Case[] =>
  cases.map((each) => ({ ...each, as: user }));

export const put = (value: object) => ({ request: { case: "requestPut", value } });
export const range = (value: object) => ({ request: { case: "requestRange", value } });
export const del = (value: object) => ({ request: { case: "requestDeleteRange", value } });
export const nested = (value: object) => ({ request: { case: "requestTxn", value } });
export const compare = (key: string, targetUnion?: object) => ({ key, targetUnion });

export const ttlTooLarge = 9_000_000_001;

export const peer = (port: number) => `http://127.0.0.1:${port}`;
