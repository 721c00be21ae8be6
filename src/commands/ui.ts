// `ui`: a page for the browser, served on this machine until Ctrl-C. src/ui/ has the server and the page.
import { badArgs, CliError, ExitCode } from "../errors";
import { osErrorReason } from "../go/os";
import { writeHints } from "../hints";
import type { Io } from "../io";
import { StartFailure } from "../io";
import { platform } from "node:process";
import { RangeRequest } from "../proto/gen/etcdserverpb";
import type { Source } from "../ui/source";
import { defineCommand, type CommandContext } from "./command";
import { listenHints } from "./listen-hints";

export const command = defineCommand({
  flags: {
    listen: { kind: "string", default: "127.0.0.1:0", usage: "address of the page; port 0 is any free port" },
    "allow-writes": {
      kind: "bool",
      default: false,
      usage: "let the page change and delete keys; otherwise its server refuses it",
    },
    open: { kind: "bool", default: false, usage: "open the page in the browser" },
  },
  async run(context, args, flags) {
    if (args.length > 0) throw badArgs("ui takes no arguments");
    const listen = listenAddress(flags.listen);
    const { io } = context;
    const { startUi } = await import("../ui/server");
    const source = await sourceOf(context);
    const stopped = firstSignal(io);
    const server = await startUi({
      source,
      listen,
      allowWrites: flags["allow-writes"],
      onError: (error) => void io.stderr.write(`${describe(error)}\n`).catch(() => undefined),
    }).catch((cause: unknown) => {
      throw new CliError(ExitCode.error, `cannot listen on ${flags.listen}: ${osErrorReason(cause)}`, {
        cause,
        hints: listenHints(cause),
      });
    });
    try {
      await io.stdout.write(`${server.address}\n`);
      if (!isLoopback(listen.host)) await warnAboutNetwork(io);
      await hint(io, "open this address in a browser; whoever has it can read every key; Ctrl-C ends it");
      if (flags.open) await openBrowser(server.address, io);
      await stopped.signal;
    } finally {
      stopped.restore();
      await server.close();
    }
  },
});

async function sourceOf(context: CommandContext): Promise<Source> {
  const { client } = await context.connect();
  const path = await context.offlinePath();
  const endpoints = await context.endpoints();
  // A file that cannot be opened is reported before there is a page; a cluster may come later.
  if (path !== undefined) await client.kv.range(RangeRequest.create({ key: Buffer.of(0) }), context.call());
  return {
    kind: path === undefined ? "cluster" : "offline",
    name: path === "" ? "your own data directory" : (path ?? endpoints.join(", ")),
    client,
    endpoints,
    userName: await context.userName(),
    clientOf: (endpoint) => context.clientOf(endpoint),
    call: () => context.call(),
    clock: context.io.clock,
  };
}

/** `127.0.0.1:0`, `[::1]:8080`, `localhost:8080` */
function listenAddress(text: string): { host: string; port: number } {
  const [, bracketed, plain, port = ""] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) > 65535) {
    throw badArgs(`${JSON.stringify(text)} is no address for --listen`, {
      hints: ["write HOST:PORT, for example 127.0.0.1:8080, [::1]:0 or 0.0.0.0:8080"],
    });
  }
  return { host, port: Number(port) };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\./.test(host);
}

async function warnAboutNetwork(io: Io): Promise<void> {
  await hint(
    io,
    "other machines can reach this address, and nothing encrypts the way: prefer ssh -L to 127.0.0.1",
  );
}

/** Ctrl-C and the other signals end the command with exit code 0: it has done what it was started for. */
function firstSignal(io: Io): { readonly signal: Promise<void>; restore(): void } {
  let restore: () => void = () => undefined;
  const signal = new Promise<void>((resolve) => {
    if (io.interrupt.aborted) resolve();
    else restore = io.takeSignals(() => resolve());
  });
  return { signal, restore: () => restore() };
}

const openers: Readonly<Record<string, readonly string[]>> = {
  darwin: ["open"],
  // The empty word is the title of the window.
  win32: ["cmd", "/c", "start", ""],
};

async function openBrowser(address: string, io: Io): Promise<void> {
  const [program = "xdg-open", ...words] = openers[platform] ?? [];
  try {
    const child = await io.startChild([program, ...words, address]);
    const end = await child.ended;
    if ("exitCode" in end && end.exitCode === 0) return;
    await hint(io, `${program} could not open the page: open the address by hand`);
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    await hint(io, `${error.message}: open the address by hand`);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function hint(io: Io, text: string): Promise<void> {
  await writeHints([text], io);
}
