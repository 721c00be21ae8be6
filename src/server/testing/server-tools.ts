// What a server for tests has in addition: a clock that can be moved, faults, the list of requests, and a state that can be
// emptied, read and copied. startEmbeddedServer adds them; `etcdctl serve` does without.
import type { LibraryClient } from "../../client/library/client";
import { checkOptions, type OptionTable } from "../../client/library/options";
import type { Clock } from "../../clock";
import { serverError } from "../../etcd/error-table";
import { firstKey, openRangeEnd } from "../../etcd/keys";
import { RangeRequest, type ResponseHeader } from "../../proto/gen/etcdserverpb";
import type { DatabaseContents } from "../../storage/contents";
import { applyRange } from "../apply/range";
import { contentsOf } from "../member/create-etcd-server";
import { header, type EtcdServer } from "../member/etcd-server";
import type { Routes } from "../rpc/routes";
import { Faults } from "./faults";
import { instrumentedRoutes } from "./instrumented-routes";
import { inMemory, keysOf } from "./load";
import { OpenCalls } from "./open-calls";
import { RequestLog } from "./request-log";
import { setUpAuth, type AuthSetup } from "./set-up-auth";
import { TravelClock } from "./travel-clock";

/** Options of `reset`. */
export interface ResetOptions {
  /** Keys and values of the emptied server, all in one revision. Strings are UTF-8. Default: none. */
  readonly keys?: Readonly<Record<string, string | Uint8Array>> | undefined;
}

const resetTable = { keys: "object" } as const satisfies OptionTable<ResetOptions>;

/** The server as its tools use it. */
export interface ToolsHost {
  /** The server that is current. */
  readonly server: EtcdServer;
  /** Its routes, without faults. */
  readonly routes: Routes;
  /** The path of the data dir, if there is one. */
  readonly dataDir: string | undefined;
  newServer(keys: readonly (readonly [Uint8Array, Uint8Array])[]): EtcdServer;
  clientOf(server: EtcdServer): LibraryClient;
  /** Makes another server the current one and ends the one before. */
  replace(next: EtcdServer): Promise<void>;
  dropConnections(): void;
}

export class ServerTools {
  readonly clock: TravelClock;
  readonly requests = new RequestLog();
  readonly calls = new OpenCalls();
  readonly faults: Faults;
  private host: ToolsHost | undefined;

  constructor(
    private readonly baseClock: Clock,
    private readonly auth: AuthSetup,
  ) {
    this.clock = new TravelClock(baseClock);
    this.faults = new Faults({
      clock: this.clock,
      calls: this.calls,
      dropConnections: () => this.tooled.dropConnections(),
      compact: () => this.compact(),
    });
  }

  /** Returns the routes for clients: those of the host, with faults and the list of requests. */
  attach(host: ToolsHost): Routes {
    this.host = host;
    return instrumentedRoutes(() => host.routes, this);
  }

  /** Makes the users and roles of the options. */
  async begin(): Promise<void> {
    await setUpAuth(this.tooled.clientOf(this.tooled.server), this.auth);
  }

  async reset(options: ResetOptions): Promise<void> {
    checkOptions("reset", options, resetTable);
    const { server, dataDir } = this.tooled;
    if (dataDir !== undefined)
      throw new Error(`reset() would empty ${dataDir}: start a server without dataDir`);
    const last = header(server);
    const next = this.tooled.newServer(keysOf("keys", options.keys ?? {}));
    await setUpAuth(this.tooled.clientOf(next), this.auth);
    await this.tooled.replace(next);
    this.calls.end({
      error: serverError("stopped"),
      compacted: { header: last, revision: last.revision + 1n },
    });
    this.requests.clear();
    this.faults.clear();
  }

  dump(): Record<string, string | Buffer> {
    return stateOf(this.tooled.server);
  }

  /** The present state, for another server, and tools for it whose clock shows the same time. */
  copy(): { readonly contents: DatabaseContents; readonly tools: ServerTools } {
    const tools = new ServerTools(this.baseClock, {});
    tools.clock.advance(this.clock.offsetMs);
    return { contents: this.contents(), tools };
  }

  /** Valid after the server has stopped. Leases have the time that they have left. */
  private contents(): DatabaseContents {
    const { server } = this.tooled;
    const contents = inMemory(contentsOf(server));
    const leases = contents.leases.map((lease) => {
      const left = server.lessor.timeToLive(lease.ID)?.ttl ?? lease.TTL;
      return { ...lease, RemainingTTL: left < 1n ? 1n : left };
    });
    return { ...contents, leases, v2Store: server.saveV2() };
  }

  private get tooled(): ToolsHost {
    if (this.host === undefined) throw new Error("the server has not started");
    return this.host;
  }

  private async compact(): Promise<void> {
    const { server } = this.tooled;
    const { revision } = server.store;
    if (server.store.compactRevision < revision) {
      await server.proposeRequest("compaction", { revision: BigInt(revision), physical: true });
    }
    const last: ResponseHeader = header(server);
    this.calls.end(
      { error: serverError("stopped"), compacted: { header: last, revision: last.revision } },
      ({ method }) => method === "watch.watch",
    );
  }
}

/** Every key and its value. A value that is not UTF-8 is a Buffer. */
export function stateOf(server: EtcdServer): Record<string, string | Buffer> {
  const all = RangeRequest.create({ key: firstKey, rangeEnd: openRangeEnd });
  const state: Record<string, string | Buffer> = {};
  for (const { key, value } of applyRange(server, all).kvs) {
    const name = textOf(key);
    if (name === undefined)
      throw new Error(
        `dump() cannot show the key ${Buffer.from(key).toString("hex")} (hex): it is not UTF-8`,
      );
    state[name] = textOf(value) ?? Buffer.from(value);
  }
  return state;
}

/** Undefined for bytes that are not UTF-8. */
function textOf(value: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    return undefined;
  }
}
