// Several endpoints, all connecting at once: the first that is ready serves, and keeps serving until it is lost or
// refuses; then the next ready one does. Waits, as Go does with WaitForReady, unless every endpoint fails for good.
// Answers to clientv3's resolver and round-robin balancer.
import type { EtcdError } from "../../errors";
import { hintLine } from "../diagnosis/cause";
import { isBadEndpoint, type BadEndpoint, type Endpoint } from "../endpoint";
import type { Lifetime } from "../lifetime";
import type { TlsSetup } from "../tls/connection";
import type { TransportOptions } from "../transport";
import { EndpointChannel } from "./endpoint-channel";

/** Only holds the process awake while it waits. */
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
      .map((endpoint) => new EndpointChannel(endpoint, options, tls, () => this.changed()));
  }

  /** The endpoint to use now; waits until there is one. */
  async pick(lifetime: Lifetime): Promise<EndpointChannel> {
    for (;;) {
      if (lifetime.endedBy) throw this.failure(lifetime, noChannels);
      const ready = this.ready();
      if (ready) return ready;
      if (this.haveAllFailedPermanently()) throw this.failure(lifetime, noChannels);
      await this.change(lifetime);
    }
  }

  /** Another ready endpoint than this one, if there is one. */
  anotherReady(than: EndpointChannel): EndpointChannel | undefined {
    const start = this.channels.indexOf(than) + 1;
    const round = [...this.channels.slice(start), ...this.channels.slice(0, start)];
    return round.find((channel) => channel !== than && channel.phase.is === "ready");
  }

  /** The next call goes elsewhere if it can. */
  avoid(channel: EndpointChannel): void {
    if (this.serving === channel) this.use(this.anotherReady(channel) ?? channel);
  }

  /** The end of a call that had no answer: Go's text, and for each endpoint that was needed its trouble. */
  failure(lifetime: Lifetime, asked: ReadonlySet<EndpointChannel>, cause?: unknown): EtcdError {
    if (lifetime.endedBy === "canceled") return lifetime.error({ cause });
    if (lifetime.expiredAtStart)
      return lifetime.error({ cause, hints: ["there was no time for the call; see --command-timeout"] });
    const hints = [
      ...this.bad.map(({ typed, problem, advice }) => hintLine(typed, { what: problem, advice })),
      ...this.channels
        .filter((channel) => channel.phase.is !== "ready" || asked.has(channel))
        .map(({ endpoint, problem: trouble }) => hintLine(endpoint.typed, trouble)),
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

  private changed(): void {
    for (const wake of [...this.waiting]) wake();
  }

  private change(lifetime: Lifetime): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        timer.cancel();
        forget();
        this.waiting.delete(wake);
        resolve();
      };
      const timer = this.options.clock.setTimeout(wake, keepAwakeMs);
      this.waiting.add(wake);
      const forget = lifetime.onEnd(wake);
    });
  }
}
