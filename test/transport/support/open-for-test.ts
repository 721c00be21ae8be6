// Opens transports with the system's clock, and closes them after the test.
import { systemClock } from "../../../src/clock";
import { openTransport } from "../../../src/transport/open";
import type { Transport, TransportOptions } from "../../../src/transport/transport";

const opened = new Set<Transport>();
let implementation = "own";

/** Runs the tests that `load` declares with this implementation of gRPC (ETCDCTL_TRANSPORT). */
export function describeTransport(name: "own" | "grpc-js", load: () => void): void {
  describe(`with ${name}`, () => {
    beforeAll(() => {
      implementation = name;
    });
    afterAll(() => {
      implementation = "own";
    });
    load();
  });
}

export async function open(
  endpoints: string | readonly string[],
  options: Partial<TransportOptions> = {},
): Promise<Transport> {
  const transport = await openTransport({
    endpoints: [endpoints].flat(),
    clock: systemClock,
    ...options,
    env: { ETCDCTL_TRANSPORT: implementation, ...options.env },
  });
  opened.add(transport);
  return transport;
}

export async function closeAll(): Promise<void> {
  for (const transport of opened) await transport.close();
  opened.clear();
}

export function within(ms: number): { deadlineAt: number } {
  return { deadlineAt: Date.now() + ms };
}
