// The options of a server in this process. `serve` makes them from flags, startEmbeddedServer from the options of tests and
// programs.
import type { Clock } from "../clock";
import type { AutoCompaction } from "./member/auto-compaction";
import type { AuthOptions, LimitOptions } from "./member/limits";
import type { LogSink, SlowLimits } from "./member/slow-requests";
import type { Listening } from "./http/open-listeners";
import type { ServerTls } from "./http/tls-server";

export interface ServerOptions {
  /** Member name, like etcd's --name. Default: `default`. */
  readonly name?: string | undefined;
  /**
   * URLs to listen on for clients: `http://HOST:PORT`, `https://HOST:PORT`, `unix://PATH` or `unixs://PATH`. Port 0 lets the
   * system choose a free port. Without URLs there are only in-process clients. Default: no URLs.
   */
  readonly listenClientUrls?: readonly string[] | undefined;
  /** Client URLs in the member list, like etcd's --advertise-client-urls. Default: the URLs that the server listens on. */
  readonly advertiseClientUrls?: readonly string[] | undefined;
  /**
   * Name and peer URL of this member, `NAME=http://HOST:PORT`, like etcd's --initial-cluster. The ids of cluster and member
   * are derived from the peer URLs and the token, as in etcd. Ignored if `dataDir` contains a member.
   * Default: `NAME=http://localhost:2380` with the member name.
   */
  readonly initialCluster?: string | undefined;
  /** Token of the cluster, like etcd's --initial-cluster-token. Default: `etcd-cluster`. */
  readonly initialClusterToken?: string | undefined;
  /** Certificate and key. Required for `https://` and `unixs://` URLs. Default: none. */
  readonly tls?: ServerTls | undefined;
  /**
   * Path of an etcd data dir, locked while the server runs. Each change is in its write-ahead log and synced to the disk
   * before its response, so a crash loses none. Default: none, all data is in memory only.
   */
  readonly dataDir?: string | undefined;
  /** Directory of the write-ahead log, like etcd's --wal-dir. Default: member/wal in `dataDir`. */
  readonly walDir?: string | undefined;
  /** How long the start waits for another server that has `dataDir`, in milliseconds, before it fails. Default: 2000. */
  readonly lockWaitMs?: number | undefined;
  /** Ends that wait: the start then rejects with the signal's reason. Default: none. */
  readonly lockSignal?: AbortSignal | undefined;
  /**
   * After how many entries of the log the db file is written, if the log has a quarter of its size. Fewer are enough if they have
   * 64 MB and half of its size. Default: 10000.
   */
  readonly snapshotCount?: number | undefined;
  /** How many segments of the log stay when they are not needed any more, like etcd's --max-wals; 0: all. Default: 5. */
  readonly maxWals?: number | undefined;
  /** How many .snap files stay; 0: all. Default: 5. */
  readonly maxSnapshots?: number | undefined;
  /** Does not wait for the disk: a power loss then loses writes that were acknowledged. Default: false. */
  readonly unsafeNoFsync?: boolean | undefined;
  /** Keys to put before the first request, all in one revision. Default: none. */
  readonly keys?: readonly (readonly [key: Uint8Array, value: Uint8Array])[] | undefined;
  /** Limits on requests, members and the database. Default: etcd's, see each limit. */
  readonly limits?: LimitOptions | undefined;
  /** Automatic compaction of old revisions, like etcd's --auto-compaction-mode. Default: none. */
  readonly autoCompaction?: AutoCompaction | undefined;
  /** Settings for users, passwords and tokens. Default: etcd's, see each option. */
  readonly auth?: Omit<AuthOptions, "trustEverybody"> | undefined;
  /**
   * Serves version 2 of the API, like --enable-v2 of etcd 3.4 and 3.5: /v2/keys, /v2/members, /v2/auth, /v2/stats and
   * /v2/machines. Its keys are apart from those of version 3. Default: false.
   */
  readonly enableV2?: boolean | undefined;
  /** Clock for leases, tokens and timers; tests can pass one that they move. Default: the system clock, even under faked timers. */
  readonly clock?: Clock | undefined;
  /** Shortest TTL of a lease in seconds; shorter ones are raised to it. Default: 2, etcd's with its default election timeout. */
  readonly minLeaseTtlSeconds?: number | undefined;
  /**
   * Milliseconds, like etcd's --election-timeout: a stream that requires a leader ends after three of them without one, and
   * a stop waits for calls for two of them and five seconds. Default: 1000.
   */
  readonly electionTimeoutMs?: number | undefined;
  /** Milliseconds added to the TTL of each lease that `dataDir` contains. Default: `electionTimeoutMs`, as in etcd. */
  readonly leaseGraceMs?: number | undefined;
  /** Milliseconds between progress messages of a watch, like etcd's --watch-progress-notify-interval. Default: 600000. */
  readonly watchProgressIntervalMs?: number | undefined;
  /** Receives an error in work that no call waits for, such as the end of a lease. Default: prints it on stderr. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** `extensive` also measures how long each gRPC call takes, like etcd's --metrics. Default: `basic`. */
  readonly metrics?: "basic" | "extensive" | undefined;
  /** The health service says NOT_SERVING during a defragmentation, etcd's feature StopGRPCServiceOnDefrag. Default: false. */
  readonly stopGrpcServiceOnDefrag?: boolean | undefined;
  /** etcd's features to switch on or off, by name, like its --feature-gates. Default: those of etcd. */
  readonly featureGates?: Readonly<Record<string, boolean>> | undefined;
  /**
   * Makes a single member out of one of several, like etcd's --force-new-cluster: the other members are removed from the list,
   * and entries of the log that were not committed are dropped. Default: false, the directory of such a member is only read.
   */
  readonly forceNewCluster?: boolean | undefined;
  /** Receives the error after which `dataDir` takes no more writes, such as a full disk. Default: `onError`. */
  readonly onLogFailure?: ((error: Error) => void) | undefined;
  /** Receives the lines of the log about slow requests and compactions, with etcd's messages and fields. Default: none. */
  readonly onLog?: LogSink | undefined;
  /** From when on a request is slow. Default: etcd's, see each limit. */
  readonly slow?: SlowLimits | undefined;
  /** True lets the process exit while the server still listens. Default: false. */
  readonly unref?: boolean | undefined;
  /** More settings of the listeners. */
  readonly listening?: Listening | undefined;
}
