// A lease's ID as typed: hexadecimal, 64 bits. Answers to leaseFromArgs in etcdctl's lease_command.go.
import { ExitCode } from "../../errors";
import { parseInt64 } from "../../goformat/parse-int";
import { parsedAs } from "../failures";

export function parseLeaseId(text: string): bigint {
  return parsedAs(
    ExitCode.badArgs,
    () => parseInt64(text, 16),
    (reason) => `bad lease ID arg (${reason}), expecting ID in Hex`,
  );
}
