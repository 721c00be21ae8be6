// The write-ahead log: the writer writes the same bytes as etcd, and the reader handles torn and damaged logs.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { FormatError } from "../../src/storage/errors";
import { encodeSnapFile, readSnapFile, snapFileName } from "../../src/storage/snap";
import { parseSegmentName, segmentName } from "../../src/storage/wal/layout";
import { readLog, type LogEnd, type LogItem } from "../../src/storage/wal/log-reader";
import { RecordEncoder, newLog } from "../../src/storage/wal/record-encoder";
import { testFolder } from "./fixture-files";

/** The log that etcdutl 3.7.1 writes when it restores a cluster of one member with its default flags. */
const fromEtcd = Buffer.from(
  "040000000000008408041000000000002000000000000000080110bb81c7fc051a1608cdd2918bd2b881cf8e0110b298eaf1948386fccd01" +
    "0e0000000000008208051094bbc7ed0e1a040800100000007200000000000086080210dbf28c8e071a680801100118012260100018cdd291" +
    "8bd2b881cf8e0122517b226964223a31303237363635373734333933323937353433372c227065657255524c73223a5b22687474703a2f2f" +
    "6c6f63616c686f73743a32333830225d2c226e616d65223a2264656661756c74227d0000000000001900000000000087080310ffefac9c01" +
    "1a0f080110cdd2918bd2b881cf8e011801000000000000001b000000000000850805108f9a8eec0a1a11080110011a0b08cdd2918bd2b881" +
    "cf8e010000000000",
  "hex",
);

const folder = testFolder();
let logs = 0;

function logOf(...segments: Buffer[]): string {
  const dir = path.join(folder.path, `wal${logs++}`);
  mkdirSync(dir);
  segments.forEach((bytes, position) => {
    const name = segmentName({ sequence: BigInt(position), firstIndex: BigInt(position * 10) });
    writeFileSync(path.join(dir, name), bytes);
  });
  return dir;
}

function readAll(dir: string, fromIndex = 0n): { items: LogItem[]; end: LogEnd } {
  const items: LogItem[] = [];
  const log = readLog(dir, fromIndex);
  for (;;) {
    const step = log.next();
    if (step.done) return { items, end: step.value };
    items.push(step.value);
  }
}

