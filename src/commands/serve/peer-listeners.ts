// The flags for peers have no effect, as there are no other members, but what etcd refuses at its start is refused here too:
// the same command line must not start one and not the other.
// Go: configurePeerListeners in server/embed/etcd.go, client/pkg/transport/listener_tls.go
import { CliError, ExitCode } from "../../errors";
import { checkPort, type ServerUrl } from "../../server/cluster/urls";
import { flagText, flagUrls } from "./flag-values";
import type { ServeFlags } from "./flags";
import { checkTlsInfo, listOf, type TlsInfo } from "./tls-info";
import { cipherList } from "./tls-settings";

/** Throws CliError. The listeners themselves are not opened, so a port that is in use is none here. */
export function checkPeerListeners(flags: ServeFlags): void {
  cipherList(flags["cipher-suites"]);
  const text = (name: string) => flagText(flags, `peer-${name}`);
  const info: TlsInfo = {
    flags: "peer-",
    cert: text("cert-file"),
    key: text("key-file"),
    clientCert: text("client-cert-file"),
    clientKey: text("client-key-file"),
    ca: text("trusted-ca-file"),
    names: listOf(text("cert-allowed-cn")),
    hosts: listOf(text("cert-allowed-hostname")),
  };
  const isEmpty = info.cert === "" && info.key === "";
  const makesOwn = (flags as unknown as Readonly<Record<string, unknown>>)["peer-auto-tls"] === true;
  for (const url of flagUrls(flags, "listen-peer-urls")) {
    checkPort(url);
    // A unix socket has no TLS for peers.
    if (!url.text.startsWith("https:") || !isEmpty || makesOwn) continue;
    const message = `cannot listen on TLS for ${boundAddress(url)}: KeyFile and CertFile are not presented`;
    throw new CliError(ExitCode.error, message, {
      hints: ["--peer-cert-file and --peer-key-file name the files"],
    });
  }
  checkTlsInfo(info);
}

/** As Go prints the address of a listener, for which 0.0.0.0 is also IPv6. */
function boundAddress({ address }: ServerUrl): string {
  if ("path" in address) return address.path;
  const host = { localhost: "127.0.0.1", "0.0.0.0": "::" }[address.host] ?? address.host;
  return `${host.includes(":") ? `[${host}]` : host}:${address.port}`;
}
