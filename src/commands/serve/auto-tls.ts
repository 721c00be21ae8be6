// --auto-tls: a self-signed certificate, made once and kept in the data dir, where etcd keeps it.
// Go: ClientSelfCert in server/embed/config.go, SelfCert in client/pkg/transport/listener.go
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { CliError, ExitCode } from "../../errors";
import { makeDirectories, withPath } from "../../storage/files";
import { flagUrls } from "./flag-values";
import type { ServeFlags } from "./flags";

/** The settings with the paths of the certificate and its key. Given files win, as in etcd. */
export async function withAutoTls(flags: ServeFlags): Promise<ServeFlags> {
  if (!flags["auto-tls"] || flags["cert-file"] !== "" || flags["key-file"] !== "") return flags;
  const dataDir = flags["data-dir"];
  if (dataDir === "") {
    throw new CliError(ExitCode.error, "--auto-tls needs --data-dir, where it keeps the certificate");
  }
  const years = flags["self-signed-cert-validity"];
  if (years === 0) {
    throw new CliError(ExitCode.error, "selfSignedCertValidity is invalid,it should be greater than 0");
  }
  const folder = path.resolve(dataDir, "fixtures", "client");
  const files = { cert: path.join(folder, "cert.pem"), key: path.join(folder, "key.pem") };
  if (!existsSync(files.cert) || !existsSync(files.key)) {
    const { makeSelfSigned } = await import("../../server/testing/certificate-files");
    const { cert, key } = await makeSelfSigned(hostsOf(flags), years);
    await withPath("mkdir", folder, makeDirectories(folder));
    await withPath("write", files.key, writeFile(files.key, key, { mode: 0o600 }));
    await withPath("write", files.cert, writeFile(files.cert, cert));
  }
  return { ...flags, "cert-file": files.cert, "key-file": files.key };
}

function hostsOf(flags: ServeFlags): string[] {
  const urls = [...flagUrls(flags, "listen-client-urls"), ...flagUrls(flags, "listen-client-http-urls")];
  return urls.flatMap(({ address }) => ("host" in address ? [address.host] : []));
}