function errorOf(dir: string): FormatError {
  try {
    readAll(dir);
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
  throw new Error("nothing was wrong");
}

const entry = (encoder: RecordEncoder, text: string) =>
  encoder.record(2, Buffer.from(`\x22${String.fromCharCode(text.length)}${text}`, "latin1"));

describe("a log", () => {
  test("the writer reproduces a log of etcd that the reader has read", () => {
    const { items, end } = readAll(logOf(Buffer.concat([fromEtcd, Buffer.alloc(4096)])));
    expect(end.torn).toBeUndefined();
    expect(items.map(({ kind }) => kind)).toEqual(["metadata", "snapshot", "entry", "state", "snapshot"]);
    const [metadata, , added, state, snapshot] = items as [
      LogItem & { kind: "metadata" },
      LogItem,
      LogItem & { kind: "entry" },
      LogItem & { kind: "state" },
      LogItem & { kind: "snapshot" },
    ];
    expect(metadata.metadata).toEqual({ NodeID: 0x8e9e05c52164694dn, ClusterID: 0xcdf818194e3a8c32n });
    const parts = { metadata: metadata.metadata, entries: [added.entry] };
    expect(newLog({ ...parts, state: state.state, snapshot: snapshot.snapshot })).toEqual(fromEtcd);
  });

  test("a log continues in the next segment with the checksum from its first record", () => {
    const encoder = new RecordEncoder();
    const first = Buffer.concat([encoder.crcRecord(), entry(encoder, "a")]);
    const second = Buffer.concat([encoder.crcRecord(), entry(encoder, "b")]);
    const dir = logOf(first, second);
    const texts = (from: bigint) =>
      readAll(dir, from).items.flatMap((item) => (item.kind === "entry" ? [String(item.entry.Data)] : []));
    expect(texts(0n)).toEqual(["a", "b"]);
    expect(texts(12n)).toEqual(["b"]);
    const other = new RecordEncoder(1234);
    expect(errorOf(logOf(first, Buffer.concat([other.crcRecord(), entry(other, "b")]))).problem).toContain(
      "checksum is 000004d2",
    );
  });

  test("the reader refuses a log without a middle segment", () => {
    const dir = logOf(new RecordEncoder().crcRecord());
    writeFileSync(path.join(dir, segmentName({ sequence: 2n, firstIndex: 3n })), "");
    expect(errorOf(dir).problem).toBe("segment 2 follows 0: one in between is missing");
  });

  test("the reader skips a torn last record and returns its place", () => {
    const encoder = new RecordEncoder();
    const whole = Buffer.concat([encoder.crcRecord(), entry(encoder, "a")]);
    const last = encoder.record(2, Buffer.concat([Buffer.from([0x22, 0x80, 0x10]), Buffer.alloc(2048, 7)]));
    const torn = Buffer.concat([whole, last]);
    torn.fill(0, 1024, 1536);
    const { items, end } = readAll(logOf(torn));
    expect(items).toHaveLength(1);
    expect(end.torn?.offset).toBe(whole.length);
    expect(readAll(logOf(Buffer.concat([whole, last.subarray(0, 100)]))).end.torn?.offset).toBe(whole.length);
    // Not torn but altered: a byte is wrong, and all sectors were written.
    const altered = Buffer.concat([whole, last]);
    altered[whole.length + 700] = 8;
    expect(errorOf(logOf(altered))).toMatchObject({ offset: whole.length });
    // In the middle of a log nothing may be torn.
    expect(errorOf(logOf(torn, encoder.crcRecord())).offset).toBe(whole.length);
  });

  test("the reader reports an altered byte with the file and the start of the record", () => {
    const bytes = Buffer.from(fromEtcd);
    bytes[100] = 0;
    const error = errorOf(logOf(bytes));
    expect(error.message).toMatch(
      /0{16}-0{16}\.wal: the record's checksum is [0-9a-f]{8}, .* \(at byte 80\)$/,
    );
  });

  test("the reader refuses impossible sizes without allocating them", () => {
    const bytes = Buffer.from(fromEtcd);
    bytes.writeUIntLE(2 ** 47, 16, 6);
    expect(errorOf(logOf(bytes)).problem).toBe(`a record has the length ${2 ** 47}, and 32 by its data`);
    bytes.fill(0, 24, 48);
    expect(readAll(logOf(bytes)).end.torn?.offset).toBe(16);
    expect(errorOf(logOf(bytes, fromEtcd)).problem).toContain("extends past the end of the file");
  });

  test("the reader reports a missing log", () => {
    expect(() => readAll(path.join(folder.path, "nowhere"))).toThrow(/^cannot read .*nowhere: /);
    expect(() => readAll(folder.path)).toThrow("there is no write-ahead log here");
  });
});

test("parseSegmentName reads the names that segmentName writes", () => {
  const name = { sequence: 255n, firstIndex: 2n ** 64n - 1n };
  expect(segmentName(name)).toBe("00000000000000ff-ffffffffffffffff.wal");
  expect(parseSegmentName(segmentName(name))).toEqual(name);
  expect(parseSegmentName("0.tmp")).toBeUndefined();
});

describe("a .snap file", () => {
  const confState = {
    voters: [1n, 2n ** 64n - 1n],
    learners: [],
    votersOutgoing: [],
    learnersNext: [],
    autoLeave: false,
  };
  const snapshot = { data: Buffer.from("{}"), metadata: { confState, index: 0x1fn, term: 2n } };

  test("readSnapFile reads what encodeSnapFile writes", () => {
    const file = folder.file(snapFileName(snapshot), encodeSnapFile(snapshot));
    expect(path.basename(file)).toBe("0000000000000002-000000000000001f.snap");
    expect(readSnapFile(file)).toEqual(snapshot);
  });

  test("readSnapFile refuses a damaged file", () => {
    const bytes = Buffer.from(encodeSnapFile(snapshot));
    const file = folder.file("whole.snap", bytes);
    for (let at = 0; at < bytes.length; at++) {
      const altered = Buffer.from(readFileSync(file));
      altered[at] = (altered[at] as number) ^ 0x55;
      expect(() => readSnapFile(folder.file("altered.snap", altered))).toThrow(FormatError);
    }
    expect(() => readSnapFile(folder.file("empty.snap", Buffer.alloc(0)))).toThrow(
      "the file holds no snapshot",
    );
  });
});
