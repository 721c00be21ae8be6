// Wrong servers, wrong TLS files and readers that close early: the exit code, the error and the hint of bin/etcdctl.js.
import { readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import path from "node:path";
import { startEmbeddedServer, type EmbeddedServer } from "../../src/index";
import { makeCertificates, type TlsFiles } from "../support/certificates";
import { Child } from "../support/child";
import { etcdctl, program, startEtcdctl } from "../support/etcdctl";
import { withLongerDeadline } from "../support/until";
import { sharedFolder } from "../support/work-folder";

const dir = sharedFolder();
let certificate: (name: string) => TlsFiles;
let plain: EmbeddedServer;
let mutual: EmbeddedServer;

beforeAll(async () => {
  certificate = makeCertificates(dir);
  const { cert, key, ca } = certificate("server");
  const tls = { cert: readFileSync(cert), key: readFileSync(key), clientCa: [readFileSync(ca)] };
  const keys = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`key${at}`, "some value"]));
  plain = await startEmbeddedServer({ keys });
  mutual = await startEmbeddedServer({ tls });
});
afterAll(async () => {
  await plain.stop();
  await mutual.stop();
});

const flags = ({ ca, cert, key }: TlsFiles): string[] => [`--cacert=${ca}`, `--cert=${cert}`, `--key=${key}`];
const get = (...more: string[]) => etcdctl(["get", "a", "--command-timeout=1h", ...more], { cwd: dir });

describe("TLS", () => {
  test("matching certificates connect", async () => {
    expect(await get("--endpoints", mutual.endpoint, ...flags(certificate("client")))).toMatchObject({
      exit: 0,
    });
  });

  test.each<[string, () => string[], RegExp]>([
    ["no client certificate", () => [`--cacert=${certificate("client").ca}`], /hint: .*certificate/],
    [
      "a CA that did not sign the server's certificate",
      () => [`--cacert=${path.join(dir, "other-ca.pem")}`],
      /hint: .*(authority|unknown CA|issuer|signed)/i,
    ],
    [
      "plain text on a TLS port",
      () => ["--endpoints", mutual.endpoint.replace("https", "http")],
      /hint: .*TLS/,
    ],
  ])("%s ends with exit code 1 before the timeout and prints the cause", async (_, more, hint) => {
    const { exit, stdout, stderr } = await get("--endpoints", mutual.endpoint, ...more());
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    expect(stderr).toMatch(/^Error: context deadline exceeded\n/m);
    expect(stderr).toMatch(hint);
  });

  test("a client certificate of another CA ends at the timeout, because Node's TLS sends no reason, and prints a hint", async () => {
    const words = ["--endpoints", mutual.endpoint, ...flags(certificate("other-client"))];
    await withLongerDeadline(2000, async (ms) => {
      const { exit, stderr } = await get(...words, `--command-timeout=${ms}ms`);
      expect(exit).toBe(1);
      expect(stderr).toMatch(/^hint: .*client certificate.*other-client\.pem/m);
    });
  });

  test.each<[string, () => string[], RegExp]>([
    [
      "a missing file",
      () => flags({ ...certificate("client"), cert: "none.pem" }),
      /^Error: open none\.pem: no such file or directory\n/,
    ],
    [
      "a key of another certificate",
      () => flags({ ...certificate("client"), key: certificate("server").key }),
      /^Error: tls: private key does not match public key\n/,
    ],
    [
      "a file that is no certificate",
      () => flags({ ...certificate("client"), cert: path.join(dir, "not-a-cert.pem") }),
      /^Error: tls: failed to find any PEM data in certificate input\n/,
    ],
    [
      "a certificate without its key",
      () => [`--cert=${certificate("client").cert}`],
      /^Error: KeyFile and CertFile must both be present/,
    ],
  ])("%s ends with exit code 128 before a connection is made", async (_, more, error) => {
    const { exit, stderr } = await get("--endpoints", mutual.endpoint, ...more());
    expect(exit).toBe(128);
    expect(stderr).toMatch(error);
  });
});

describe("a server that does not speak gRPC", () => {
  const answer = (socket: Socket, text: string) => {
    socket.on("error", () => undefined); // the client may close first
    socket.end(text, () => socket.destroy());
  };
  let other: http.Server | Server;
  const listen = async (server: http.Server | Server): Promise<string> => {
    other = server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  afterEach(() => new Promise((resolve) => other.close(resolve)));

  test.each<[string, () => http.Server | Server]>([
    ["HTTP/1.1", () => http.createServer((_, answer) => answer.end("hello"))],
    ["a greeting of another protocol", () => createServer((socket) => answer(socket, "220 mail ready\r\n"))],
    ["nothing before it closes the connection", () => createServer((socket) => answer(socket, ""))],
  ])("and sends %s ends with exit code 1 and a hint", async (_, make) => {
    const endpoint = await listen(make());
    await withLongerDeadline(2000, async (ms) => {
      const { exit, stdout, stderr } = await get("--endpoints", endpoint, `--command-timeout=${ms}ms`);
      expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
      expect(stderr).toMatch(/^Error: /);
      expect(stderr).toMatch(new RegExp(`^hint: .*${endpoint}`, "m"));
    });
  });
});

describe("readers that close early", () => {
  test("get | head ends quietly", async () => {
    const script = `"$@" 2>stderr | head -n 1`;
    const words = ["sh", ...program, "get", "key", "--prefix"];
    const env = { PATH: process.env["PATH"], ETCDCTL_ENDPOINTS: plain.endpoint };
    const { exit, stdout } = await new Child(["sh", "-c", script, ...words], { cwd: dir, env }).finish();
    expect({ exit, stdout: stdout.toString() }).toEqual({ exit: 0, stdout: "key0\n" });
    expect(readFileSync(path.join(dir, "stderr"), "utf8")).toBe("");
    writeFileSync(path.join(dir, "stderr"), "");
  });

  test("get reports a full disk", async () => {
    const words = ["sh", ...program, "get", "key", "--prefix"];
    const env = { PATH: process.env["PATH"], ETCDCTL_ENDPOINTS: plain.endpoint };
    const child = new Child(["sh", "-c", '"$@" >/dev/full', ...words], { cwd: dir, env });
    const { exit, stderr } = await child.finish();
    expect(exit).not.toBe(0);
    expect(stderr.toString()).toMatch(/^Error: .*(ENOSPC|no space left)/im);
  });

  test("Ctrl-C ends get while it waits for a dead endpoint", async () => {
    const child = startEtcdctl(["get", "a", "--command-timeout=1h", "--debug"], {
      endpoint: "127.0.0.1:1",
      cwd: dir,
    });
    await child.printed("stderr", "127.0.0.1:1");
    child.signal("SIGINT");
    const { exit, late } = await child.finish();
    expect({ exit, late }).toEqual({ exit: 130, late: false });
  });
});
