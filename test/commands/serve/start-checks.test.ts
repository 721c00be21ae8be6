// What `serve` refuses before it listens, as etcd does: URLs of peers, files of TLS, and a cluster that does not fit.
import path from "node:path";
import { command } from "../../../src/commands/serve";
import { CliError } from "../../../src/errors";
import { makeCertificates } from "../../support/certificates";
import { runCommand } from "../../support/run-command";
import { until } from "../../support/until";
import type { TestIo } from "../../support/test-io";
import { sharedFolder, workFolder } from "../../support/work-folder";

const folder = workFolder();
const anyPort = "--listen-client-urls=http://127.0.0.1:0";

/** The error of the start, or "started". */
async function start(...flags: string[]): Promise<string> {
  let io: TestIo | undefined;
  let end: string | undefined;
  const ran = runCommand(command, [anyPort, ...flags], { before: (each) => (io = each) }).then(
    () => (end = "started"),
    (error: unknown) => {
      if (!(error instanceof CliError)) throw error;
      end = error.message;
    },
  );
  await until("the start", () => end ?? (/^serving on/m.test(io?.stdout.text ?? "") ? "started" : undefined));
  io?.sendSignal("SIGTERM");
  await ran;
  return end ?? "";
}

const peerUrl = (url: string) => [
  `--listen-peer-urls=${url}`,
  ...[`--initial-advertise-peer-urls=${url}`, `--initial-cluster=default=${url}`],
];

test("A directory for the log needs one for the data, as otherwise nothing would be in it.", async () => {
  const walDir = path.join(folder(), "wal");
  expect(await start(`--wal-dir=${walDir}`)).toBe("--wal-dir needs --data-dir");
  expect(await start(`--wal-dir=${walDir}`, `--data-dir=${path.join(folder(), "data")}`)).toBe("started");
});

describe("peer URLs", () => {
  test.each([
    ["--listen-peer-urls=http://m.example:2380", "expected IP in URL for binding (http://m.example:2380)"],
    ["--listen-peer-urls=http://:2380", "expected IP in URL for binding (http://:2380)"],
    ["--listen-peer-urls=http://127.0.0.1:99999", "listen tcp: address 99999: invalid port"],
    [
      "--listen-peer-urls=https://0.0.0.0:2380",
      "cannot listen on TLS for [::]:2380: KeyFile and CertFile are not presented",
    ],
    [
      "--initial-advertise-peer-urls=http://:1",
      '--initial-advertise-peer-urls "http://:1" must be "host:port" (unexpected empty host (http://:1))',
    ],
    [
      "--advertise-client-urls=http://:1",
      '--advertise-client-urls "http://:1" must be in the format "host:port", "unix:/path/to/socket" or "unixs:/path/to/socket" (unexpected empty host (http://:1))',
    ],
  ])("%s is refused", async (flag, message) => {
    expect(await start(flag)).toBe(message);
  });

  test("are accepted without a listener, as there are no other members", async () => {
    for (const url of ["http://localhost:2380", "http://[::1]:1", "unix://peer.sock"]) {
      expect([url, await start(`--listen-peer-urls=${url}`)]).toEqual([url, "started"]);
    }
    expect(await start("--listen-peer-urls=https://127.0.0.1:2380", "--peer-auto-tls")).toBe("started");
  });
});

describe("TLS files", () => {
  const files = makeCertificates(sharedFolder());

  test("of peers are not read: a command line may come without the files of its machine", async () => {
    const flags = ["--peer-cert-file=/no/c", "--peer-key-file=/no/k", "--peer-trusted-ca-file=/no/ca"];
    for (const url of ["http://127.0.0.1:2380", "https://127.0.0.1:2380"]) {
      expect([url, await start(...peerUrl(url), ...flags)]).toEqual([url, "started"]);
    }
  });

  test("of clients that the server itself would use are checked too, when it listens with TLS", async () => {
    const { cert, key } = files("server");
    const tls = ["--listen-client-urls=https://127.0.0.1:0", `--cert-file=${cert}`, `--key-file=${key}`];
    expect(await start(...tls, "--client-cert-file=/c", "--client-key-file=/k")).toBe(
      "open /c: no such file or directory",
    );
    expect(await start("--client-cert-file=/c")).toBe("started");
    expect(await start(...tls, "--cipher-suites=TLS_RSA_WITH_AES_128_CBC_SHA")).toMatch(
      /^http2: TLSConfig.CipherSuites is missing an HTTP\/2-required AES_128_GCM_SHA256 cipher/,
    );
  });
});

test.each([
  ["--cipher-suites=,", 'unexpected TLS cipher suite ""'],
  ["--max-learners=-1", "membership: too many learner members in cluster"],
  [
    "--auto-compaction-retention=99999999999999999999",
    'error parsing CompactionRetention: time: invalid duration "99999999999999999999"',
  ],
  ["--tls-min-version=TLS1.1", 'unexpected TLS version "TLS1.1" (must be one of: TLS1.2, TLS1.3)'],
])("%s is refused as in etcd", async (flag, message) => {
  expect(await start(flag)).toBe(message);
});

test("an empty --log-level is info, as in etcd", async () => {
  expect(await start("--log-level=")).toBe("started");
});

describe("--initial-cluster", () => {
  const advertised = "--initial-advertise-peer-urls=http://localhost:1";

  test("must fit the advertised peer URLs, but only if the data dir is new", async () => {
    const other = "--initial-cluster=default=http://127.0.0.1:1";
    const dataDir = `--data-dir=${path.join(folder(), "d")}`;
    const message =
      "--initial-cluster has default=http://127.0.0.1:1 but missing from " +
      '--initial-advertise-peer-urls=http://localhost:1 (resolved urls: "http://localhost:1" != "http://127.0.0.1:1")';
    expect(await start(dataDir, advertised, other)).toBe(message);
    expect(await start(dataDir, advertised, "--initial-cluster=default=http://localhost:1")).toBe("started");
    expect(await start(dataDir, advertised, other)).toBe("started");
    expect(await start(dataDir, advertised, "--initial-cluster=default=x")).toBe("started");
  });

  test("may name a URL only once", async () => {
    const twice = "default=http://localhost:1,b=http://localhost:1";
    expect(await start(advertised, `--initial-cluster=${twice}`)).toBe(
      "initial cluster b=http://localhost:1,default=http://localhost:1 has duplicate url",
    );
  });

  test("may be written in another way than the advertised URL", async () => {
    const flags = ["--initial-advertise-peer-urls= HTTP://user@localhost:1?x=1"];
    expect(await start(...flags, "--initial-cluster=default=http://localhost:1")).toBe("started");
  });
});

test("the error of a start is in the log as etcd writes it", async () => {
  let io: TestIo | undefined;
  const flags = ["--log-format=json", "--listen-peer-urls=https://127.0.0.1:1"];
  await runCommand(command, [anyPort, ...flags], { before: (each) => (io = each) }).catch(() => undefined);
  const last = JSON.parse(io?.stderr.text.trim().split("\n").at(-1) ?? "{}") as object;
  expect(last).toMatchObject({
    level: "fatal",
    msg: "discovery failed",
    error: "cannot listen on TLS for 127.0.0.1:1: KeyFile and CertFile are not presented",
  });
});
