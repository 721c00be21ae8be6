// What `diff` compares: a cluster, a profile's cluster, a file or directory, or a revision of the cluster that the global flags
// name.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { EtcdClient } from "../../client/client";
import { badArgs } from "../../errors";
import { writeHints } from "../../hints";
import { parseInt64 } from "../../go/strconv";
import type { CommandContext } from "../command";

export interface OpenPlace {
  readonly client: EtcdClient;
  /** 0n: the latest. */
  readonly revision: bigint;
}

export type Place =
  { readonly kind: "path"; readonly path: string } | { readonly kind: "open"; readonly place: OpenPlace };

/**
 * `@12`, `@latest`, `@10m` (ago), `@2026-11-27T20:00:00Z`, `host:port`, `http://…`, a list of these with commas, the path of what
 * --offline=PATH opens, or the name of a profile.
 */
export async function placeOf(typed: string, context: CommandContext): Promise<Place> {
  if (typed === "") throw badArgs("a place of diff is empty", { hints: [placesHint] });
  if (typed.startsWith("@")) {
    const { client } = await context.connect();
    return { kind: "open", place: { client, revision: await revisionOf(typed, client, context) } };
  }
  if (/^(?:https?|unixs?):\/\/|^[^/]+:\d+(?:,|$)/.test(typed)) {
    const endpoints = typed.split(",").map((endpoint) => endpoint.trim());
    return latest(await context.clientAt({ endpoints }));
  }
  const path = resolve(context.io.cwd, typed);
  if (existsSync(path)) return { kind: "path", path };
  const client = await context.clientOfProfile(typed);
  if (client !== undefined) return latest(client);
  throw badArgs(`${typed} is neither an endpoint, nor a file or directory, nor a profile, nor a revision`, {
    hints: [placesHint, "etcdctl profile list shows the profiles"],
  });
}

const placesHint =
  "write 127.0.0.1:2379, backup.db, a data dir, @1200, or @latest for the cluster of --endpoints";

function latest(client: EtcdClient): Place {
  return { kind: "open", place: { client, revision: 0n } };
}

async function revisionOf(typed: string, client: EtcdClient, context: CommandContext): Promise<bigint> {
  if (typed === "@latest") return 0n;
  const text = typed.slice(1);
  if (/^\d+$/.test(text)) {
    try {
      const revision = parseInt64(text, 10);
      if (revision > 0n) return revision;
    } catch {
      // As below.
    }
  } else if (/^\d/.test(text)) {
    const { revisionAt, revisionHint } = await import("../revision-at");
    const found = await revisionAt(text, client, context);
    await writeHints([revisionHint(typed, found)], context.io);
    return found.revision;
  }
  throw badArgs(`${typed} is no revision: write @ and a positive number, a time such as @10m, or @latest`);
}
