// The endpoints of a cluster, which all connect at once, in random order. Calls go round the ready ones. An endpoint that
// has failed a call, or did not answer, is left out while another one is ready. A call waits for a ready endpoint, like
// WaitForReady in grpc-go, unless every endpoint has failed permanently.
// Go: client/v3/internal/resolver/resolver.go; grpc-go: balancer/roundrobin/roundrobin.go
import type { EtcdError } from "../../errors";
import { hintLine } from "../diagnosis/cause";
import { isBadEndpoint, type BadEndpoint, type Endpoint } from "../endpoint";
import type { Lifetime } from "../lifetime";
import type { TlsSetup } from "../tls/setup";
import type { TransportOptions } from "../transport";
import type { EndpointChannel, OpenChannel } from "./channel";

/** A timer that keeps the process alive while a call waits. */
const keepAwakeMs = 60_000;
const noChannels: ReadonlySet<EndpointChannel> = new Set();

export class Pool {
  readonly size: number;
  /** In the order that the user typed, for hints. */
  private readonly channels: readonly EndpointChannel[];
  /** In the order of the calls. The next call takes the first one that it can use; then that one is the last. */
  private round: readonly EndpointChannel[];
  private readonly avoided = new Set<EndpointChannel>();
  private serving: EndpointChannel | undefined;
  private readonly bad: readonly BadEndpoint[];
  private readonly waiting = new Set<() => void>();

  constructor(
    endpoints: readonly (Endpoint | BadEndpoint)[],
    private readonly options: TransportOptions,
    tls: TlsSetup | undefined,
    openChannel: OpenChannel,
  ) {
    this.size = endpoints.length;
    this.bad = endpoints.filter(isBadEndpoint);
    const good = endpoints.filter((endpoint): endpoint is Endpoint => !isBadEndpoint(endpoint));
    const open = (endpoint: Endpoint) => openChannel(endpoint, options, tls, () => this.onChange());
    // The first one to connect serves the first call. In a short command that is the only call.
    this.round = shuffled(good, options.random).map(open);
    this.channels = [...this.round].sort((a, b) => good.indexOf(a.endpoint) - good.indexOf(b.endpoint));
  }

  /** Resolves to the endpoint to use. Waits until one is ready. Throws when the call ends, or no endpoint can ever be ready. */
  async pick(lifetime: Lifetime): Promise<EndpointChannel> {
    for (;;) {
      if (lifetime.endedBy) throw this.failure(lifetime, noChannels);
      const ready = this.ready();
      if (ready) return ready;
      if (this.haveAllFailedPermanently()) throw this.failure(lifetime, noChannels);
      await this.change(lifetime);
    }
  }

  /** A ready endpoint that is not `than`. */
  anotherReady(than: EndpointChannel): EndpointChannel | undefined {
    const others = this.round.filter((channel) => channel !== than && channel.phase.is === "ready");
    return others.find((channel) => !this.avoided.has(channel)) ?? others[0];
  }

  /** The next calls use other endpoints while one is ready, until this one has connected again. */
  avoid(channel: EndpointChannel): void {
    if (channel.phase.is !== "ready") return;
    this.avoided.add(channel);
    // When all have failed, only the last failure counts: the others may have recovered.
    if (this.channels.every((each) => each.phase.is !== "ready" || this.avoided.has(each)))
      this.avoided.clear();
    this.avoided.add(channel);
  }

  /** The error of a call without a response: Go's text, with a hint for each endpoint that the call needed. */
  failure(lifetime: Lifetime, tried: ReadonlySet<EndpointChannel>, cause?: unknown): EtcdError {
    if (lifetime.endedBy === "canceled") return lifetime.error({ cause });
    if (lifetime.expiredAtStart)
      return lifetime.error({ cause, hints: ["the call had no time: raise --command-timeout"] });
    const endpoints = [
      ...this.bad.map(({ typed: endpoint, problem, advice }) => ({ endpoint, problem, advice })),
      ...this.channels
        .filter((channel) => channel.phase.is !== "ready" || tried.has(channel))
        .map(({ endpoint: { typed }, problem: { what, advice } }) => ({
          endpoint: typed,
          problem: what,
          advice,
        })),
    ];
    return lifetime.error({ cause, hints: endpoints.map(hintLine), endpoints });
  }

  close(): void {
    for (const channel of this.channels) channel.close();
  }

  private ready(): EndpointChannel | undefined {
    const ready = this.round.filter((channel) => channel.phase.is === "ready");
    const next = ready.find((channel) => !this.avoided.has(channel)) ?? ready[0];
    if (next) this.use(next);
    return next;
  }

  private use(next: EndpointChannel): void {
    if (next !== this.serving) this.options.debug?.(`using ${next.endpoint.typed}`);
    this.serving = next;
    this.round = [...this.round.filter((channel) => channel !== next), next];
  }

  private haveAllFailedPermanently(): boolean {
    return this.channels.every(({ phase }) => phase.is === "failing" && phase.cause?.permanent);
  }

  private onChange(): void {
    for (const channel of this.avoided) if (channel.phase.is !== "ready") this.avoided.delete(channel);
    for (const wake of [...this.waiting]) wake();
  }

  private change(lifetime: Lifetime): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        timer.cancel();
        unsubscribe();
        this.waiting.delete(wake);
        resolve();
      };
      const timer = this.options.clock.setTimeout(wake, keepAwakeMs);
      this.waiting.add(wake);
      const unsubscribe = lifetime.onEnd(wake);
    });
  }
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random = Math.random): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}
