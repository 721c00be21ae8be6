// The endpoints of a cluster, which all connect at once. The first one that is ready serves all calls until it is lost or
// fails a call; then the next ready one does. A call waits for a ready endpoint, like WaitForReady in grpc-go, unless every
// endpoint has failed permanently.
// Go: client/v3/internal/resolver/resolver.go
import type { EtcdError } from "../../errors";
import { hintLine } from "../diagnosis/cause";
import { isBadEndpoint, type BadEndpoint, type Endpoint } from "../endpoint";
import type { Lifetime } from "../lifetime";
import type { TlsSetup } from "../tls/connection";
import type { TransportOptions } from "../transport";
import { EndpointChannel } from "./endpoint-channel";

/** A timer that keeps the process alive while a call waits. */
const keepAwakeMs = 60_000;
const noChannels: ReadonlySet<EndpointChannel> = new Set();

export class Pool {
  readonly size: number;
  private readonly channels: EndpointChannel[];
  private readonly bad: readonly BadEndpoint[];
  private serving: EndpointChannel | undefined;
  private readonly waiting = new Set<() => void>();

  constructor(
    endpoints: readonly (Endpoint | BadEndpoint)[],
    private readonly options: TransportOptions,
    tls: TlsSetup | undefined,
  ) {
    this.size = endpoints.length;
    this.bad = endpoints.filter(isBadEndpoint);
    this.channels = endpoints
      .filter((endpoint): endpoint is Endpoint => !isBadEndpoint(endpoint))
      .map((endpoint) => new EndpointChannel(endpoint, options, tls, () => this.wakeAll()));
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

  /** The next ready endpoint after `than`. */
  anotherReady(than: EndpointChannel): EndpointChannel | undefined {
    const start = this.channels.indexOf(than) + 1;
    const round = [...this.channels.slice(start), ...this.channels.slice(0, start)];
    return round.find((channel) => channel !== than && channel.phase.is === "ready");
  }

  /** The next call uses another endpoint, if one is ready. */
  avoid(channel: EndpointChannel): void {
    if (this.serving === channel) this.use(this.anotherReady(channel) ?? channel);
  }

  /** The error of a call without a response: Go's text, with a hint for each endpoint that the call needed. */
  failure(lifetime: Lifetime, tried: ReadonlySet<EndpointChannel>, cause?: unknown): EtcdError {
    if (lifetime.endedBy === "canceled") return lifetime.error({ cause });
    if (lifetime.expiredAtStart)
      return lifetime.error({ cause, hints: ["the call had no time: raise --command-timeout"] });
    const hints = [
      ...this.bad.map(({ typed, problem, advice }) => hintLine(typed, { what: problem, advice })),
      ...this.channels
        .filter((channel) => channel.phase.is !== "ready" || tried.has(channel))
        .map(({ endpoint, problem }) => hintLine(endpoint.typed, problem)),
    ];
    return lifetime.error({ cause, hints });
  }

  close(): void {
    for (const channel of this.channels) channel.close();
  }

  private ready(): EndpointChannel | undefined {
    if (this.serving?.phase.is !== "ready") {
      this.use(this.channels.find((channel) => channel.phase.is === "ready"));
    }
    return this.serving;
  }

  private use(channel: EndpointChannel | undefined): void {
    if (channel && channel !== this.serving) this.options.debug?.(`using ${channel.endpoint.typed}`);
    this.serving = channel;
  }

  private haveAllFailedPermanently(): boolean {
    return this.channels.every(({ phase }) => phase.is === "failing" && phase.cause?.permanent);
  }

  private wakeAll(): void {
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
