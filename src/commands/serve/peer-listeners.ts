// The flags for peers have no effect, as there are no other members. A wrong text in them is refused as etcd refuses
// it; their files are not read, as a command line may come without the files of the machine that it is for.
// Go: configurePeerListeners in server/embed/etcd.go
import { CliError, ExitCode } from "../../errors";
import { checkPort, type ServerUrl } from "../../server/cluster/urls";
import { flagText, flagUrls } from "./flag-values";
import type { ServeFlags } from "./flags";
import { cipherList } from "./tls-settings";

/** Throws CliError. The listeners themselves are not opened, so a port that is in use is none here. */
export function checkPeerListeners(flags: ServeFlags): void {
  cipherList(flags["cipher-suites"]);
  const hasNoFiles = ["cert", "key"].every((each) => flagText(flags, `peer-${each}-file`) === "");
  const makesOwn = (flags as unknown as Readonly<Record<string, unknown>>)["peer-auto-tls"] === true;
  for (const url of flagUrls(flags, "listen-peer-urls")) {
    checkPort(url);
    // A unix socket has no TLS for peers.
    if (!url.text.startsWith("https:") || !hasNoFiles || makesOwn) continue;
    const message = `cannot listen on TLS for ${boundAddress(url)}: KeyFile and CertFile are not presented`;
    throw new CliError(ExitCode.error, message, {
      hints: ["--peer-cert-file and --peer-key-file name the files"],
    });
  }
}

/** As Go prints the address of a listener, for which 0.0.0.0 is also IPv6. */
function boundAddress({ address }: ServerUrl): string {
  if ("path" in address) return address.path;
  const host = { localhost: "127.0.0.1", "0.0.0.0": "::" }[address.host] ?? address.host;
  return `${host.includes(":") ? `[${host}]` : host}:${address.port}`;
}
