// The listeners of `serve`: URLs, TLS files and who may connect.
import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import tls from "node:tls";
import { connect } from "../../../src/client/library/client";
import { command } from "../../../src/commands/serve";
import { CliError } from "../../../src/errors";
import { makeCertificates, type TlsFiles } from "../../support/certificates";
import { httpRequest } from "../../support/http-request";
import { runCommand } from "../../support/run-command";
import type { TestIo } from "../../support/test-io";
import { until } from "../../support/until";
import { workFolder } from "../../support/work-folder";

const folder = workFolder();

/** Starts the command. Runs `use` with the URLs that it prints, and stops it. Returns what it has printed on stderr. */
async function serving(
  flags: readonly string[],
  use: (urls: readonly string[], io: TestIo) => Promise<void>,
): Promise<string> {
  let io: TestIo | undefined;
  let failure: unknown;
  const ran = runCommand(command, flags, { before: (each) => (io = each) });
  ran.catch((error: unknown) => (failure = error));
  const urls = await until("the address", () => {
    const text = io?.stdout.text ?? "";
    if (failure !== undefined) return [];
    return /^serving on/m.test(text)
      ? [...text.matchAll(/ on (\S+)/g)].map(([, url = ""]) => url)
      : undefined;
  });
  if (failure !== undefined) throw failure as Error;
  try {
    await use(urls, io as TestIo);
  } finally {
    io?.sendSignal("SIGTERM");
  }
  return (await ran).stderr;
}

const refusal = async (...flags: string[]) => {
  const error: unknown = await serving(flags, async () => undefined).catch((each: unknown) => each);
  if (!(error instanceof CliError)) throw new Error("it was not refused", { cause: error });
  return [error.message, ...error.hints].join("\n");
};

const get = async (url: string, headers: Record<string, string> = {}, method = "GET") => {
  const { status, headers: answered, body } = await httpRequest({ url, headers, method });
  return { status, cors: answered["access-control-allow-origin"], body: body.toString() };
};

describe("listen URLs", () => {
  test("for metrics serve health and metrics, and nothing else", async () => {
    const flags = ["--listen-client-urls=http://127.0.0.1:0", "--listen-metrics-urls=http://127.0.0.1:0"];
    await serving(flags, async ([metrics = "", client = ""]) => {
      expect(metrics).not.toBe(client);
      expect((await get(`${metrics}/metrics`)).body).toContain("etcd_server_has_leader 1");
      expect((await get(`${metrics}/health`)).status).toBe(200);
      expect((await get(`${metrics}/readyz/data_corruption`)).status).toBe(200);
      expect((await get(`${metrics}/version`)).status).toBe(404);
      expect((await get(`${metrics}/v3/kv/range`, {}, "POST")).status).toBe(404);
      const remote = await connect({ endpoints: [metrics], timeoutMs: 2000 });
      await expect(remote.kv.range({ key: "a" })).rejects.toThrow();
      await remote.close();
    });
  });

  test("for HTTP leave only gRPC on the others", async () => {
    let http = "";
    const flags = ["--listen-client-urls=http://127.0.0.1:0", "--listen-client-http-urls=unix://127.0.0.1:0"];
    await serving(flags, async ([client = ""]) => {
      http = client;
      const remote = await connect({ endpoints: [client] });
      await remote.kv.put({ key: "a", value: "1" });
      await remote.close();
      expect((await get(`${client}/health`)).status).toBe(404);
    });
    expect(http).not.toBe("");
    const same = "http://127.0.0.1:1";
    expect(
      await refusal(`--listen-client-urls=http://127.0.0.1:0,${same}`, `--listen-client-http-urls=${same}`),
    ).toMatch(/cannot (bind both|listen on)/);
  });

  test("of IPv6, of unix sockets and several at once", async () => {
    const socket = path.join(folder(), "s");
    const flags = [`--listen-client-urls=http://[::1]:0,http://localhost:0,unix://${socket}`];
    await serving(flags, async (urls) => {
      expect(urls).toHaveLength(3);
      for (const endpoint of urls) {
        const remote = await connect({ endpoints: [endpoint] });
        await remote.kv.put({ key: endpoint, value: "1" });
        await remote.close();
      }
    });
  });

  test("of one address with and without TLS share a port, and each connection decides", async () => {
    const files = makeCertificates(folder())("server");
    const both = "--listen-client-urls=http://127.0.0.1:0,https://127.0.0.1:0";
    await serving([both, "--cert-file", files.cert, "--key-file", files.key], async (urls) => {
      expect(urls).toHaveLength(2);
      expect(new Set(urls.map((url) => new URL(url).port)).size).toBe(1);
      for (const endpoint of urls) {
        const remote = await connect({ endpoints: [endpoint], tls: { cacert: files.ca } });
        await remote.kv.put({ key: endpoint, value: "1" });
        await remote.close();
        const { body } = await httpRequest({ url: `${endpoint}/health`, tls: files });
        expect(body.toString()).toContain("true");
      }
    });
  });

  test("that are in use, or of a name, are refused with etcd's texts", async () => {
    await serving(["--listen-client-urls=http://127.0.0.1:0"], async ([used = ""]) => {
      expect(await refusal(`--listen-client-urls=${used}`)).toBe(
        `listen tcp ${used.replace("http://", "")}: bind: address already in use\n` +
          "another program listens there: choose another port, or port 0 for any free one",
      );
    });
    expect(await refusal("--listen-client-urls=http://192.0.2.1:0")).toBe(
      "listen tcp 192.0.2.1:0: bind: cannot assign requested address\n" +
        "use an address of this machine, such as 127.0.0.1",
    );
    expect(await refusal("--listen-client-urls=127.0.0.1:0")).toBe(
      'invalid value "127.0.0.1:0" for flag -listen-client-urls: parse "127.0.0.1:0": ' +
        "first path segment in URL cannot contain colon\n" +
        "a URL begins with its scheme: http://127.0.0.1:0",
    );
    expect(await refusal("--listen-client-urls=http://example.com:1")).toContain(
      "expected IP in URL for binding (http://example.com:1)",
    );
    expect(await refusal("--listen-client-urls=https://127.0.0.1:0")).toContain(
      "must be provided for client url",
    );
  });
});

