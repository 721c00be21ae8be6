// The checks of TLS in the executable, here with Node's certificates, which have the same methods.
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parseEndpoint, type Endpoint } from "../../../src/transport/endpoint";
import { bunTlsOptions, handshakeProblem, isSelfIssued } from "../../../src/transport/own/bun-tls";
import { tlsSetup, type TlsSetup } from "../../../src/transport/tls/setup";
import { systemClock } from "../../../src/clock";
import { makeCertificates } from "../../support/certificates";
import { sharedFolder } from "../../support/work-folder";

const dir = sharedFolder();
const pem = (name: string) => readFileSync(path.join(dir, `${name}.pem`), "utf8");
beforeAll(() => makeCertificates(dir));

function setupOf(more: Partial<TlsSetup> = {}): TlsSetup {
  const files = { cert: undefined, key: undefined, ca: [pem("ca")], caHints: [] };
  return { ...tlsSetup({ endpoints: [], clock: systemClock }, files), ...more };
}

const endpointOf = (host: string) => parseEndpoint(`https://${host}:2379`, true) as Endpoint;

describe("after the handshake", () => {
  const problem = (host: string, certificate: string, more?: Partial<TlsSetup>) =>
    handshakeProblem(
      setupOf(more),
      endpointOf(host),
      true,
      null,
      new X509Certificate(pem(certificate)) as unknown as Parameters<typeof handshakeProblem>[4],
    );

  test.each(["127.0.0.1", "[::1]", "localhost", "localhost."])("a certificate for %s is accepted", (host) => {
    expect(problem(host, "server")).toBeUndefined();
  });

  test.each([
    ["127.0.0.2", "server"],
    ["127.0.0.1", "wronghost"],
    ["example", "wronghost"],
    ["localhost", "common-name"],
    ["localhost", "ca"],
  ])("for %s, the certificate `%s` is refused", (host, certificate) => {
    expect(problem(host, certificate)?.message).toMatch(/^the server's certificate is not for /);
  });

  test("the name of the settings counts instead of the endpoint's", () => {
    expect(problem("127.0.0.1", "wronghost", { serverName: "other.example" })).toBeUndefined();
    expect(problem("127.0.0.1", "server", { serverName: "other.example" })).toBeInstanceOf(Error);
  });

  test("no certificate, a failed handshake and an error of the runtime are refused", () => {
    const failed = new Error("unable to verify the first certificate");
    const endpoint = endpointOf("localhost");
    expect(handshakeProblem(setupOf(), endpoint, true, null, undefined)).toBeInstanceOf(Error);
    expect(handshakeProblem(setupOf(), endpoint, true, failed, undefined)).toBe(failed);
    expect(handshakeProblem(setupOf(), endpoint, false, failed, undefined)).toBe(failed);
    expect(handshakeProblem(setupOf(), endpoint, false, null, undefined)).toBeInstanceOf(Error);
  });
});

test("a name is sent to the server, an IP address is not", () => {
  const sent = (host: string, more?: Partial<TlsSetup>) =>
    bunTlsOptions(setupOf(more), endpointOf(host)).serverName;
  expect(sent("etcd.example")).toBe("etcd.example");
  expect(["10.0.0.1", "[::1]"].map((host) => sent(host))).toEqual(["", ""]);
  expect(sent("10.0.0.1", { serverName: "etcd.example" })).toBe("etcd.example");
});

test("Bun may trust a certificate without its issuer only if one of the trusted ones has another issuer", () => {
  const allows = (...ca: (string | Buffer)[]) =>
    bunTlsOptions(setupOf({ ca }), endpointOf("a")).allowPartialTrustChain;
  expect(allows(pem("ca"))).toBe(false);
  expect(allows(pem("ca"), pem("server"))).toBe(true);
  expect(allows(Buffer.from(pem("ca")))).toBe(true);
});

test.each([
  ["an authority's certificate", () => pem("ca"), true],
  ["a server's certificate", () => pem("server"), false],
  ["a cut certificate", () => `${pem("ca").slice(0, 100)}\n-----END CERTIFICATE-----`, false],
  ["no certificate", () => "hello", false],
])("%s is self-issued: %s", (_, text, expected) => {
  expect(isSelfIssued(text())).toBe(expected);
});
