// usualTlsFiles must never take what readTlsFiles refuses, but for what the runtime checks when it connects: damaged certificates and
// keys that do not fit.
import { writeFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { readTlsFiles } from "../../../src/transport/tls/files";
import { usualTlsFiles } from "../../../src/transport/tls/usual-files";
import { makeCertificates } from "../../support/certificates";
import { sharedFolder } from "../../support/work-folder";

const dir = sharedFolder();
const at = (name: string) => path.join(dir, `${name}.pem`);

beforeAll(() => {
  makeCertificates(dir);
  const text = (name: string) => readFileSync(at(name), "utf8");
  writeFileSync(at("both-cas"), text("ca") + text("other-ca"));
  writeFileSync(at("mixed"), text("ca") + text("ca-key"));
  writeFileSync(at("trusted"), text("ca").replaceAll("CERTIFICATE", "TRUSTED CERTIFICATE"));
  writeFileSync(at("encrypted"), text("client-key").replaceAll("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"));
});

const pair = { cert: "client", key: "client-key" };

test.each<[string, Record<string, string>]>([
  ["a CA file", { cacert: "ca" }],
  ["a CA file with two certificates", { cacert: "both-cas" }],
  ["a certificate and its key", pair],
  ["all three", { cacert: "ca", ...pair }],
  ["none", {}],
])("%s: the same as readTlsFiles", (_, names) => {
  const files = Object.fromEntries(Object.entries(names).map(([flag, name]) => [flag, at(name)]));
  expect(usualTlsFiles(files)).toEqual(readTlsFiles(files));
});

test.each<[string, Record<string, string>]>([
  ["a missing file", { cacert: "none" }],
  ["a CA file without a certificate", { cacert: "not-a-cert" }],
  ["a CA file with a key", { cacert: "mixed" }],
  ["a CA file with blocks of another type", { cacert: "trusted" }],
  ["a certificate without its key", { cert: "client" }],
  ["a key without its certificate", { key: "client-key" }],
  ["exchanged files", { cert: "client-key", key: "client" }],
  ["an encrypted key", { cert: "client", key: "encrypted" }],
])("%s is left to readTlsFiles", (_, names) => {
  const files = Object.fromEntries(Object.entries(names).map(([flag, name]) => [flag, at(name)]));
  expect(usualTlsFiles(files)).toBeUndefined();
});