describe("plain HTTP", () => {
  test("is for the origins of --cors and the hosts of --host-whitelist", async () => {
    const rules = ["--cors=http://a.example", "--host-whitelist=127.0.0.1", "--enable-grpc-gateway=false"];
    await serving(["--listen-client-urls=http://127.0.0.1:0", ...rules], async ([url = ""]) => {
      expect(await get(`${url}/health`, { origin: "http://a.example" })).toMatchObject({
        status: 200,
        cors: "http://a.example",
      });
      expect((await get(`${url}/health`, { origin: "http://b.example" })).cors).toBeUndefined();
      expect((await get(`${url}/health`, {}, "OPTIONS")).status).toBe(200);
      const refused = await get(`${url}/health`, { host: "rebound.example:1" });
      expect([refused.status, refused.body]).toEqual([421, expect.stringContaining(`"rebound.example"`)]);
      expect((await get(`${url}/v3/kv/range`, {}, "POST")).status).toBe(404);
    });
    await serving(["--listen-client-urls=http://127.0.0.1:0"], async ([url = ""]) => {
      expect(await get(`${url}/health`, { host: "any" })).toMatchObject({ status: 200, cors: "*" });
    });
  });
});

describe("TLS", () => {
  let files: (name: string) => TlsFiles;
  let dir: string;
  beforeEach(() => {
    dir = folder();
    files = makeCertificates(dir);
  });
  const secure = (name = "server") => [
    "--listen-client-urls=https://127.0.0.1:0",
    `--cert-file=${files(name).cert}`,
    `--key-file=${files(name).key}`,
  ];

  /** Shakes hands as a client. Returns the fingerprint of the server's certificate and the protocol, or the error. */
  const handshake = (url: string, options: tls.ConnectionOptions = {}) =>
    new Promise<{ name: string; protocol: string | null; cipher: string } | string>((resolve) => {
      const { port } = new URL(url);
      const socket = tls.connect({
        port: Number(port),
        host: "127.0.0.1",
        rejectUnauthorized: false,
        ...options,
      });
      socket.once("error", (error) => resolve(error.message));
      socket.once("close", () => resolve("closed"));
      socket.once("secureConnect", () => {
        const { subject } = socket.getPeerCertificate();
        const [protocol, cipher] = [socket.getProtocol(), socket.getCipher().standardName];
        // With TLS 1.3 a refused client learns it only after its handshake.
        socket.write("GET /health HTTP/1.1\r\nhost: x\r\n\r\n");
        socket.once("data", () => {
          resolve({ name: String(subject.CN), protocol, cipher });
          socket.destroy();
        });
      });
    });

  test("uses new files for new connections; files that cannot be used leave the ones before", async () => {
    const [cert, key] = [path.join(folder(), "c.pem"), path.join(folder(), "k.pem")];
    const use = (name: string) => {
      copyFileSync(files(name).cert, cert);
      copyFileSync(files(name).key, key);
    };
    use("server");
    const flags = ["--listen-client-urls=https://127.0.0.1:0", `--cert-file=${cert}`, `--key-file=${key}`];
    const stderr = await serving(flags, async ([url = ""]) => {
      expect(await handshake(url)).toMatchObject({ name: "golden-server" });
      use("wronghost");
      expect(await handshake(url)).toMatchObject({ name: "golden-wronghost" });
      writeFileSync(cert, "damaged");
      expect(await handshake(url)).toMatchObject({ name: "golden-wronghost" });
      use("server");
      expect(await handshake(url)).toMatchObject({ name: "golden-server" });
    });
    expect(stderr).toContain("note: the certificate stays the one before: tls: failed to find any PEM data");
  });

  test("has the versions and the cipher suites of the flags", async () => {
    const suite = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
    await serving(
      [...secure(), "--tls-max-version=TLS1.2", `--cipher-suites=${suite}`],
      async ([url = ""]) => {
        expect(await handshake(url)).toMatchObject({ protocol: "TLSv1.2", cipher: suite });
        expect(
          await handshake(url, { ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384", maxVersion: "TLSv1.2" }),
        ).toEqual(expect.stringContaining("handshake failure"));
      },
    );
    await serving([...secure(), "--tls-min-version=TLS1.3"], async ([url = ""]) => {
      expect(await handshake(url, { maxVersion: "TLSv1.2" })).toEqual(
        expect.stringContaining("protocol version"),
      );
    });
    expect(await refusal(...secure(), "--cipher-suites=TLS_X")).toBe('unexpected TLS cipher suite "TLS_X"');
    expect(await refusal(...secure(), "--tls-min-version=TLS1.1")).toBe(
      'unexpected TLS version "TLS1.1" (must be one of: TLS1.2, TLS1.3)',
    );
    expect(await refusal(...secure(), "--tls-min-version=TLS1.3", "--tls-max-version=TLS1.2")).toBe(
      "min version (TLS1.3) is greater than max version (TLS1.2)",
    );
    expect(await refusal(...secure(), "--tls-min-version=TLS1.3", `--cipher-suites=${suite}`)).toBe(
      "cipher suites cannot be configured when only TLS1.3 is enabled",
    );
  });

  const client = (name: string) => ({
    cert: readFileSync(files(name).cert),
    key: readFileSync(files(name).key),
  });

  test("refuses clients whose certificate is revoked, and reads the list for each connection", async () => {
    const crl = revocationList(dir, []);
    const flags = [...secure(), `--trusted-ca-file=${files("client").ca}`, "--client-cert-auth"];
    const stderr = await serving([...flags, `--client-crl-file=${crl}`], async ([url = ""]) => {
      expect(await handshake(url, client("client"))).toMatchObject({ name: "golden-server" });
      revocationList(dir, [files("client").cert]);
      expect(typeof (await handshake(url, client("client")))).toBe("string");
      expect(await handshake(url, client("client-alice"))).toMatchObject({ name: "golden-server" });
    });
    expect(stderr).toMatch(
      /rejected connection on client endpoint: remote-addr \S+, error transport: certificate serial [0-9a-f]+ revoked/,
    );
    expect(await refusal(...flags, `--client-crl-file=${files("client").cert}`)).toContain(
      "it is no certificate revocation list",
    );
  });

  test("logs why a handshake failed, and from where", async () => {
    const flags = [...secure(), `--trusted-ca-file=${files("client").ca}`, "--client-cert-auth"];
    const stderr = await serving(flags, async ([url = ""]) => {
      await handshake(url);
      await handshake(url, client("other-client"));
      await get(url.replace("https", "http")).catch(() => undefined);
      const probe = net.connect(Number(new URL(url).port), "127.0.0.1");
      probe.end();
      await once(probe.resume(), "close");
    });
    const start = /^note: rejected connection on client endpoint: remote-addr 127\.0\.0\.1:\d+, error /;
    expect(
      stderr
        .split("\n")
        .filter((line) => start.test(line))
        .map((line) => line.replace(start, "")),
    ).toEqual([
      "tls: client didn't provide a certificate",
      "tls: failed to verify certificate: x509: certificate signed by unknown authority",
      "tls: first record does not look like a TLS handshake",
    ]);
  });

  test("refuses clients without one of the allowed host names", async () => {
    const flags = [...secure(), `--trusted-ca-file=${files("client").ca}`, "--client-cert-auth"];
    await serving([...flags, "--client-cert-allowed-hostname=localhost,x"], async ([url = ""]) => {
      expect(await handshake(url, client("server"))).toMatchObject({ name: "golden-server" });
      expect(typeof (await handshake(url, client("client")))).toBe("string");
    });
  });

  test("--auto-tls makes a certificate once, readable only by the user", async () => {
    const dataDir = path.join(folder(), "d");
    const flags = ["--listen-client-urls=https://127.0.0.1:0", "--auto-tls", `--data-dir=${dataDir}`];
    const file = (name: string) => path.join(dataDir, "fixtures", "client", name);
    const digest = () =>
      createHash("sha1")
        .update(readFileSync(file("cert.pem")))
        .digest("hex");
    let first = "";
    for (const run of [1, 2]) {
      await serving(flags, async ([url = ""]) => {
        const remote = await connect({ endpoints: [url], tls: { cacert: file("cert.pem") } });
        await remote.kv.put({ key: "a", value: "1" });
        await remote.close();
      });
      if (run === 1) first = digest();
    }
    expect(digest()).toBe(first);
    expect(statSync(file("key.pem")).mode & 0o777).toBe(0o600);
    expect(new X509Certificate(readFileSync(file("cert.pem"))).checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(await refusal("--auto-tls", "--listen-client-urls=https://127.0.0.1:0")).toContain(
      "--auto-tls needs --data-dir",
    );
  });

  test("files that are no certificate or key are refused with what they are", async () => {
    const cert = files("server").cert;
    expect(await refusal(...secure().slice(0, 2), `--key-file=${cert}`)).toContain(
      "tls: found a certificate rather than a key in the PEM for the private key",
    );
    expect(await refusal(...secure().slice(0, 2), `--key-file=${files("client").key}`)).toContain(
      "tls: private key does not match public key",
    );
    expect(await refusal(...secure().slice(0, 2))).toContain("KeyFile and CertFile must both be present");
  });

  test("files are ignored, with a note, if no URL needs them, as in etcd", async () => {
    const stderr = await serving(
      ["--listen-client-urls=http://127.0.0.1:0", "--cert-file=missing"],
      async ([url = ""]) => {
        expect((await get(`${url}/health`)).status).toBe(200);
      },
    );
    expect(stderr).toContain("no listen URL is https or unixs: the key and cert files are ignored");
  });
});

/** Writes a list of the authority `ca` with these certificates in it. */
function revocationList(dir: string, revoked: readonly string[]): string {
  const config = path.join(dir, "crl.cnf");
  const files = ["database=index.txt", "crlnumber=crlnumber", "certificate=ca.pem", "private_key=ca-key.pem"];
  writeFileSync(
    config,
    `[ca]\ndefault_ca=d\n[d]\n${files.join("\n")}\ndefault_md=sha256\ndefault_crl_days=1\n`,
  );
  writeFileSync(path.join(dir, "index.txt"), "");
  writeFileSync(path.join(dir, "crlnumber"), "01\n");
  const run = (...words: string[]) =>
    execFileSync("openssl", ["ca", "-config", config, ...words], { cwd: dir, stdio: "pipe" });
  for (const file of revoked) run("-revoke", file);
  run("-gencrl", "-out", "crl.pem");
  return path.join(dir, "crl.pem");
}
