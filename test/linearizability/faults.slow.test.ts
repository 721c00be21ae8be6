// Concurrent clients of `serve` while it is killed and started again, stands still, and loses connections. What they were
// answered must be linearizable, and agree with the revisions and with every watch. LINEARIZABILITY_ROUNDS=20 and
// LINEARIZABILITY_SEED set the number of rounds and the first seed.
import path from "node:path";
import { systemClock } from "../../src/clock";
import { createClient } from "../../src/client/client";
import { openTransport } from "../../src/transport/open";
import { Child } from "../support/child";
import { program } from "../support/etcdctl";
import { startRelay, type Relay } from "../support/relay";
import { seeded } from "../support/seeded";
import { until } from "../support/until";
import { workFolder } from "../support/work-folder";
import { faultsOf } from "./check";
import { gatewayConnection, grpcConnection } from "./connections";
import { watchFaults } from "./revisions";
import { Follower, Traffic } from "./traffic";

const rounds = Number(process.env["LINEARIZABILITY_ROUNDS"] ?? 2);
const firstSeed = Number(process.env["LINEARIZABILITY_SEED"] ?? 1);
const clients = 6;
const operationsPerClient = 120;
const faultsPerRound = 8;
const folder = workFolder();

class Serving {
  private child: Child | undefined;
  private readonly socket = path.join(folder(), "s");
  readonly relays: Relay[] = [];

  async start(): Promise<void> {
    const flags = ["--listen-client-urls", `unix://${this.socket}`, "--snapshot-count", "100"];
    const child = new Child([...program, "serve", ...flags, "--data-dir", path.join(folder(), "d")], {
      cwd: folder(),
    });
    this.child = child;
    await child.printed("stdout", "serving on ");
  }

  async kill(): Promise<void> {
    this.child?.signal("SIGKILL");
    await this.child?.finish();
  }

  signal(name: NodeJS.Signals): void {
    this.child?.signal(name);
  }

  /** An endpoint that stays, whatever happens to the server. */
  async endpoint(): Promise<string> {
    const relay = await startRelay(this.socket);
    this.relays.push(relay);
    return `http://${relay.endpoint}`;
  }

  async end(): Promise<void> {
    await this.kill();
    await Promise.all(this.relays.map((relay) => relay.close()));
  }
}

async function open(endpoint: string) {
  return createClient(await openTransport({ endpoints: [endpoint], clock: systemClock }));
}

async function round(seed: number): Promise<string[]> {
  const below = seeded(seed);
  const serving = new Serving();
  const traffic = new Traffic();
  const followers: Follower[] = [];
  const follow = async () => {
    const follower = new Follower(await open(await serving.endpoint()), 2);
    followers.push(follower);
    return follower;
  };
  try {
    await serving.start();
    const follower = await follow();
    const working = Array.from({ length: clients }, async (_, index) => {
      const endpoint = await serving.endpoint();
      const connection = index % 3 === 2 ? gatewayConnection(endpoint) : grpcConnection(await open(endpoint));
      await traffic.client(`client ${index}`, seed * 100 + index, connection, operationsPerClient);
    });
    let isOver = false;
    const all = Promise.all(working).finally(() => (isOver = true));
    for (let fault = 1; fault <= faultsPerRound; fault++) {
      const enough = ((fault - below(100) / 100) * clients * operationsPerClient) / (faultsPerRound + 1);
      await until("the next fault is due", () => isOver || traffic.answered >= enough);
      await disturb(serving, traffic, below);
    }
    await all;
    const revision = Math.max(...traffic.operations.map(({ output }) => output?.revision ?? 0));
    const complete = await follow();
    for (const each of followers) await until("all events have arrived", () => each.lastRevision >= revision);
    return [
      ...faultsOf(traffic.operations, complete.events),
      ...watchFaults("the watch", follower.events, complete.events),
      ...followers.flatMap(({ faults }) => faults),
    ];
  } finally {
    await Promise.all(followers.map((each) => each.end()));
    await serving.end();
  }
}

async function disturb(serving: Serving, traffic: Traffic, below: (below: number) => number): Promise<void> {
  const kind = below(4);
  if (kind < 2) {
    await serving.kill();
    await serving.start();
  } else if (kind === 2) {
    for (const relay of serving.relays) relay.cut();
  } else {
    const unknown = () => traffic.operations.filter(({ output }) => output === undefined).length;
    const before = unknown();
    serving.signal("SIGSTOP");
    await until("a call has timed out", () => unknown() > before);
    serving.signal("SIGCONT");
  }
}

test.each(Array.from({ length: rounds }, (_, index) => firstSeed + index))(
  "what concurrent clients see has an order, whatever happens to the server (seed %i)",
  async (seed) => {
    expect(await round(seed)).toEqual([]);
  },
  600_000,
);
