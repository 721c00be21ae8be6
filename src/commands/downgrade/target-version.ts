// The version that downgrade validate and enable take. Answers to the checks of etcdctl's downgrade_command.go.
import { badArgs } from "../key-range";

export function targetVersion([version, ...surplus]: readonly string[]): string {
  if (version === undefined) throw badArgs("TARGET_VERSION not provided");
  if (surplus.length > 0) throw badArgs("too many arguments");
  if (version === "") throw badArgs("target version not provided");
  return version;
}
