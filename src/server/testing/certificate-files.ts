// The certificates of a server with `tls: true`, as PEM texts and as files for clients that need paths.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TlsOptions } from "../../transport/transport";
import type { ServerTls } from "../http/tls-server";
import type { Authority, KeyAndCertificate } from "./certificates";

/** A certificate and its key, as PEM texts and as files. */
export interface IssuedCertificate {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** A self-signed certificate for a server. `hosts` are names and IP addresses. */
export async function makeSelfSigned(hosts: readonly string[], years: number): Promise<KeyAndCertificate> {
  const certificates = await import("./certificates");
  return certificates.makeSelfSigned(hosts, years * 365);
}

/** The authority of one server for tests. The files exist until the server has stopped. */
export class ServerCertificates {
  /** The certificate of the authority (PEM), which clients must trust. */
  readonly ca: string;
  /** The path of a file with `ca`. */
  readonly caFile: string;
  private holders = 0;

  private constructor(
    private readonly folder: string,
    private readonly authority: Authority,
    /** For 127.0.0.1, ::1 and localhost. */
    readonly server: IssuedCertificate,
    /** Of the user `root`: its common name is the user for a server with `auth.clientCertAuth`. */
    readonly client: IssuedCertificate,
  ) {
    this.ca = authority.ca;
    this.caFile = path.join(folder, "ca.pem");
  }

  static async make(): Promise<ServerCertificates> {
    const { makeAuthority } = await import("./certificates");
    const folder = mkdtempSync(path.join(tmpdir(), "etcdctl-tls-"));
    try {
      const authority = await makeAuthority();
      writeFileSync(path.join(folder, "ca.pem"), authority.ca);
      const server = await issue(folder, authority, "server", "localhost");
      return new ServerCertificates(
        folder,
        authority,
        server,
        await issue(folder, authority, "client", "root"),
      );
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** The option `tls` of `connect`, with the client certificate. */
  get clientTls(): TlsOptions {
    return { cacert: this.caFile, cert: this.client.certFile, key: this.client.keyFile };
  }

  /** Makes a certificate with another common name, for example that of a user. */
  issue(commonName: string): Promise<IssuedCertificate> {
    return issue(this.folder, this.authority, `client-${encodeURIComponent(commonName)}`, commonName);
  }

  /** What the listener needs. */
  serverTls(requireClientCert: boolean): ServerTls {
    const { cert, key } = this.server;
    return { cert, key, clientCa: requireClientCert ? [this.ca] : undefined };
  }

  /** Keeps the files until the returned function has been called, by every holder. */
  hold(): () => void {
    this.holders++;
    return () => {
      if (--this.holders === 0) rmSync(this.folder, { recursive: true, force: true });
    };
  }
}

async function issue(
  folder: string,
  authority: Authority,
  name: string,
  commonName: string,
): Promise<IssuedCertificate> {
  const { cert, key } = await authority.issue(commonName);
  const certFile = path.join(folder, `${name}.pem`);
  const keyFile = path.join(folder, `${name}-key.pem`);
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key, { mode: 0o600 });
  return { cert, key, certFile, keyFile };
}
