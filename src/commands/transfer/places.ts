// What `diff` compares: a cluster, a file or directory, or a revision of the cluster that the global flags name.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { EtcdClient } from "../../client/client";
import { badArgs } from "../../errors";
import { parseInt64 } from "../../go/strconv";
import type { CommandContext } from "../command";

export interface Place {
  readonly client: EtcdClient;
  /** 0n: the latest. */
  readonly revision: bigint;
}

/** `@12`, `@latest`, `host:port`, `http://…`, a list of these with commas, or the path of what --offline=PATH opens. */
export async function openPlace(typed: string, context: CommandContext): Promise<Place> {
  if (typed.startsWith("@")) {
    const revision = revisionOf(typed);
    return { client: (await context.connect()).client, revision };
  }
  const isEndpoint = /^(?:https?|unixs?):\/\/|^[^/]+:\d+(?:,|$)/.test(typed);
  const path = resolve(context.io.cwd, typed);
  if (!isEndpoint && existsSync(path)) return { client: await context.clientAt({ path }), revision: 0n };
  if (!isEndpoint) {
    throw badArgs(`${typed} is neither an endpoint, nor a file or directory, nor a revision`, {
      hints: [
        "write 127.0.0.1:2379, backup.db, a data dir, @1200, or @latest for the cluster of --endpoints",
      ],
    });
  }
  const endpoints = typed.split(",").map((endpoint) => endpoint.trim());
  return { client: await context.clientAt({ endpoints }), revision: 0n };
}

function revisionOf(typed: string): bigint {
  if (typed === "@latest") return 0n;
  try {
    const revision = parseInt64(typed.slice(1), 10);
    if (revision > 0n) return revision;
  } catch {
    // As below.
  }
  throw badArgs(`${typed} is no revision: write @ and a positive number, or @latest`);
}
