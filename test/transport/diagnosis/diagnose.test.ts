import { ServerCredentials } from "@grpc/grpc-js";
import { readFileSync } from "node:fs";
import { Socket, type AddressInfo } from "node:net";
import path from "node:path";
import { createServer as createTlsServer } from "node:tls";
import type { EtcdError } from "../../../src/errors";
import { KVService, PutRequest, PutResponse } from "../../../src/proto/gen/etcdserverpb";
import type { TlsOptions } from "../../../src/transport/transport";
import { makeCertificates } from "../../support/certificates";
import { withLongerDeadline } from "../../support/until";
import { sharedFolder } from "../../support/work-folder";
import { fakeEtcd, stopFakes } from "../support/fake-etcd";
import { closeAll, open, within } from "../support/open-for-test";
import { rawServer, stopRawServers } from "../support/raw-server";

const dir = sharedFolder();
const file = (name: string) => path.join(dir, `${name}.pem`);
const clientCert = (name: string) => ({ cert: file(name), key: file(`${name}-key`) });
const ca = { cacert: file("ca") };
const put = PutRequest.create({ key: Buffer.from("a") });
const long = 60_000;

beforeAll(() => makeCertificates(dir));
afterEach(async () => {
  await closeAll();
  stopFakes();
  stopRawServers();
});

function tlsEtcd(certificate: string, wantsClientCertificate = false) {
  const pair = {
    cert_chain: readFileSync(file(certificate)),
    private_key: readFileSync(file(`${certificate}-key`)),
  };
  const credentials = ServerCredentials.createSsl(readFileSync(file("ca")), [pair], wantsClientCertificate);
  return fakeEtcd({ put: () => PutResponse.create() }, { credentials });
}

/** The only hint of a call that must fail, although its deadline is a minute away. */
async function hintOf(endpoint: string, tls: TlsOptions = {}, ms = long): Promise<string> {
  const transport = await open(endpoint, { tls });
  try {
    await transport.unary(KVService.put, put, within(ms));
  } catch (error) {
    const { message, hints } = error as EtcdError;
    expect(message).toBe("context deadline exceeded");
    expect(hints).toHaveLength(1);
    return hints[0]?.replace(`${endpoint}: `, "") ?? "";
  }
  throw new Error("the call succeeded");
}

describe("a TLS connection", () => {
  test.each(["127.0.0.1", "localhost", "https://127.0.0.1", "https://localhost"])(
    "to %s succeeds when the certificate is for it",
    async (host) => {
      const { port } = await tlsEtcd("server");
      const transport = await open(`${host}:${port}`, { tls: ca });
      await transport.unary(KVService.put, put, within(long));
    },
  );

  test("succeeds with a client certificate that the server trusts", async () => {
    const { endpoint } = await tlsEtcd("server", true);
    const transport = await open(endpoint, { tls: { ...ca, ...clientCert("client") } });
    await transport.unary(KVService.put, put, within(long));
  });

  test("sends a request at once: the kernel does not wait for the server's ACK", async () => {
    const setNoDelay = jest.spyOn(Socket.prototype, "setNoDelay");
    const { endpoint, port } = await tlsEtcd("server");
    const transport = await open(endpoint, { tls: ca });
    await transport.unary(KVService.put, put, within(long));
    const servers = setNoDelay.mock.contexts.map(({ remotePort }) => remotePort);
    setNoDelay.mockRestore();
    expect(servers).toContain(port);
  });

  test("accepts any certificate with insecureSkipVerify", async () => {
    const { endpoint } = await tlsEtcd("wronghost");
    const transport = await open(endpoint, { tls: { insecureSkipVerify: true } });
    await transport.unary(KVService.put, put, within(long));
  });

  test("verifies serverName instead of the endpoint's host", async () => {
    const { endpoint } = await tlsEtcd("wronghost");
    const transport = await open(endpoint, { tls: { ...ca, serverName: "other.example" } });
    await transport.unary(KVService.put, put, within(long));
  });
});

