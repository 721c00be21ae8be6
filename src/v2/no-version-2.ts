// What to say where a server has no version 2 of the API: which server it is, and what to type instead.
import type { Io } from "../io";
import type { NoVersion2 } from "./api/api-error";
import { decodeJson, struct, text } from "./decode-json";
import { withDeadline } from "./http/cluster-client";
import { parseUrl } from "./http/go-url";
import type { RoundTrip } from "./http/round-trip";

const askMs = 1000;
const version = struct("Versions", { etcdserver: text }, "version.Versions");

export async function hintsOf(
  { endpoint }: NoVersion2,
  roundTrip: RoundTrip,
  io: Io,
  instead: string,
): Promise<string[]> {
  const release = await askVersion(endpoint, roundTrip, io);
  const server = release === "" ? `the server at ${endpoint}` : `etcd ${release} at ${endpoint}`;
  const [major = 0, minor = 0] = release.split(".").map(Number);
  const mayHaveIt = release === "" || (major === 3 && minor < 6);
  const remedy = mayHaveIt
    ? "; etcd up to 3.5 does when started with --enable-v2"
    : "; no etcd since 3.6 does";
  return [
    `${server} does not serve version 2 of the API${remedy}`,
    `with version 3 type instead: ETCDCTL_API=3 etcdctl --endpoints=${endpoint} ${instead}`,
    "keys that were written through version 2 are not seen by version 3",
  ];
}

/** Empty when it does not say. */
async function askVersion(endpoint: string, roundTrip: RoundTrip, io: Io): Promise<string> {
  try {
    return await withDeadline(askMs, io.clock, io.interrupt, async (signal) => {
      const head = await roundTrip({ method: "GET", url: parseUrl(`${endpoint}/version`) }, signal);
      return decodeJson(version, await head.body()).etcdserver;
    });
  } catch {
    return "";
  }
}
