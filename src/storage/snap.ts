// A .snap file in member/snap: the raft state at one index. The keys are in the db file next to it.
// Go: server/etcdserver/api/snap/snapshotter.go
//
//   member/snap/TERM-INDEX.snap     both as 16 hex digits
//   snappb.Snapshot: crc, the CRC-32C of data; data, a raftpb.Snapshot: metadata (index, term, members as ConfState) and,
//                    as data, etcd's store of API 2 as JSON; in a cluster of version 3 that is only the membership
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CliError, ExitCode } from "../errors";
import { Snapshot } from "../proto/gen/raftpb";
import { Snapshot as SnapFile } from "../proto/gen/snappb";
import { decode, encode } from "../proto/message";
import { WireError } from "../proto/wire";
import { crc32c } from "./crc32c";
import { osErrorReason } from "../go/os";
import { FormatError } from "./errors";
import { namesIn } from "./files";
import { hex16 } from "./wal/layout";

export function snapFileName({ metadata }: Snapshot): string {
  return `${hex16(metadata?.term ?? 0n)}-${hex16(metadata?.index ?? 0n)}.snap`;
}

export function encodeSnapFile(snapshot: Snapshot): Buffer {
  const data = encode(Snapshot, snapshot);
  return encode(SnapFile, { crc: crc32c(0, data), data });
}

/** The newest .snap file that is not damaged, as etcd chooses it. */
export function newestSnapFile(snapDir: string): Snapshot | undefined {
  const names = namesIn(snapDir).filter((name) => name.endsWith(".snap"));
  for (const name of names.sort().reverse()) {
    try {
      return readSnapFile(join(snapDir, name));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
  }
  return undefined;
}

/** Throws CliError for an unreadable file, FormatError for a damaged one. */
export function readSnapFile(path: string): Snapshot {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new CliError(ExitCode.error, `open ${path}: ${osErrorReason(cause)}`, { cause });
  }
  try {
    const { crc = 0, data } = decode(SnapFile, bytes);
    if (data === undefined || data.length === 0 || crc === 0) {
      throw new FormatError(path, undefined, "the file holds no snapshot");
    }
    const computed = crc32c(0, data);
    if (computed !== crc) {
      const problem = `its checksum is ${crc.toString(16)}, its bytes give ${computed.toString(16)}`;
      throw new FormatError(path, undefined, problem);
    }
    return decode(Snapshot, data);
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    throw new FormatError(path, undefined, `no snappb.Snapshot: ${cause.message}`, { cause });
  }
}
