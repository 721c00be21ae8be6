// Watches offline: nothing changes, so a watch ends when it has shown the history.
import { setTimeout as sleep } from "node:timers/promises";
import { badArgs, EndOfHistory } from "../errors";
import { WatchResponse, WatchService, type WatchRequest } from "../proto/gen/etcdserverpb";
import { decode, encode, type MessageType, type Method } from "../proto/message";
import type { CallOptions, Transport } from "../transport/transport";

/** Watches that end with EndOfHistory after the last event: without it the process would wait for an event that cannot come. */
export function withFiniteWatches(transport: Transport): Transport {
  return {
    ...transport,
    duplex<I, O>(method: Method<I, O, "duplex">, requests: AsyncIterable<I>, options: CallOptions) {
      if (method.path !== WatchService.watch.path) return transport.duplex(method, requests, options);
      return asAsked(
        method.response,
        watchHistory(transport, requests as AsyncIterable<WatchRequest>, options),
      );
    },
  };
}

/** The caller may want the responses in another form (client/packed-watch.ts). */
async function* asAsked<O>(type: MessageType<O>, responses: AsyncIterable<WatchResponse>): AsyncGenerator<O> {
  for await (const response of responses) yield decode(type, encode(WatchResponse, response));
}

const progressIntervalMs = 5;
const allWatches = -1n;

/** The stream of one watch. The server answers a progress request when it has sent all events. */
async function* watchHistory(
  transport: Transport,
  requests: AsyncIterable<WatchRequest>,
  options: CallOptions,
): AsyncGenerator<WatchResponse> {
  const iterator = requests[Symbol.asyncIterator]();
  const { value: create } = (await iterator.next()) as { value: WatchRequest | undefined };
  const union = create?.requestUnion;
  if (create === undefined || union?.case !== "createRequest") return;
  const { startRevision } = union.value;
  if (startRevision === 0n) {
    throw badArgs("with --offline nothing changes, so a watch without --rev would wait for ever", {
      hints: ["--rev=1 prints the history and ends", ...new EndOfHistory().hints],
    });
  }
  let isEnded = false;
  async function* sent(): AsyncGenerator<WatchRequest> {
    yield create as WatchRequest;
    for (;;) {
      await sleep(progressIntervalMs);
      if (isEnded) return;
      yield { requestUnion: { case: "progressRequest", value: {} } };
    }
  }
  try {
    for await (const response of transport.duplex(WatchService.watch, sent(), options)) {
      const { created, canceled, events, watchId, header } = response;
      const isProgress = !created && !canceled && events.length === 0;
      if (isProgress && watchId === allWatches) throw new EndOfHistory();
      yield response;
      if (created && !canceled && startRevision > (header?.revision ?? 0n)) throw new EndOfHistory();
    }
  } finally {
    isEnded = true;
    void iterator.return?.().catch(() => undefined);
  }
}
