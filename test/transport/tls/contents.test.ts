// A file of another kind than the flag takes: Go's error, and a hint that says what the file is. The openssl program makes the files.
import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CliError } from "../../../src/errors";
import { wrongFileHints } from "../../../src/transport/tls/contents";
import { readTlsFiles } from "../../../src/transport/tls/files";
import type { TlsOptions } from "../../../src/transport/transport";
import { makeCertificates } from "../../support/certificates";
import { sharedFolder } from "../../support/work-folder";

const dir = sharedFolder();
const at = (name: string) => path.join(dir, name);

const made: Readonly<Record<string, string>> = {
  "client.p12": "pkcs12 -export -in client.pem -inkey client-key.pem -passout pass:x",
  "encrypted.pem": "pkcs8 -topk8 -in client-key.pem -passout pass:x",
  "encrypted.der": "pkcs8 -topk8 -in client-key.pem -passout pass:x -outform DER",
  "encrypted-ec.pem": "ec -in client-key.pem -aes256 -passout pass:x",
  "client.der": "x509 -in client.pem -outform DER",
  "key.der": "pkey -in client-key.pem -outform DER",
  "key-ec.der": "ec -in client-key.pem -outform DER",
  "request.pem": "req -new -key client-key.pem -subj /CN=x",
  "request.der": "req -new -key client-key.pem -subj /CN=x -outform DER",
  "public.pem": "pkey -in client-key.pem -pubout",
  "public.der": "pkey -in client-key.pem -pubout -outform DER",
  "client.p7b": "crl2pkcs7 -nocrl -certfile client.pem",
  "client-der.p7b": "crl2pkcs7 -nocrl -certfile client.pem -outform DER",
};

beforeAll(() => {
  makeCertificates(dir);
  for (const [name, command] of Object.entries(made)) {
    execFileSync("openssl", [...command.split(" "), "-out", name], { cwd: dir, stdio: "pipe" });
  }
  copyFileSync(at("client-key.pem"), at("key.pem"));
  writeFileSync(at("empty.pem"), "");
  writeFileSync(at("cut.pem"), readFileSync(at("client.pem")).subarray(0, 200));
  writeFileSync(
    at("other.pem"),
    "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n",
  );
  writeFileSync(
    at("ssh.pem"),
    "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
  );
  writeFileSync(at("store.jks"), Buffer.from("feedfeed00000002", "hex"));
  writeFileSync(at("bundle.pem"), Buffer.concat([readFileSync(at("ca.pem")), readFileSync(at("key.pem"))]));
});

function failureOf(tls: TlsOptions): CliError {
  try {
    readTlsFiles(tls);
  } catch (error) {
    if (error instanceof CliError) return error;
  }
  throw new Error("did not fail as it should");
}

/** The errors are those of etcdctl 3.7.1 for the same files. */
describe("a CA file with something else fails with Go's error and says what it is", () => {
  const needs = "--cacert takes a certificate in PEM format";
  test.each([
    ["key.pem", "malformed tbs certificate", `is a private key; ${needs}`],
    ["encrypted.pem", "malformed serial number", `is an encrypted private key; ${needs}`],
    ["encrypted-ec.pem", "malformed certificate", `is an encrypted private key; ${needs}`],
    ["public.pem", "malformed serial number", `is a public key; ${needs}`],
    ["client.p7b", "malformed tbs certificate", `is a PKCS#7 file; ${needs}`],
    ["ssh.pem", "malformed certificate", `is an OpenSSH private key; ${needs}`],
    ["other.pem", "malformed certificate", `contains a block "EC PARAMETERS"; ${needs}`],
    [
      "request.pem",
      "inner and outer signature algorithm identifiers don't match",
      `is a certificate request; ${needs}`,
    ],
    [
      "bundle.pem",
      "malformed tbs certificate",
      "contains a private key besides certificates; --cacert takes only certificates",
    ],
  ])("%s", (name, error, hint) => {
    const { message, hints } = failureOf({ cacert: at(name) });
    expect({ message, hint: hints[0] }).toEqual({ message: `x509: ${error}`, hint: `${at(name)} ${hint}` });
  });

  test.each(["client.p12", "client.der", "empty.pem", "cut.pem"])(
    "%s has no PEM data, which only the connection reports",
    (name) => {
      const { ca, caHints } = readTlsFiles({ cacert: at(name) });
      expect(ca).toEqual([]);
      expect(caHints[0]).toContain(`; ${needs}`);
    },
  );
});

