// A .snap file, which etcd keeps beside its db file.
import { Snapshot } from "../../../src/proto/gen/snappb";
import { decode, encode } from "../../../src/proto/message";
import { crc32c } from "../../../src/storage/crc32c";
import { FormatError } from "../../../src/storage/errors";
import { encodeSnapFile, readSnapFile } from "../../../src/storage/snap";
import type { FuzzTarget } from "../target";

const metadata = {
  index: 7n,
  term: 2n,
  confState: { voters: [1n, 2n ** 64n - 1n], learners: [3n], votersOutgoing: [], learnersNext: [] },
};

export const target: FuzzTarget = {
  seeds: () => [
    encodeSnapFile({ data: Buffer.from('{"Root":null}'), metadata }),
    encodeSnapFile({ metadata }),
  ],
  fixUp(input) {
    try {
      const { data } = decode(Snapshot, input);
      const fixed = encode(Snapshot, { crc: crc32c(0, data ?? Buffer.alloc(0)), data });
      if (fixed.length === input.length) fixed.copy(input);
    } catch {
      // The message is too damaged to correct.
    }
  },
  isExpected: (error) => error instanceof FormatError,
  run(input, scratch) {
    readSnapFile(scratch.file(input));
  },
};
