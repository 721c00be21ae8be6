// `make-mirror DESTINATION`: copies keys to another cluster and follows their changes until it is stopped; every half
// minute it prints how many it has written. Checks come in Go's order, the destination's connection before the source's.
// Answers to etcdctl's make_mirror_command.go.
import type { FlagTable, FlagValues } from "../cli/flags";
import { splitUser } from "../cli/password";
import type { EtcdClient } from "../client/client";
import { defaultMaxTxnOps, Destination } from "../client/mirror/destination";
import { type MirrorContext } from "../client/mirror/peer-health";
import { KeySpaces, type KeySpace } from "../client/mirror/key-spaces";
import { Mirror } from "../client/mirror/mirror";
import { WatchCanceled } from "../client/watch";
import { badArgs, CliError, EtcdError, ExitCode } from "../errors";
import { rawBytes } from "../go/raw-text";
import type { Io } from "../io";
import type { Credentials } from "../transport/transport";
import { keyRange } from "./arguments";
import { defineCommand, type CommandContext } from "./command";

const flags = {
  prefix: { kind: "string", default: "", usage: "mirror only the keys with this prefix" },
  rev: {
    kind: "int64",
    default: 0n,
    usage: "copy nothing first, only the changes from this revision of the source on",
  },
  "max-txn-ops": {
    kind: "uint",
    default: defaultMaxTxnOps,
    usage: "how many writes one transaction at the destination may hold",
  },
  "dest-prefix": {
    kind: "string",
    default: "",
    usage: "the prefix in the destination, in place of --prefix",
  },
  "no-dest-prefix": { kind: "bool", default: false, usage: "leave the prefix away in the destination" },
  "dest-cert": {
    kind: "string",
    default: "",
    usage: "file with the client's certificate for the destination",
    completes: "file",
  },
  "dest-key": { kind: "string", default: "", usage: "file with that certificate's key", completes: "file" },
  "dest-cacert": {
    kind: "string",
    default: "",
    usage: "file with the CA certificates that the destination is verified against",
    completes: "file",
  },
  "dest-insecure-transport": {
    kind: "bool",
    default: true,
    usage: "no TLS to the destination where neither the endpoint nor a flag asks for it",
  },
  "dest-insecure-skip-tls-verify": {
    kind: "bool",
    default: false,
    usage: "do not verify the destination's certificate (only for tests)",
  },
  "dest-user": {
    kind: "string",
    default: "",
    usage: "name[:password] to log in with at the destination; without a password it is asked for",
  },
  "dest-password": {
    kind: "string",
    default: "",
    usage: "password to log in with at the destination; --dest-user is then only the name",
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
    const world: MirrorContext = {
      callOptions: () => context.call(),
      streamOptions: () => context.stream(),
      clock: context.io.clock,
      onCopied: counter.add,
      report: (line) => context.io.stderr.write(`hint: ${line}\n`),
    };
    const receiver = new Destination(destination, values["max-txn-ops"], world);
    const mirror = new Mirror({
      ...world,
      source,
      destination: receiver,
      spaces,
      fromRevision: startOf(values),
    });
    try {
      await Promise.race([mirror.run(), counter.failed]);
    } catch (error) {
      throw named(error);
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

/** Without a prefix of its own the destination has that of the source; in Go not so with --rev, a bug. */
export function keySpaces(values: MirrorFlags): KeySpaces {
  const { prefix, "dest-prefix": destinationPrefix, "no-dest-prefix": isBare } = values;
  if (isBare && destinationPrefix !== "") {
    throw badArgs("`--dest-prefix` and `--no-dest-prefix` cannot be set at the same time, choose one");
  }
  return new KeySpaces(keySpace(prefix), keySpace(isBare ? "" : destinationPrefix || prefix));
}

function keySpace(prefix: string): KeySpace {
  return { prefix: rawBytes(prefix), ...keyRange([prefix], { prefix: true, "from-key": false }) };
}

/** The first revision has no events before it: like Go, --rev=1 copies all keys. */
function startOf({ rev }: MirrorFlags): bigint {
  return rev > 1n ? rev : 0n;
}

const countEveryMs = 30_000;

function startCounter({ clock, stdout }: Io) {
  let total = 0;
  let fail: (error: unknown) => void;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  const tick = () => {
    stdout.write(`${total}\n`).catch((error: unknown) => fail(error));
    timer = clock.setTimeout(tick, countEveryMs);
  };
  let timer = clock.setTimeout(tick, countEveryMs);
  return {
    failed,
    add: (count: number) => {
      total += count;
    },
    stop: () => timer.cancel(),
  };
}

function named(error: unknown): unknown {
  if (!(error instanceof EtcdError)) return error;
  const oldest = error instanceof WatchCanceled ? error.compactRevision : 0n;
  const hints =
    oldest > 0n
      ? [`the oldest revision that the source still has is ${oldest}; without --rev all keys are copied`]
      : [...error.hints, "it was the source that failed"];
  return new CliError(ExitCode.error, error.message, { cause: error, hints });
}
