// `make-mirror DESTINATION` copies keys to another cluster, then applies changes until a signal. Every 30 seconds it prints the
// number of copied keys. In Go's order, it connects to the destination before it connects to the source.
// Go: etcdctl/ctlv3/command/make_mirror_command.go.
import type { FlagTable, FlagValues } from "../input/flags";
import { splitUser } from "../input/password";
import type { EtcdClient } from "../client/client";
import { defaultMaxTxnOps, Destination } from "../client/mirror/destination";
import { type MirrorContext } from "../client/mirror/peer-health";
import { KeySpaces, type KeySpace } from "../client/mirror/key-spaces";
import { Mirror } from "../client/mirror/mirror";
import { WatchCanceled } from "../client/watch";
import { badArgs, CliError, EtcdError, ExitCode } from "../errors";
import { rawBytes } from "../go/raw-text";
import { writeHints } from "../hints";
import type { Io } from "../io";
import type { Credentials } from "../transport/transport";
import { keyRange } from "./arguments";
import { defineCommand, type CommandContext } from "./command";

const flags = {
  prefix: { kind: "string", default: "", usage: "mirror only keys with this prefix" },
  rev: {
    kind: "int64",
    default: 0n,
    usage: "do not copy the keys first; apply the changes since this revision of the source",
  },
  "max-txn-ops": {
    kind: "uint",
    default: defaultMaxTxnOps,
    usage: "maximum number of writes in one transaction at the destination",
  },
  "dest-prefix": {
    kind: "string",
    default: "",
    usage: "prefix at the destination, instead of --prefix",
  },
  "no-dest-prefix": {
    kind: "bool",
    default: false,
    usage: "write the keys without the prefix at the destination",
  },
  "dest-cert": {
    kind: "string",
    default: "",
    usage: "file with the client certificate for the destination",
    completes: "file",
  },
  "dest-key": { kind: "string", default: "", usage: "file with the key of --dest-cert", completes: "file" },
  "dest-cacert": {
    kind: "string",
    default: "",
    usage: "file with the CA certificates to verify the destination with",
    completes: "file",
  },
  "dest-insecure-transport": {
    kind: "bool",
    default: true,
    usage: "connect to the destination without TLS, unless its endpoint or a flag requires TLS",
  },
  "dest-insecure-skip-tls-verify": {
    kind: "bool",
    default: false,
    usage: "do not verify the certificate of the destination (only for tests)",
  },
  "dest-user": {
    kind: "string",
    default: "",
    usage: "user of the destination as NAME[:PASSWORD]; asks for a missing password",
  },
  "dest-password": {
    kind: "string",
    default: "",
    usage: "password for the destination; --dest-user must then be the name only",
  },
} as const satisfies FlagTable;

type MirrorFlags = FlagValues<typeof flags>;

export const command = defineCommand({
  flags,
  async run(context, args, values) {
    const [target] = args;
    if (target === undefined || args.length !== 1) {
      throw badArgs("make-mirror takes one destination argument");
    }
    const destination = await openDestination(context, target, values);
    const { client: source } = await context.connect();
    const spaces = keySpaces(values);
    const counter = startCounter(context.io);
    const mirrorContext: MirrorContext = {
      callOptions: () => context.call(),
      streamOptions: () => context.stream(),
      clock: context.io.clock,
      onCopied: counter.add,
      report: (line) => writeHints([line], context.io),
    };
    const writer = new Destination(destination, values["max-txn-ops"], mirrorContext);
    const mirror = new Mirror({
      ...mirrorContext,
      source,
      destination: writer,
      spaces,
      fromRevision: startOf(values),
    });
    try {
      await Promise.race([mirror.run(), counter.failed]);
    } catch (error) {
      throw sourceError(error);
    } finally {
      counter.stop();
    }
  },
});

async function openDestination(
  context: CommandContext,
  target: string,
  values: MirrorFlags,
): Promise<EtcdClient> {
  const credentials = await destinationCredentials(context.io, values);
  return context.openOther({
    endpoints: target.split(",").map((endpoint) => endpoint.trim()),
    tls: {
      cert: values["dest-cert"],
      key: values["dest-key"],
      cacert: values["dest-cacert"],
      insecureTransport: values["dest-insecure-transport"],
      insecureSkipVerify: values["dest-insecure-skip-tls-verify"],
    },
    credentials,
  });
}

async function destinationCredentials(io: Io, values: MirrorFlags): Promise<Credentials | undefined> {
  const { "dest-user": user, "dest-password": password } = values;
  if (user === "") return undefined;
  if (password !== "") return { user, password };
  return splitUser(user, () => io.readPassword("Destination Password: "));
}

/** Without --dest-prefix, the destination uses --prefix. Go ignores --prefix there if --rev is set, which is a bug. */
function keySpaces(values: MirrorFlags): KeySpaces {
  const { prefix, "dest-prefix": destinationPrefix, "no-dest-prefix": isBare } = values;
  if (isBare && destinationPrefix !== "") {
    throw badArgs("`--dest-prefix` and `--no-dest-prefix` cannot be set at the same time, choose one");
  }
  return new KeySpaces(keySpace(prefix), keySpace(isBare ? "" : destinationPrefix || prefix));
}

function keySpace(prefix: string): KeySpace {
  return { prefix: rawBytes(prefix), ...keyRange([prefix], { prefix: true, "from-key": false }) };
}

/** --rev=1 copies all keys first, as in Go. */
function startOf({ rev }: MirrorFlags): bigint {
  return rev > 1n ? rev : 0n;
}

const reportIntervalMs = 30_000;

function startCounter({ clock, stdout }: Io) {
  let total = 0;
  let fail: (error: unknown) => void;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  const tick = () => {
    stdout.write(`${total}\n`).catch((error: unknown) => fail(error));
    timer = clock.setTimeout(tick, reportIntervalMs);
  };
  let timer = clock.setTimeout(tick, reportIntervalMs);
  return {
    failed,
    add: (count: number) => {
      total += count;
    },
    stop: () => timer.cancel(),
  };
}

/** The error of a failed source. A failure of the destination is a CliError. */
function sourceError(error: unknown): unknown {
  if (!(error instanceof EtcdError)) return error;
  const oldest = error instanceof WatchCanceled ? error.compactRevision : 0n;
  const hints =
    oldest > 0n
      ? [`the oldest revision at the source is ${oldest}; omit --rev to copy all keys first`]
      : [...error.hints, "the source failed, not the destination"];
  return new CliError(ExitCode.error, error.message, { cause: error, hints });
}
