// `--peer-urls`, as member add and update take it: text with commas, not a repeatable list. The URLs themselves are looked at
// when there is a client, since Go's client does it. Answers to etcdctl's member_command.go and client/pkg/types/urls.go.
import { CliError, ExitCode } from "../../errors";
import { parseUrl } from "../../goformat/url";
import { parsedAs } from "../failures";
import type { FlagTable } from "../flags";
import { badArgs } from "../key-range";

export const peerUrlsFlag = {
  "peer-urls": {
    kind: "string",
    default: "",
    usage: "the URLs at which the other members reach it, separated by commas",
  },
} as const satisfies FlagTable;

export function peerUrls(text: string): string[] {
  if (text === "") throw badArgs("member peer urls not provided");
  return text.split(",");
}

export function checkPeerUrls(urls: readonly string[]): void {
  for (const url of urls) checkPeerUrl(url.trim());
}

function checkPeerUrl(url: string): void {
  const { scheme, host, path } = parsedAs(ExitCode.error, () => parseUrl(url));
  if (scheme === "unix" || scheme === "unixs") return;
  if (scheme !== "http" && scheme !== "https") {
    throw new CliError(ExitCode.error, `URL scheme must be http, https, unix, or unixs: ${url}`);
  }
  if (!/^(\[[^\]]*\]|[^:[\]]*):\d*$/.test(host)) {
    throw new CliError(ExitCode.error, `URL address does not have the form "host:port": ${url}`);
  }
  if (path !== "") throw new CliError(ExitCode.error, `URL must not contain a path: ${url}`);
}
