// Throw-away certificates for tests, made with the openssl program: an authority, a stranger's authority, servers and clients.
// Files are NAME.pem and NAME-key.pem in one folder, named as the recorded transcripts name them.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
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

/** Fills `dir`; returns the paths of one certificate, its key and the authority both sides trust. */
export function makeCertificates(dir: string): (name: string) => TlsFiles {
  for (const authority of ["ca", "other-ca"])
    issue(dir, authority, { commonName: `golden-${authority}` }, true);
  for (const [name, leaf] of Object.entries(leaves)) issue(dir, name, leaf, false);
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
