// The errors of etcd's parser for the flags of `serve`: Go's flag package has other texts than pflag, and exit code 2.
// Go: flag (flag.go), pkg/flags (unique_urls.go, selective_string.go)
import { CliError, type ErrorDetails } from "../../errors";
import { quote } from "../../go/quote";
import { parseUrls } from "../../server/cluster/urls";
import { parseFeatureGates } from "../../server/member/feature-gates";

/** Of Go's flag.ExitOnError, as etcd uses it. */
export const flagExitCode = 2;

const urlFlags = [
  "advertise-client-urls",
  "initial-advertise-peer-urls",
  "listen-client-http-urls",
  "listen-client-urls",
  "listen-metrics-urls",
  "listen-peer-urls",
];

const choices: Readonly<Record<string, readonly string[]>> = {
  "initial-cluster-state": ["new", "existing"],
  "discovery-fallback": ["exit", "proxy"],
  "v2-deprecation": ["write-only", "write-only-skip-check", "write-only-drop-data", "gone"],
};

/** Where values come from: how an error names the place of a wrong one, and its exit code. */
export interface Origin {
  readonly exitCode: number;
  placeOf(flag: string): string;
}

const commandLine: Origin = { exitCode: flagExitCode, placeOf: (flag) => `flag -${flag}` };

/** Throws CliError for the first value that etcd's parser refuses. An empty list of URLs means the default, as in etcd. */
export function checkValues(values: object, origin = commandLine): void {
  const wrongValue = (name: string, text: string, reason: string, details: ErrorDetails = {}) =>
    new CliError(
      origin.exitCode,
      `invalid value ${quote(text)} for ${origin.placeOf(name)}: ${reason}`,
      details,
    );
  const texts = values as Readonly<Record<string, unknown>>;
  for (const name of urlFlags) {
    const text = String(texts[name] ?? "");
    if (text === "") continue;
    try {
      parseUrls(text.split(","));
    } catch (cause) {
      const hints = text.includes("://") ? [] : [`a URL begins with its scheme: http://${text}`];
      throw wrongValue(name, text, (cause as Error).message, { cause, hints });
    }
  }
  const origins = String(texts["cors"] ?? "*");
  const wrong = origins === "*" ? undefined : origins.split(",").find((each) => !/^\s*https?:/.test(each));
  if (wrong !== undefined) {
    throw wrongValue("cors", origins, `URL scheme must be http, https, unix, or unixs: ${wrong.trim()}`);
  }
  const streams = Number(texts["max-concurrent-streams"] ?? 0);
  if (streams >= 2 ** 32) {
    const text = String(BigInt(streams));
    throw wrongValue(
      "max-concurrent-streams",
      text,
      `strconv.ParseUint: parsing ${quote(text)}: value out of range`,
    );
  }
  const features = String(texts["feature-gates"] ?? "");
  try {
    parseFeatureGates(features);
  } catch (cause) {
    throw wrongValue("feature-gates", features, (cause as Error).message, { cause });
  }
  for (const [name, allowed] of Object.entries(choices)) {
    const text = String(texts[name] ?? allowed[0]);
    if (allowed.includes(text)) continue;
    // In etcd this flag alone is a list, whose error names the item.
    throw wrongValue(
      name,
      text,
      name === "v2-deprecation" ? `invalid value ${quote(text)}` : "invalid value",
    );
  }
}

/** pflag's message in the words of Go's flag package. */
export function goFlagMessage(message: string): string {
  const [, text, name, reason = ""] =
    /^invalid argument ("(?:[^"\\]|\\.)*") for "(?:-\w, )?--([\w-]+)" flag: (.*)$/s.exec(message) ?? [];
  if (text === undefined) {
    return message
      .replace(/^unknown flag: --/, "flag provided but not defined: -")
      .replace(/^unknown shorthand flag: '.' in -/su, "flag provided but not defined: -")
      .replace(/^flag needs an argument: --/, "flag needs an argument: -");
  }
  if (reason.includes("ParseBool")) return `invalid boolean value ${text} for -${name}: parse error`;
  return `invalid value ${text} for flag -${name}: ${goReason(name, reason)}`;
}

/** Go's flag package does not keep the reason of its parsers. */
export function goReason(flag: string | undefined, reason: string): string {
  // A type of etcd, which keeps it.
  if (flag === "max-concurrent-streams") return reason;
  return reason.includes("value out of range") ? "value out of range" : "parse error";
}
