// Certificates for tests, made with the openssl program: two authorities, and servers and clients of each. The files are
// NAME.pem and NAME-key.pem in one folder, with the names that the recorded transcripts use.
import { execFileSync } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import path from "node:path";

interface Leaf {
  readonly commonName: string;
  readonly authority?: "ca" | "other-ca";
  readonly names?: string;
}

const local = "IP:127.0.0.1,IP:::1,DNS:localhost";

const leaves: Readonly<Record<string, Leaf>> = {
  server: { commonName: "golden-server", names: local },
  wronghost: { commonName: "golden-wronghost", names: "DNS:other.example" },
  "common-name": { commonName: "localhost" },
  client: { commonName: "golden-client" },
  "client-root": { commonName: "root" },
  "client-alice": { commonName: "alice" },
  "other-client": { commonName: "golden-other", authority: "other-ca" },
  "other-server": { commonName: "golden-other-server", authority: "other-ca", names: local },
};

export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Fills `dir`. The result returns the paths of a certificate, its key and the authority that both sides trust. */
export function makeCertificates(dir: string): (name: string) => TlsFiles {
  for (const authority of ["ca", "other-ca"])
    issue(dir, authority, { commonName: `golden-${authority}` }, true);
  for (const [name, leaf] of Object.entries(leaves)) issue(dir, name, leaf, false);
  issueExpired(dir);
  writeFileSync(path.join(dir, "not-a-cert.pem"), "this is not a certificate\n");
  return (name) => ({
    ca: path.join(dir, "ca.pem"),
    cert: path.join(dir, `${name}.pem`),
    key: path.join(dir, `${name}-key.pem`),
  });
}

function issue(dir: string, name: string, leaf: Leaf, isAuthority: boolean): void {
  const extensions = isAuthority
    ? ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign", "subjectKeyIdentifier=hash"]
    : [
        "basicConstraints=CA:FALSE",
        "keyUsage=critical,digitalSignature",
        "extendedKeyUsage=serverAuth,clientAuth",
        ...(leaf.names === undefined ? [] : [`subjectAltName=${leaf.names}`]),
      ];
  const config = path.join(dir, `${name}.cnf`);
  const text = `[req]\ndistinguished_name=dn\nx509_extensions=v3\nprompt=no\n[dn]\nCN=${leaf.commonName}\n[v3]\n`;
  writeFileSync(config, text + extensions.join("\n") + "\n");
  const authority = leaf.authority ?? "ca";
  const signer = isAuthority ? [] : ["-CA", `${authority}.pem`, "-CAkey", `${authority}-key.pem`];
  const key = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-keyout",
    `${name}-key.pem`,
  ];
  execFileSync(
    "openssl",
    ["req", "-x509", ...key, ...signer, "-days", "30", "-config", config, "-out", `${name}.pem`],
    { cwd: dir, stdio: "pipe" },
  );
}

/** `openssl req` cannot set a past end; `openssl ca` can, but needs a database file. */
function issueExpired(dir: string): void {
  const config = `[ca]\ndefault_ca=d\n[d]\ndatabase=index\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256
policy=p\nx509_extensions=v3\n[p]\ncommonName=supplied\n[v3]\nbasicConstraints=CA:FALSE\nsubjectAltName=${local}\n`;
  writeFileSync(path.join(dir, "ca.cnf"), config);
  writeFileSync(path.join(dir, "index"), "");
  const openssl = (line: string) => execFileSync("openssl", line.split(" "), { cwd: dir, stdio: "pipe" });
  openssl("req -new -key server-key.pem -subj /CN=golden-expired -out expired.csr");
  copyFileSync(path.join(dir, "server-key.pem"), path.join(dir, "expired-key.pem"));
  const dates = "-startdate 20200101000000Z -enddate 20200102000000Z";
  openssl(
    `ca -batch -notext -config ca.cnf -keyfile ca-key.pem -cert ca.pem -in expired.csr -out expired.pem ${dates}`,
  );
}
