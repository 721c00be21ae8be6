// Reads and checks the files of --cacert, --cert and --key before the client dials, with Go's error texts and exit code 128.
// A CA file without a certificate is no error here, as in Go; the connection fails instead.
// Go: client/pkg/transport/listener.go (TLSInfo.ClientConfig), client/pkg/tlsutil/tlsutil.go, crypto/tls/tls.go (X509KeyPair)
import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { CliError, ExitCode } from "../../errors";
import { osErrorReason } from "../../go/os";
import type { TlsOptions } from "../transport";
import { describeBlock, pemBlocks, wrongFileHints, type PemBlock, type Role } from "./contents";

export interface TlsFiles {
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
  /** Undefined: no CA file was named. Empty: the file has no certificate. */
  readonly ca: readonly string[] | undefined;
  /** What the CA file is instead, if it has no certificate. */
  readonly caHints: readonly string[];
}

export function readTlsFiles(tls: TlsOptions): TlsFiles {
  const pair = tls.cert || tls.key ? readKeyPair(tls.cert ?? "", tls.key ?? "") : undefined;
  const authorities = tls.cacert ? readAuthorities(tls.cacert) : undefined;
  return { cert: pair?.cert, key: pair?.key, ca: authorities?.texts, caHints: authorities?.hints ?? [] };
}

function readKeyPair(certFile: string, keyFile: string): { cert: Buffer; key: Buffer } {
  if (certFile === "" || keyFile === "") {
    throw bad(`KeyFile and CertFile must both be present[key: ${keyFile}, cert: ${certFile}]`, [
      "a client certificate needs both --cert and --key",
    ]);
  }
  const cert = readFile("--cert", certFile);
  const key = readFile("--key", keyFile);
  checkKeyPair(cert, key, certFile, keyFile);
  return { cert, key };
}

function checkKeyPair(cert: Buffer, key: Buffer, certFile: string, keyFile: string): void {
  const certificate = parseCertificate(findCertificate(cert, certFile), certFile);
  const privateKey = parseKey(findKey(key, keyFile), keyFile, key);
  const publicKey = certificate.publicKey;
  if (publicKey.asymmetricKeyType !== privateKey.asymmetricKeyType) {
    throw bad("tls: private key type does not match public key type", [
      `${keyFile} is not the key of ${certFile}`,
    ]);
  }
  if (!certificate.checkPrivateKey(privateKey)) {
    throw bad("tls: private key does not match public key", [`${keyFile} is not the key of ${certFile}`]);
  }
}

function findCertificate(data: Buffer, file: string): PemBlock {
  const blocks = pemBlocks(data);
  const found = blocks.find(({ type }) => type === "CERTIFICATE");
  if (found) return found;
  const hints = wrongFileHints("--cert", file, data);
  if (blocks.length === 0) throw bad("tls: failed to find any PEM data in certificate input", hints);
  if (blocks.length === 1 && isKey(blocks[0])) {
    throw bad(
      "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched",
      hints,
    );
  }
  throw bad(
    `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: ${typesOf(blocks)}`,
    hints,
  );
}

function findKey(data: Buffer, file: string): PemBlock {
  const blocks = pemBlocks(data);
  const found = blocks.find(isKey);
  if (found) return found;
  const hints = wrongFileHints("--key", file, data);
  if (blocks.length === 0) throw bad("tls: failed to find any PEM data in key input", hints);
  if (blocks.length === 1 && blocks[0]?.type === "CERTIFICATE") {
    throw bad("tls: found a certificate rather than a key in the PEM for the private key", hints);
  }
  throw bad(
    `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: ${typesOf(blocks)}`,
    hints,
  );
}

function parseCertificate(block: PemBlock, file: string): X509Certificate {
  try {
    return new X509Certificate(block.text);
  } catch (cause) {
    throw bad("x509: malformed certificate", [`the certificate in ${file} is damaged`], cause);
  }
}

function parseKey(block: PemBlock, file: string, data: Buffer): KeyObject {
  try {
    return createPrivateKey(block.text);
  } catch (cause) {
    const isPlain = describeBlock(block) === "a private key";
    const hints = isPlain ? [`the private key in ${file} is damaged`] : wrongFileHints("--key", file, data);
    throw bad("tls: failed to parse private key", hints, cause);
  }
}

function readAuthorities(file: string): { texts: string[]; hints: string[] } {
  const data = readFile("--cacert", file);
  const blocks = pemBlocks(data);
  const texts = blocks.map((block) => {
    const text = block.text.replaceAll(block.type, "CERTIFICATE"); // Go takes every PEM block as a certificate
    try {
      return parseCertificate({ type: "CERTIFICATE", text }, file) && text;
    } catch (cause) {
      const what = describeBlock(block);
      if (what === undefined) throw cause;
      const isMixed = blocks.some(({ type }) => type === "CERTIFICATE");
      const mixed = `${file} contains ${what} besides certificates; --cacert takes only certificates`;
      throw bad(
        malformed(block),
        isMixed ? [mixed] : wrongFileHints("--cacert", file, data),
        (cause as CliError).cause,
      );
    }
  });
  return { texts, hints: texts.length === 0 ? wrongFileHints("--cacert", file, data) : [] };
}

/** Where Go's parser of certificates stops in something else. */
function malformed(block: PemBlock): string {
  switch (block.type) {
    case "PRIVATE KEY":
    case "EC PRIVATE KEY":
    case "RSA PRIVATE KEY":
    case "PKCS7": {
      const isEncrypted = block.text.includes("\nProc-Type:");
      return isEncrypted ? "x509: malformed certificate" : "x509: malformed tbs certificate";
    }
    case "ENCRYPTED PRIVATE KEY":
    case "PUBLIC KEY":
      return "x509: malformed serial number";
    case "CERTIFICATE REQUEST":
      return "x509: inner and outer signature algorithm identifiers don't match";
    default:
      return "x509: malformed certificate";
  }
}

function readFile(role: Role, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    // Go opens a directory without an error, and fails to read it.
    const operation = (cause as NodeJS.ErrnoException).code === "EISDIR" ? "read" : "open";
    throw bad(`${operation} ${file}: ${osErrorReason(cause)}`, [`${role} names this file`], cause);
  }
}

function isKey(block: PemBlock | undefined): boolean {
  return block?.type.endsWith("PRIVATE KEY") ?? false;
}

function typesOf(blocks: readonly PemBlock[]): string {
  return `[${blocks.map(({ type }) => type).join(" ")}]`;
}

function bad(message: string, hints: readonly string[], cause?: unknown): CliError {
  return new CliError(ExitCode.badArgs, message, { hints, cause });
}
