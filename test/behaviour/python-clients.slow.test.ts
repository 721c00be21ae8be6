// Python's clients on the embedded server: plain, over TLS with client certificates, and as a user. The same programs on real
// etcd 3.5 show that the expected lines are right. Needs Debian's python3-etcd3 and python3-etcd3gw.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { startEmbeddedServer, type EmbeddedServerOptions } from "../../src/server/server";
import { makeCertificates, type TlsFiles } from "../support/certificates";
import { run } from "../support/child";
import { httpRequest } from "../support/http-request";
import { describeWithEtcd, startEtcd } from "../support/real-etcd";
import { testUnless } from "../support/skip";
import { sharedFolder } from "../support/work-folder";

// Debian's: its packages are not seen by another Python that comes first on PATH.
const python = "/usr/bin/python3";

function noModule(name: string): string | undefined {
  const isThere = spawnSync(python, ["-c", `import ${name}`]).status === 0;
  return isThere ? undefined : `Debian's python3-${name} is not installed`;
}

const etcd3Lines = String.raw`get b'\x00\xff' b'p/a' 1 0 0
get missing (None, None)
put_if_not_exists False True
replace False True
get_prefix [(b'p/c', b'3'), (b'p/b', b'4'), (b'p/a', b'\x00\xff')]
get_range [(b'p/a', b'\x00\xff'), (b'p/b', b'4')]
keys_only [(b'p/a', b''), (b'p/b', b''), (b'p/c', b'')]
delete True False
prev_kv b'4'
delete_prefix 1
txn True [(b'p/t', b'new')]
txn False []
lease 600 [b'p/leased'] True
refresh [600]
revoke None -1
watch PutEvent b'p/w/a' b'1' b''
watch PutEvent b'p/w/a' b'2' b'1'
watch DeleteEvent b'p/w/a' b'' b'2'
canceled []
from revision b'1'
lock True True False False
release False True True True
status 3 True True
alarms []
compacted StatusCode.OUT_OF_RANGE etcdserver: mvcc: required revision has been compacted
watch of compacted 1
snapshot 32
`;

const gatewayLines = String.raw`status 3 1
put True True
get b'1' b'g/a' 1 ['create_revision', 'key', 'mod_revision', 'version']
get missing []
create False True
replace False True
get_prefix [(b'g/c', b'4'), (b'g/b', b'\x00\xff'), (b'g/a', b'1')]
delete True False True
lease True [b'g/leased'] 600
revoke [] -1 -1
watch None b'g/w/a' b'1'
watch DELETE b'g/w/a' None
lock True False True False
release False True True True
error Not Found 5 etcdserver: requested lease not found
error Bad Request 3 etcdserver: key is not provided
error Bad Request 11 etcdserver: mvcc: required revision is a future revision
`;

const userLines = `allowed b'1'
refused StatusCode.PERMISSION_DENIED etcdserver: permission denied
refused StatusCode.PERMISSION_DENIED etcdserver: permission denied
watch b'1'
`;

const programs = [
  { name: "etcd3", lines: etcd3Lines },
  { name: "etcd3gw", lines: gatewayLines },
] as const;

interface Server {
  readonly port: string;
  readonly tls?: TlsFiles;
  stop(): Promise<void>;
}

async function runProgram(name: string, { port, tls }: Server, words: readonly string[] = []) {
  const file = path.join(__dirname, "python", `use_${name}.py`);
  const tlsWords = tls === undefined ? [] : ["--tls", tls.ca, tls.key, tls.cert];
  const { exit, stdout, stderr } = await run([python, file, port, ...tlsWords, ...words], {
    // Not REQUESTS_CA_BUNDLE or proxies of this machine, which the libraries obey.
    env: { PATH: process.env["PATH"] },
  });
  return { exit, lines: stdout.toString(), stderr: exit === 0 ? "" : stderr.toString() };
}

/** A user who may read and write keys that begin with p/, made over the JSON gateway. */
async function enableAuth({ port, tls }: Server): Promise<void> {
  const calls = [
    ["role/add", { name: "p" }],
    ["role/grant", { name: "p", perm: { permType: "READWRITE", key: "cC8=", range_end: "cDA=" } }],
    ["user/add", { name: "root", password: "root" }],
    ["user/grant", { user: "root", role: "root" }],
    ["user/add", { name: "ann", password: "secret" }],
    ["user/grant", { user: "ann", role: "p" }],
    ["enable", {}],
  ] as const;
  for (const [call, body] of calls) {
    const url = `https://127.0.0.1:${port}/v3/auth/${call}`;
    const { status } = await httpRequest({ url, method: "POST", body: JSON.stringify(body), tls });
    expect({ call, status }).toEqual({ call, status: 200 });
  }
}

function serves(start: () => Promise<Server>, { hasTls = false } = {}): void {
  let server: Server;
  beforeEach(async () => void (server = await start()));
  afterEach(() => server.stop());

  for (const { name, lines } of programs)
    testUnless(noModule(name), `python-${name} sees what etcd shows`, async () => {
      expect(await runProgram(name, server)).toEqual({ exit: 0, lines, stderr: "" });
    });
  // It refuses to send a token without TLS.
  if (!hasTls) return;
  testUnless(noModule("etcd3"), "python-etcd3 logs in as a user", async () => {
    await enableAuth(server);
    const answer = await runProgram("etcd3", server, ["--user", "ann", "secret"]);
    expect(answer).toEqual({ exit: 0, lines: userLines, stderr: "" });
  });
}

async function embedded(options: EmbeddedServerOptions = {}, tls?: TlsFiles): Promise<Server> {
  const server = await startEmbeddedServer(options);
  return { port: new URL(server.endpoint).port, stop: () => server.stop(), ...(tls && { tls }) };
}

describe("embedded server", () => serves(() => embedded()));

describe("embedded server over TLS with client certificates", () => {
  const certificates = makeCertificates(sharedFolder());
  const server = certificates("server");
  const tls = {
    cert: readFileSync(server.cert),
    key: readFileSync(server.key),
    clientCa: [readFileSync(server.ca)],
  };
  serves(() => embedded({ tls, auth: { bcryptCost: 4 } }, certificates("client")), { hasTls: true });
});

describeWithEtcd("3.5", "etcd 3.5", () =>
  serves(async () => {
    const group = await startEtcd("3.5");
    return { port: `${group.members[0]?.port}`, stop: () => group.stop() };
  }),
);