describe("a call fails at once and says why when", () => {
  test("an unknown authority signed the certificate", async () => {
    const { endpoint } = await tlsEtcd("server");
    const hint = await hintOf(endpoint, { cacert: file("other-ca") });
    expect(hint).toContain('signed by an unknown authority (issuer "golden-ca"');
    expect(hint).toContain(file("other-ca"));
    expect(hint).toContain("--cacert");
  });

  test("the CA file contains no certificate", async () => {
    const { endpoint } = await tlsEtcd("server");
    const hint = await hintOf(endpoint, { cacert: file("not-a-cert") });
    expect(hint).toBe(
      `the CA file ${file("not-a-cert")} contains no certificate; it contains no PEM data; --cacert takes a certificate in PEM format`,
    );
  });

  test("the certificate is for another name", async () => {
    const { endpoint } = await tlsEtcd("wronghost");
    expect(await hintOf(endpoint, ca)).toContain(
      "the server's certificate is for other.example, not for 127.0.0.1",
    );
  });

  test("the certificate has only a common name", async () => {
    const { endpoint } = await tlsEtcd("client");
    expect(await hintOf(endpoint, ca)).toContain("the server's certificate has no host names");
  });

  test("the certificate has expired", async () => {
    const { endpoint } = await tlsEtcd("expired");
    expect(await hintOf(endpoint, ca)).toContain("has expired (valid until ");
  });

  test("the server requires a client certificate", async () => {
    const { endpoint } = await tlsEtcd("server", true);
    expect(await hintOf(endpoint, ca)).toBe(
      "the server requires a client certificate; pass one with --cert and --key",
    );
  });

  test.each([
    [48, "the server does not know the authority that signed the client certificate"],
    [42, "the server refuses the client certificate"],
    [45, "the server says that the client certificate"],
    [70, "the server does not support TLS 1.2 or newer"],
  ])("the server ends the handshake with alert %i", async (alert, text) => {
    const { endpoint } = await rawServer((socket) => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, alert])));
    expect(await hintOf(endpoint, { ...ca, ...clientCert("client") })).toContain(text);
  });

  test("the endpoint uses TLS and the server does not", async () => {
    const { endpoint } = await fakeEtcd();
    expect(await hintOf(endpoint, ca)).toContain("the server speaks plain HTTP/2, not TLS");
  });

  test("the server uses TLS and the endpoint does not", async () => {
    const { port } = await tlsEtcd("server");
    expect(await hintOf(`http://127.0.0.1:${port}`)).toContain("the server speaks TLS, not plain HTTP");
  });

  test("the server is a web server", async () => {
    const web = await rawServer((socket) =>
      socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"),
    );
    expect(await hintOf(web.endpoint)).toContain("an HTTP/1 server responds, not etcd's gRPC");
  });

  test("the port is etcd's peer port", async () => {
    const peer = await rawServer((socket, data) =>
      data.toString().startsWith("GET /members ")
        ? socket.end("HTTP/1.1 200 OK\r\nX-Etcd-Cluster-Id: 1\r\nConnection: close\r\n\r\n[]")
        : socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
    );
    expect(await hintOf(peer.endpoint)).toContain("this is etcd's peer port");
  });

  test("the port is the peer port of etcd 3.5, which closes without a word", async () => {
    const peer = await rawServer((socket, data) =>
      data.toString().startsWith("GET /members ")
        ? socket.end("HTTP/1.1 200 OK\r\nX-Etcd-Cluster-Id: 1\r\nConnection: close\r\n\r\n[]")
        : socket.end(),
    );
    expect(await hintOf(peer.endpoint)).toContain("this is etcd's peer port");
  });

  test("the port is the peer port of etcd 3.5 with TLS, and the client certificate is right", async () => {
    const options = {
      ...{ cert: readFileSync(file("server")), key: readFileSync(file("server-key")) },
      ...{ ca: readFileSync(file("ca")), requestCert: true, rejectUnauthorized: true },
      ALPNProtocols: ["h2", "http/1.1"],
    };
    const peer = createTlsServer(options, (socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (data: Buffer) =>
        data.toString().startsWith("GET /members ")
          ? socket.end("HTTP/1.1 200 OK\r\nX-Etcd-Cluster-Id: 1\r\nConnection: close\r\n\r\n[]")
          : socket.end(),
      );
    });
    peer.on("tlsClientError", () => undefined);
    await new Promise<void>((resolve) => peer.listen(0, "127.0.0.1", resolve));
    try {
      const endpoint = `https://127.0.0.1:${(peer.address() as AddressInfo).port}`;
      expect(await hintOf(endpoint, { ...ca, ...clientCert("client") })).toContain(
        "this is etcd's peer port",
      );
    } finally {
      peer.close();
    }
  });

  test("the server uses another protocol", async () => {
    const ssh = await rawServer((socket) => socket.write("SSH-2.0-OpenSSH_9.2\r\n"));
    expect(await hintOf(ssh.endpoint)).toContain('not etcd: it responds with "SSH-2.0-OpenSSH_9.2');
  });
});

describe("a call waits until its deadline and says why when", () => {
  test("the server accepts connections and stays silent", async () => {
    const silent = await rawServer();
    await withLongerDeadline(300, async (ms) => {
      expect(await hintOf(silent.endpoint, {}, ms)).toContain("accepts connections but does not answer");
    });
  });

  test("the server closes connections at once", async () => {
    const rude = await rawServer((socket) => socket.destroy());
    await withLongerDeadline(300, async (ms) => {
      expect(await hintOf(rude.endpoint, {}, ms)).toContain("closes the connection at once");
    });
  });

  test("the server refuses the client certificate after the handshake, as Node does", async () => {
    const { endpoint } = await tlsEtcd("server", true);
    await withLongerDeadline(700, async (ms) => {
      const hint = await hintOf(endpoint, { ...ca, ...clientCert("other-client") }, ms);
      expect(hint).toContain(`because it refuses the client certificate (${file("other-client")})`);
    });
  });

  test("there is no such socket", async () => {
    await withLongerDeadline(300, async (ms) => {
      expect(await hintOf(`unix://${dir}/none`, {}, ms)).toContain("no such socket");
    });
  });
});

test("a TLS connection to an IP address causes no warning", async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => void warnings.push(warning);
  process.on("warning", note);
  const { endpoint } = await tlsEtcd("server");
  const transport = await open(endpoint, { tls: ca });
  await transport.unary(KVService.put, put, within(long));
  await new Promise(setImmediate);
  process.off("warning", note);
  expect(warnings).toEqual([]);
});