describe("the hint says what the file is", () => {
  test.each([
    ["client.p12", "is a PKCS#12 file"],
    ["client.der", "is a certificate in DER format"],
    ["key.der", "is a private key in DER format"],
    ["key-ec.der", "is a private key in DER format"],
    ["encrypted.der", "is an encrypted private key in DER format"],
    ["request.der", "is a certificate request in DER format"],
    ["public.der", "is a public key in DER format"],
    ["client-der.p7b", "is a PKCS#7 file"],
    ["store.jks", "is a Java keystore"],
    ["empty.pem", "is empty"],
    ["cut.pem", "is cut off: its PEM block has no end"],
    ["not-a-cert.pem", "contains no PEM data"],
  ])("%s", (name, what) => {
    for (const role of ["--cacert", "--cert", "--key"] as const) {
      const [hint] = wrongFileHints(role, at(name), readFileSync(at(name)));
      const wanted = role === "--key" ? "a private key" : "a certificate";
      expect(hint).toBe(`${at(name)} ${what}; ${role} takes ${wanted} in PEM format`);
    }
  });

  test("and for switched files which flag takes it", () => {
    expect(failureOf({ cert: at("key.pem"), key: at("client.pem") }).hints).toEqual([
      `${at("key.pem")} is a private key: pass it with --key; --cert takes a certificate in PEM format`,
    ]);
    expect(failureOf({ cert: at("client.pem"), key: at("client.pem") }).hints).toEqual([
      `${at("client.pem")} is a certificate: pass it with --cert; --key takes a private key in PEM format`,
    ]);
  });
});

test.each(["encrypted.pem", "encrypted-ec.pem"])("an encrypted key (%s) is not called damaged", (name) => {
  const { message, hints } = failureOf({ cert: at("client.pem"), key: at(name) });
  expect(message).toBe("tls: failed to parse private key");
  expect(hints).toEqual([
    `${at(name)} is an encrypted private key; --key takes a private key in PEM format`,
    `to convert it: openssl pkey -in ${at(name)} -out key.pem (asks for the passphrase)`,
  ]);
});

test.each([
  ["--cert", "client.p12"],
  ["--cacert", "client.p7b"],
  ["--cert", "client-der.p7b"],
  ["--cert", "client.der"],
  ["--key", "key.der"],
  ["--key", "client.p12"],
] as const)("the command that the hint shows for %s %s makes a file that is accepted", (role, name) => {
  const command = wrongFileHints(role, name, readFileSync(at(name)))[1]?.replace("to convert it: ", "");
  const [program = "", ...args] = (command ?? "").split(" ");
  const output = args.indexOf("-out") + 1;
  args[output] = "converted.pem";
  const password = name.endsWith(".p12") ? ["-passin", "pass:x"] : [];
  execFileSync(program, [...args, ...password], { cwd: dir, stdio: "pipe" });
  const pair = { cert: at("client.pem"), key: at("key.pem") };
  const named = {
    "--cacert": { cacert: at("converted.pem") },
    "--cert": { ...pair, cert: at("converted.pem") },
  };
  const tls = role === "--key" ? { ...pair, key: at("converted.pem") } : named[role];
  expect(() => readTlsFiles(tls)).not.toThrow();
});

test("no bytes make the description of a file fail", () => {
  const whole = readFileSync(at("client.der"));
  for (let length = 0; length < 64; length++) {
    for (const bytes of [whole.subarray(0, length), Buffer.alloc(length, 0x30), Buffer.alloc(length, 0x84)]) {
      expect(wrongFileHints("--cert", "f", bytes)).toHaveLength(1);
    }
  }
});
