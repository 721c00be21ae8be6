// A protobuf message; the first byte selects its type. A message that was read can be written and read again unchanged.
import * as auth from "../../../src/proto/gen/authpb";
import * as rpc from "../../../src/proto/gen/etcdserverpb";
import * as lease from "../../../src/proto/gen/leasepb";
import * as mvcc from "../../../src/proto/gen/mvccpb";
import * as election from "../../../src/proto/gen/v3electionpb";
import * as lock from "../../../src/proto/gen/v3lockpb";
import type { AnyMessageType } from "../../../src/proto/message";
import { decode, encode } from "../../../src/proto/message";
import { WireError } from "../../../src/proto/wire";
import { randomMessage, seededRandom } from "../../proto/random-message";
import type { FuzzTarget } from "../target";

const types = [auth, rpc, lease, mvcc, election, lock]
  .flatMap((module) => Object.values(module) as unknown[])
  .filter((each): each is AnyMessageType => typeof (each as AnyMessageType).typeName === "string");

export const target: FuzzTarget = {
  seeds() {
    const random = seededRandom(1);
    return types.flatMap((type, at) =>
      [1, 2, 3].map(() => {
        const bytes = encode<unknown>(type, randomMessage(type, random));
        return Buffer.concat([Buffer.of(at), bytes.subarray(0, 2000)]);
      }),
    );
  },
  isExpected: (error) => error instanceof WireError,
  run(input) {
    const type = types[(input[0] ?? 0) % types.length] as AnyMessageType;
    const written = encode<unknown>(type, decode<unknown>(type, input.subarray(1)));
    const again = encode<unknown>(type, decode<unknown>(type, written));
    if (!again.equals(written)) throw new Error(`${type.typeName} does not read as it was written`);
  },
};
