// What the server counts, for the /metrics page: plain fields, as counting must cost nothing that a request notices. Each field
// is written at one place. What can be computed when the page is asked for is not counted here (http/metrics/).
// Go: the metrics.go files under server/
import { exponentialBounds, Histogram, LabelledHistograms, secondsBounds } from "./histogram";
import { MethodMetrics } from "./method-metrics";

/** The writes and syncs of one kind of file. */
class FileMetrics {
  readonly writeSeconds = new Histogram(secondsBounds);
  readonly fsyncSeconds = new Histogram(secondsBounds);
  writtenBytes = 0;

  written(seconds: number, sizeBytes: number): void {
    this.writeSeconds.observe(seconds);
    this.writtenBytes += sizeBytes;
  }

  synced(seconds: number): void {
    this.fsyncSeconds.observe(seconds);
  }
}

export class ServerMetrics {
  /** Ranges, puts and deletes, also those inside transactions. */
  ranges = 0;
  puts = 0;
  deletes = 0;
  /** Transactions with more than one of them. */
  txns = 0;
  /** Bytes of the keys and values of all puts. */
  putBytes = 0;
  compactedKeys = 0;
  /** Seconds since the epoch; 0: never in this process. */
  lastCompactionAt = 0;
  readonly compactionMs = new Histogram(exponentialBounds(100, 2, 14));
  /** Each step of a compaction, which stops other requests. */
  readonly compactionStepMs = new Histogram(exponentialBounds(1, 2, 13));
  readonly indexCompactionMs = new Histogram(exponentialBounds(0.5, 2, 14));
  readonly hashSeconds = new Histogram(exponentialBounds(0.01, 2, 15));
  readonly hashKvSeconds = new Histogram(exponentialBounds(0.01, 2, 15));
  readonly snapshotSeconds = new Histogram(exponentialBounds(0.01, 2, 17));
  readonly defragSeconds = new Histogram(exponentialBounds(0.1, 2, 13));
  defragsRunning = 0;

  /** Events that were handed to clients. */
  events = 0;
  /** Each response of a watch, and its share of one event. */
  readonly watchSendSeconds = new Histogram(secondsBounds);
  readonly watchEventSeconds = new Histogram(secondsBounds);
  /** Responses that a watcher was created. */
  readonly watchControlSeconds = new Histogram(secondsBounds);
  /** Each look at the watchers of a stream that are due for a progress notification. */
  readonly watchProgressSeconds = new Histogram(secondsBounds);

  leasesGranted = 0;
  leasesRevoked = 0;
  leasesRenewed = 0;
  leasesExpired = 0;
  readonly leaseTtls = new Histogram(exponentialBounds(1, 2, 24));

  /** Of the write-ahead log. They stay at zero for a server that keeps its data in memory. */
  readonly wal = new FileMetrics();
  /** Each time the db file is written. */
  readonly commitSeconds = new Histogram(secondsBounds);
  /** Of .snap files. */
  readonly snap = new FileMetrics();
  readonly snapSaveSeconds = new Histogram(secondsBounds);
  readonly snapEncodeSeconds = new Histogram(secondsBounds);

  /** Messages of gRPC, without their headers. */
  receivedBytes = 0;
  sentBytes = 0;
  readonly methods = new Map<string, MethodMetrics>();
  readonly requestSeconds = new LabelledHistograms(["success", "type"], secondsBounds);
  readonly rangeSeconds = new LabelledHistograms(["success"], exponentialBounds(0.0001, 2, 20));
  readonly applySeconds = new LabelledHistograms(
    ["op", "success", "version"],
    exponentialBounds(0.0001, 2, 20),
  );
  /** By kind and the version that the client sends, `unary\n3.7`. */
  readonly clientRequests = new Map<string, number>();
  proposalsPending = 0;
  proposalsFailed = 0;
  readIndexesFailed = 0;
  slowApplies = 0;
  /** A single member is elected once, at its start. */
  leaderChanges = 1;

  /** Of the API of version 2. */
  readonly v2 = { expired: 0, watchRequests: 0, watchers: 0 };

  healthSuccesses = 0;
  healthFailures = 0;
  /** Results of the checks of /livez and /readyz, by `name\nstatus\ntype`. */
  readonly healthChecks = new Map<string, number>();
  /** The newest result, by `name\ntype`. */
  readonly healthCheckPassed = new Map<string, boolean>();

  /** Scrapes of the page by status. */
  scrapes = 0;

  /** `extensive`: also measure how long each gRPC call takes, as etcd with --metrics extensive. */
  constructor(readonly extensive = false) {}

  snapEncoded(seconds: number): void {
    this.snapEncodeSeconds.observe(seconds);
  }

  snapSaved(seconds: number): void {
    this.snapSaveSeconds.observe(seconds);
  }

  methodOf(path: string, kind: MethodMetrics["kind"]): MethodMetrics {
    let found = this.methods.get(path);
    if (found === undefined) this.methods.set(path, (found = new MethodMetrics(path, kind, this.extensive)));
    return found;
  }
}

export function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
