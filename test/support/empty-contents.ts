// The contents of a data dir without keys, for tests of the files.
import type { DatabaseContents } from "../../src/storage/contents";

export function emptyContents(clusterVersion: string): DatabaseContents {
  return {
    records: [],
    leases: [],
    finishedCompactRevision: 0,
    scheduledCompactRevision: 0,
    consistentIndex: 1n,
    term: 1n,
    members: [],
    clusterVersion,
    storageVersion: "",
    otherBuckets: [],
  };
}
