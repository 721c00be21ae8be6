// JSON responses of a v2 server: keys, members, users and roles, read by the decoders of the commands.
import { ApiError } from "../../../src/v2/api/api-error";
import { AuthApi } from "../../../src/v2/api/auth";
import { KeysApi } from "../../../src/v2/api/keys";
import { MembersApi } from "../../../src/v2/api/members";
import { ClusterClient } from "../../../src/v2/http/cluster-client";
import { responseText } from "../../../src/v2/print";
import { testIo } from "../../support/test-io";
import { fakeRoundTrip } from "../../v2/fake-cluster";
import { text, type FuzzTarget } from "../target";

const leaf =
  '{"key":"/d/\\u00e9","value":"1 \\ud83d\\ude00","modifiedIndex":18446744073709551615,"createdIndex":5}';
const directory = `{"key":"/d","dir":true,"nodes":[${leaf},{"key":"/d/e","dir":true,"nodes":[${leaf}]}],"ttl":9,"expiration":"2026-11-21T10:00:00.123456789Z"}`;
const role = '{"role":"r","permissions":{"kv":{"read":["/a*"],"write":[]}},"grant":{"kv":{"read":null}}}';

export const target: FuzzTarget = {
  seeds: () => [
    text(`{"action":"get","node":${directory}}`),
    text(`{"action":"delete","node":${leaf},"prevNode":${leaf}}`),
    text('{"errorCode":100,"message":"Key not found","cause":"/a","index":5}'),
    text('{"members":[{"id":"8e9e05c52164694d","name":"m0","peerURLs":["http://h:2380"],"clientURLs":[]}]}'),
    text(`{"user":"u","roles":[${role},${role}]}`),
    text('{"user":"u","roles":["r","root"]}'),
    text(role),
  ],
  words: [
    "null",
    "[",
    '{"nodes":[',
    "-1",
    "1e999",
    "18446744073709551616",
    '"\\ud800"',
    "true",
    '{"":',
    "\ufeff",
  ],
  async run(input) {
    const client = new ClusterClient(["http://m:1"], {
      roundTrip: fakeRoundTrip(() => ({ body: input, headers: { "x-etcd-cluster-id": "1" } })),
      headerTimeoutMs: 0,
      clock: testIo().clock,
    });
    const { signal } = new AbortController();
    const failures: unknown[] = [];
    const readings = [
      async () => {
        const response = await new KeysApi(client).get("/a", {}, signal);
        for (const format of ["simple", "extended", "json"]) responseText(response, format);
      },
      () => new MembersApi(client).list(signal),
      () => new AuthApi(client).user("u", signal),
      () => new AuthApi(client).role("r", signal),
      () => new AuthApi(client).users(signal),
    ];
    for (const read of readings) await read().catch((error: unknown) => failures.push(error));
    const odd = failures.find((error) => !(error instanceof ApiError));
    if (odd !== undefined) throw odd as Error;
    if (failures.length === readings.length) throw failures[0] as Error;
  },
  isExpected: (error) => error instanceof ApiError,
};
