// `--consistency`, as get and member list take it. Answers to IsSerializable in etcdctl's util.go.
import { CliError, ExitCode } from "../errors";
import { quote } from "../goformat/quote";

export const consistencyFlag = {
  kind: "string",
  default: "l",
  usage: "l: linearizable, agreed on by the cluster; s: serializable, whatever the member has",
  values: ["l", "s"],
} as const;

/** `shown` is the value that the error names. */
export function isSerializable(value: string, shown = value): boolean {
  if (value === "s") return true;
  if (value === "l") return false;
  throw new CliError(ExitCode.badFeature, `unknown consistency flag ${quote(shown)}`);
}
