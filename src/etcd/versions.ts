// The version of etcd that this program follows, and versions of three numbers as in etcd's files and flags.
// Go: github.com/coreos/go-semver (semver/semver.go)
import { ParseError, parseInt64 } from "../go/strconv";

/** The release of etcd whose command line and API this program has. */
export const etcdVersion = "3.7.1";
export const apiVersion = "3.7";
/** The version of this program, as in package.json. */
export const ownVersion = "0.1.0";

export interface Version {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
}

/** The version, or the text of Go's error. Everything from a `-` or `+` on is ignored. */
export function parseVersion(text: string): Version | string {
  const [numbers = ""] = text.split(/[-+]/);
  const parts = numbers.split(".");
  if (parts.length !== 3) return `${numbers} is not in dotted-tri format`;
  try {
    const [major, minor, patch] = parts.map((part) => parseInt64(part, 10)) as [bigint, bigint, bigint];
    return { major, minor, patch };
  } catch (error) {
    if (error instanceof ParseError) return error.message;
    throw error;
  }
}

export function isOlder(a: Version, b: Version): boolean {
  if (a.major !== b.major) return a.major < b.major;
  return a.minor !== b.minor ? a.minor < b.minor : a.patch < b.patch;
}

export function formatVersion({ major, minor, patch }: Version): string {
  return `${major}.${minor}.${patch}`;
}
