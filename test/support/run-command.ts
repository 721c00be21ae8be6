// Runs one command with an Io of buffers, against responses that the test defines.
import type { FlagTable, FlagValues } from "../../src/input/flags";
import { parseFlags, type ParsedFlags } from "../../src/input/parse-flags";
import { createClient } from "../../src/client/client";
import type { Command, CommandContext } from "../../src/commands/command";
import { loadPrinter } from "../../src/output/load-printer";
import type { CallOptions } from "../../src/transport/transport";
import { fakeTransport, type Answers, type SeenCall } from "./fake-transport";
import { testIo, type TestIo, type TestIoOptions } from "./test-io";

export interface RunOptions extends TestIoOptions {
  readonly answers?: Answers;
  /** Responses by endpoint, for commands that call each endpoint; `answers` is for all others. */
  readonly endpoints?: Readonly<Record<string, Answers>>;
  readonly httpGet?: (endpoint: string, path: string) => string;
  readonly format?: string;
  readonly timeoutMs?: number;
  /** Called with the Io before the command runs. */
  readonly before?: (io: TestIo) => void;
}

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly calls: readonly SeenCall[];
  readonly io: TestIo;
}

/** Rejects with what the command throws. */
export async function runCommand<T extends FlagTable>(
  command: Command<T>,
  words: readonly string[],
  options: RunOptions = {},
): Promise<Ran> {
  const io = testIo(options);
  options.before?.(io);
  const transport = fakeTransport(options.answers ?? {});
  const printer = () => loadPrinter(options.format ?? "simple", { hex: false });
  const stream = (): CallOptions => ({ signal: io.interrupt });
  const call = (): CallOptions => ({
    ...stream(),
    deadlineAt: io.clock.now() + (options.timeoutMs ?? 5000),
  });
  const context: CommandContext = {
    io,
    connect: async () => ({ client: createClient(transport), printer: await printer() }),
    printer,
    offline: () => Promise.resolve(undefined),
    endpoints: () => Promise.resolve(Object.keys(options.endpoints ?? { "127.0.0.1:2379": {} })),
    clientOf: (endpoint) =>
      Promise.resolve(createClient(fakeTransport(options.endpoints?.[endpoint] ?? options.answers ?? {}))),
    openOther: ({ endpoints }) =>
      Promise.resolve(createClient(fakeTransport(options.endpoints?.[endpoints.join()] ?? {}))),
    clientAt: (place) => {
      const name = "path" in place ? place.path : place.endpoints.join();
      return Promise.resolve(createClient(fakeTransport(options.endpoints?.[name] ?? {})));
    },
    clientOfProfile: () => Promise.resolve(undefined),
    format: () => Promise.resolve(options.format ?? "simple"),
    tableStyle: () => Promise.resolve({ compat: "3.7" }),
    confirmsDeletions: () => Promise.resolve(io.env["ETCDCTL_CONFIRM"] === "1"),
    httpGet: (endpoint, path) => {
      const body = options.httpGet?.(endpoint, path) ?? "";
      return Promise.resolve({ body, dateMs: undefined, certificateEndsMs: undefined });
    },
    tls: () => Promise.resolve({}),
    reportFailure: async (line, { hints }) => {
      await io.stderr.write([line, ...hints.map((hint) => `hint: ${hint}`), ""].join("\n"));
    },
    offlinePath: () => Promise.resolve(undefined),
    userName: () => Promise.resolve(""),
    ...{ call, stream, longCall: stream },
  };
  const parsed = parseFlags(command.flags, words);
  const values = ((await command.settle?.(parsed as ParsedFlags<FlagTable>, io)) ??
    parsed.values) as FlagValues<T>;
  const { args, dashAt } = parsed;
  const exitCode = (await command.run(context, args, values, dashAt)) ?? 0;
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text, calls: transport.calls, io };
}
