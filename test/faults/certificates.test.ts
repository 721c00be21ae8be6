// What a connection with TLS accepts and refuses, in the Node package and in the executable: each uses the TLS of its runtime.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { startEmbeddedServer, type EmbeddedServer } from "../../src/index";
import { makeCertificates, type TlsFiles } from "../support/certificates";
import { etcdctl, executable, startEtcdctl } from "../support/etcdctl";
import { noPartialChains, testUnless } from "../support/skip";
import { sharedFolder } from "../support/work-folder";

const dir = sharedFolder();
const at = (name: string) => path.join(dir, `${name}.pem`);
let certificate: (name: string) => TlsFiles;
const servers = new Map<string, EmbeddedServer>();

beforeAll(async () => {
  certificate = makeCertificates(dir);
  for (const name of ["server", "wronghost", "common-name", "expired", "other-server"]) {
    const { cert, key } = certificate(name);
    const tls = { cert: readFileSync(cert), key: readFileSync(key) };
    servers.set(name, await startEmbeddedServer({ tls }));
  }
  const { cert, key, ca } = certificate("server");
  const tls = { cert: readFileSync(cert), key: readFileSync(key), clientCa: [readFileSync(ca)] };
  servers.set("mutual", await startEmbeddedServer({ tls }));
});
afterAll(async () => {
  for (const server of servers.values()) await server.stop();
});

function endpointOf(name: string, host = "127.0.0.1"): string {
  return (servers.get(name) as EmbeddedServer).endpoint.replace("127.0.0.1", host);
}

/** The deadline is far away: what cannot succeed must end before it. */
const put = (endpoint: string, flags: readonly string[], env: Record<string, string> = {}) =>
  etcdctl(["put", "a", "1", "--command-timeout=1h", "--endpoints", endpoint, ...flags], { cwd: dir, env });

const clientFlags = () => {
  const { cert, key } = certificate("client");
  return ["--cacert", at("ca"), "--cert", cert, "--key", key];
};

test.each<[string, () => string, () => string[]]>([
  ["for its IP address", () => endpointOf("server"), () => ["--cacert", at("ca")]],
  ["for its name", () => endpointOf("server", "localhost"), () => ["--cacert", at("ca")]],
  [
    "of any kind with --insecure-skip-tls-verify",
    () => endpointOf("wronghost"),
    () => ["--insecure-skip-tls-verify"],
  ],
  ["if it gets a client certificate that it wants", () => endpointOf("mutual"), clientFlags],
])("a server with a certificate %s is accepted", async (_, endpoint, flags) => {
  await expect(put(endpoint(), flags())).resolves.toMatchObject({ exit: 0, stdout: "OK\n" });
});

const onlyRoots = executable ? undefined : noPartialChains;

testUnless(onlyRoots, "a server with a certificate that is itself the trusted one is accepted", async () => {
  const endpoint = endpointOf("server", "localhost");
  await expect(put(endpoint, ["--cacert", at("server")])).resolves.toMatchObject({ exit: 0, stdout: "OK\n" });
});

test.each<[string, string, () => string, string]>([
  ["for another name", "wronghost", () => "127.0.0.1", "certificate is for other.example, not for 127.0.0.1"],
  ["for another name", "wronghost", () => "localhost", "certificate is for other.example, not for localhost"],
  ["whose common name alone fits", "common-name", () => "localhost", "certificate has no host names"],
  ["that has expired", "expired", () => "localhost", "has expired"],
  ["of an unknown authority", "other-server", () => "localhost", "signed by an unknown authority"],
])("a server with a certificate %s (%s) is refused, and the hint says why", async (_, name, host, hint) => {
  const { exit, stdout, stderr } = await put(endpointOf(name, host()), ["--cacert", at("ca")]);
  expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
  expect(stderr).toContain("Error: context deadline exceeded\n");
  expect(stderr).toContain(hint);
});

test("the system's authorities do not count beside those of --cacert", async () => {
  const env = { SSL_CERT_FILE: at("ca"), NODE_EXTRA_CA_CERTS: at("ca") };
  const { exit, stderr } = await put(endpointOf("server"), ["--cacert", at("other-ca")], env);
  expect(exit).toBe(1);
  expect(stderr).toContain("signed by an unknown authority");
});

test("without --cacert the system's authorities count", async () => {
  const env = { SSL_CERT_FILE: at("ca"), SSL_CERT_DIR: "" };
  await expect(put(endpointOf("server"), [], env)).resolves.toMatchObject({ exit: 0 });
});

test("a CA file with a damaged certificate besides a good one is refused before a connection is made", async () => {
  const damaged = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  writeFileSync(at("damaged"), readFileSync(at("ca"), "utf8") + damaged);
  const { exit, stderr } = await put(endpointOf("server"), ["--cacert", at("damaged")]);
  expect(exit).toBe(128);
  expect(stderr).toMatch(/^Error: x509: malformed certificate\n/);
});

test("large values pass in both directions", async () => {
  const value = Buffer.alloc(1_000_000, "0123456789\n");
  const flags = ["--command-timeout=1h", "--endpoints", endpointOf("mutual"), ...clientFlags()];
  const writer = startEtcdctl(["put", "large", ...flags], { cwd: dir, input: value });
  expect((await writer.finish()).exit).toBe(0);
  const reader = await startEtcdctl(["get", "large", "--print-value-only", ...flags], { cwd: dir }).finish();
  expect(reader.stdout.equals(Buffer.concat([value, Buffer.from("\n")]))).toBe(true);
});
