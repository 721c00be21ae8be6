// `--offline`: requests that a store in this process answers, in place of a server.
import type { Io } from "../../io";
import { pathIn } from "../../offline/path-in";
import { OfflineV2 } from "../../offline/offline-v2";
import { urlText } from "./go-url";
import type { RoundTrip } from "./round-trip";

/** An empty path means the data dir of the user. */
export function openOffline(
  path: string,
  { env, clock, cwd }: Pick<Io, "env" | "clock" | "cwd">,
): { roundTrip: RoundTrip; close(): Promise<void> } {
  const offline = new OfflineV2({ ...(path !== "" && { path: pathIn(cwd, path) }), env, clock });
  return {
    async roundTrip({ method, url, headers = {}, body = "" }, signal) {
      const target = urlText({ ...url, scheme: "", user: "", host: "" });
      const response = await offline.send({ method, target, headers, body }, signal);
      return {
        status: response.status,
        header: (name) => response.headers[name] ?? "",
        body: () => Promise.resolve(response.body),
      };
    },
    close: () => offline.close(),
  };
}
