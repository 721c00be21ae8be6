import { writeFileSync } from "node:fs";
import path from "node:path";
import { CliError } from "../../../src/errors";
import { readTlsFiles } from "../../../src/transport/tls/files";
import type { TlsOptions } from "../../../src/transport/transport";
import { makeCertificates } from "../../support/certificates";
import { sharedFolder } from "../../support/work-folder";

const dir = sharedFolder();
const at = (name: string) => path.join(dir, name);
beforeAll(() => {
  makeCertificates(dir);
  writeFileSync(at("damaged.pem"), "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
  writeFileSync(at("damaged-key.pem"), "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n");
});

function failureOf(tls: TlsOptions): CliError {
  try {
    readTlsFiles(tls);
  } catch (error) {
    if (error instanceof CliError) return error;
  }
  throw new Error("did not fail as it should");
}

describe("the TLS files", () => {
  test("are read when key and certificate match", () => {
    const files = readTlsFiles({ cacert: at("ca.pem"), cert: at("client.pem"), key: at("client-key.pem") });
    expect(files.ca).toHaveLength(1);
    expect(files.cert?.toString()).toContain("BEGIN CERTIFICATE");
  });

  test("may include a CA file without a certificate, which makes only the connection fail", () => {
    expect(readTlsFiles({ cacert: at("not-a-cert.pem") }).ca).toEqual([]);
  });

  test.each([
    [{ cacert: at("nope") }, `open ${at("nope")}: no such file or directory`],
    [{ cacert: dir }, `read ${dir}: is a directory`],
    [
      { cert: at("client.pem") },
      `KeyFile and CertFile must both be present[key: , cert: ${at("client.pem")}]`,
    ],
    [
      { key: at("client-key.pem") },
      `KeyFile and CertFile must both be present[key: ${at("client-key.pem")}, cert: ]`,
    ],
    [{ cert: at("nope"), key: at("none") }, `open ${at("nope")}: no such file or directory`],
    [{ cert: at("client.pem"), key: at("server-key.pem") }, "tls: private key does not match public key"],
    [
      { cert: at("not-a-cert.pem"), key: at("client-key.pem") },
      "tls: failed to find any PEM data in certificate input",
    ],
    [{ cert: at("client.pem"), key: at("not-a-cert.pem") }, "tls: failed to find any PEM data in key input"],
    [
      { cert: at("client-key.pem"), key: at("client.pem") },
      "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched",
    ],
    [
      { cert: at("client.pem"), key: at("client.pem") },
      "tls: found a certificate rather than a key in the PEM for the private key",
    ],
    [{ cert: at("damaged.pem"), key: at("client-key.pem") }, "x509: malformed certificate"],
    [{ cert: at("client.pem"), key: at("damaged-key.pem") }, "tls: failed to parse private key"],
  ])("%j fail with Go's text and exit code 128", (tls, message) => {
    expect(failureOf(tls)).toMatchObject({ message, exitCode: 128 });
  });

  test.each([
    [{ cacert: at("nope") }, "--cacert names this file"],
    [{ cert: at("nope"), key: at("client-key.pem") }, "--cert names this file"],
    [{ cert: at("client.pem"), key: at("nope") }, "--key names this file"],
  ])("%j cannot be read: a hint has the flag", (tls, hint) => {
    expect(failureOf(tls)).toMatchObject({ hints: [hint] });
  });
});
