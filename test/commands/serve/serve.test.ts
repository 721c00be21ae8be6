// `etcdctl serve`: etcd's flags, and a server that runs until a signal.
import path from "node:path";
import { main } from "../../../src/cli/main";
import { command } from "../../../src/commands/serve";
import { connect } from "../../../src/client/library/client";
import { CliError } from "../../../src/errors";
import type { Signal } from "../../../src/io";
import { Requests } from "../../support/requests";
import { httpRequest } from "../../support/http-request";
import { runCommand, type Ran } from "../../support/run-command";
import { testIo, type TestIo } from "../../support/test-io";
import { until } from "../../support/until";
import { workFolder } from "../../support/work-folder";

const folder = workFolder();
const anyPort = ["--listen-client-urls", "http://127.0.0.1:0"];
/** On a busy machine any request may be slow, which is a line of the log. */
const quiet = ["--warning-apply-duration=1h", "--warning-unary-request-duration=1h"];

/** Starts the command. Returns its first endpoint and a function that stops it and returns its output. */
async function serve(
  ...flags: string[]
): Promise<{ endpoint: string; stop(...signals: Signal[]): Promise<Ran> }> {
  let io: TestIo | undefined;
  const ran = runCommand(command, flags, { before: (each) => (io = each) });
  const endpoint = await until("the address", () => /^serving on (\S+)/m.exec(io?.stdout.text ?? "")?.[1]);
  return {
    endpoint,
    stop: (...signals) => {
      for (const signal of signals.length > 0 ? signals : (["SIGTERM"] as const)) io?.sendSignal(signal);
      return ran;
    },
  };
}

describe("serve", () => {
  test("prints its address and how durable its data is, and exits with code 0 on a signal", async () => {
    const server = await serve(...anyPort, ...quiet);
    expect((await httpRequest({ url: `${server.endpoint}/health` })).status).toBe(200);
    const { exitCode, stdout, stderr } = await server.stop();
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 0,
      stdout: `serving on ${server.endpoint}\n`,
      stderr: "note: all data is in memory and is lost when this process ends; use --data-dir to keep it\n",
    });
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("waits for a data dir in use until %s", async (signal, exitCode) => {
    const dir = path.join(folder(), "data");
    const server = await serve(...anyPort, ...quiet, "--data-dir", dir);
    const io = testIo({});
    const ended = main(["serve", ...anyPort, "--data-dir", dir], io);
    io.sendSignal(signal);
    expect(await ended).toBe(exitCode);
    expect(io.stdout.text + io.stderr.text).toBe("");
    expect((await server.stop()).exitCode).toBe(0);
  });

  test("configures the member with its flags", async () => {
    const cluster = [
      "--name",
      "m0",
      "--initial-cluster",
      "m0=http://127.0.0.1:1",
      "--initial-cluster-token",
      "golden",
    ];
    const advertise = ["--advertise-client-urls", "http://10.0.0.1:2379"];
    const raft = [
      "--heartbeat-interval",
      "10",
      "--election-timeout",
      "4000",
      "--quota-backend-bytes",
      "5000000",
    ];
    const left = ["--log-level=error", "--pre-vote=false", "--initial-cluster-state", "new", "--max-wals=3"];
    const server = await serve(...anyPort, ...cluster, ...advertise, ...raft, ...left);
    const client = await connect({ endpoints: [server.endpoint] });
    const { members } = await client.cluster.memberList({ linearizable: true });
    expect(members).toMatchObject([
      { name: "m0", peerURLs: ["http://127.0.0.1:1"], clientURLs: ["http://10.0.0.1:2379"] },
    ]);
    expect((await client.lease.leaseGrant({ ID: 0n, TTL: 1n })).TTL).toBe(6n);
    expect((await client.maintenance.status({})).dbSizeQuota).toBe(5_000_000n);
    await client.close();
    await server.stop();
  });

  test("keeps its data in the data dir after a clean stop, however many signals come meanwhile", async () => {
    const dir = path.join(folder(), "d");
    const flags = [...anyPort, ...quiet, "--data-dir", dir];
    const first = await serve(...flags);
    const client = await connect({ endpoints: [first.endpoint] });
    await new Requests(client).put("a", "1");
    await client.close();
    const { exitCode, stderr } = await first.stop("SIGHUP", "SIGINT", "SIGINT", "SIGTERM", "SIGHUP");
    expect(exitCode).toBe(0);
    expect(stderr.split("\n")).toEqual([
      `note: all data is in ${dir}: a write is in the log and on the disk before its response`,
      ...Array.from({ length: 4 }, () => expect.stringContaining(`note: closing ${dir}; `) as string),
      `note: all data is in ${dir}`,
      "",
    ]);

    const second = await serve(...flags);
    const again = await connect({ endpoints: [second.endpoint] });
    expect(await new Requests(again).shown("a")).toEqual(["a=1 c2 m2 v1"]);
    await again.close();
    await second.stop();
  });

  test("does not promise with --unsafe-no-fsync that a write is on the disk", async () => {
    const server = await serve(...anyPort, "--data-dir", path.join(folder(), "d"), "--unsafe-no-fsync");
    const { stderr } = await server.stop();
    expect(stderr).toContain("a crash of the machine can lose it (--unsafe-no-fsync)");
    expect(stderr).not.toContain("on the disk");
  });

  test("reads a flag that is not given from an ETCD_ variable", async () => {
    const started = (...flags: string[]) => {
      const env = {
        ETCD_NAME: "of-env",
        ETCD_LISTEN_CLIENT_URLS: "http://127.0.0.1:0",
        ETCD_MAX_TXN_OPS: "7",
      };
      const io = testIo({ env });
      return { io, ended: main(["serve", ...flags], io) };
    };
    const nameOf = async (...flags: string[]) => {
      const { io, ended } = started(...flags);
      const endpoint = await until("the address", () => /^serving on (\S+)/m.exec(io.stdout.text)?.[1]);
      const client = await connect({ endpoints: [endpoint] });
      const { members } = await client.cluster.memberList({ linearizable: true });
      await client.close();
      io.sendSignal("SIGTERM");
      expect(await ended).toBe(0);
      return members[0]?.name;
    };
    expect(await nameOf()).toBe("of-env");
  });

  test("listens on the URLs of the last --listen-client-urls", async () => {
    const server = await serve("--listen-client-urls", "http://192.0.2.1:1", ...anyPort);
    expect(server.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await server.stop();
  });
});

describe("serve rejects", () => {
  const refusal = async (...flags: string[]) => {
    const error: unknown = await runCommand(command, flags).catch((each: unknown) => each);
    if (!(error instanceof CliError)) throw new Error("it was not refused", { cause: error });
    return `${error.exitCode}: ${error.message}`;
  };

  test("flags of etcd that the embedded server does not support", async () => {
    expect(await refusal("--proxy=on", "--discovery=x")).toBe(
      "128: the embedded server does not support --discovery, --proxy",
    );
  });

  test("the flag of etcd, not its value, when the value is a separate word", async () => {
    expect(await refusal("--discovery-srv", "example.com", "--enable-pprof")).toBe(
      "128: the embedded server does not support --discovery-srv",
    );
    const io = testIo();
    expect(await main(["serve", "--unknown", "cfg.yml"], io)).toBe(2);
    expect(io.stderr.text).toContain("flag provided but not defined: -unknown");
  });

  test.each([
    [["--endpoints", "127.0.0.1:1"], "endpoints", "--listen-client-urls says where the server listens"],
    [["--cacert", "ca.pem"], "cacert", "--trusted-ca-file has the CA certificate for clients"],
    [["--offline"], "offline", "--data-dir says where the data is"],
    [["-w", "json"], "write-out", "use it with the commands that call the server"],
  ])("the client flags %j by name, with what to use instead", async (words, name, instead) => {
    const io = testIo();
    expect(await main(["serve", ...words], io)).toBe(128);
    expect(io.stderr.text).toContain(`Error: serve does not take --${name}, which is for clients\n`);
    expect(io.stderr.text).toContain(instead);
  });

  test("variables with a bad value, and variables for unsupported flags", async () => {
    const outcome = async (env: Record<string, string>) => {
      const io = testIo({ env });
      return [await main(["serve"], io), io.stderr.text];
    };
    expect(await outcome({ ETCD_MAX_TXN_OPS: "many" })).toEqual([
      1,
      expect.stringContaining(`invalid value "many" for ETCD_MAX_TXN_OPS: `),
    ]);
    expect(await outcome({ ETCD_PROXY: "on" })).toEqual([
      128,
      expect.stringContaining("the embedded server does not support --proxy"),
    ]);
  });

  test("an unknown compaction mode and a bad retention", async () => {
    expect(await refusal("--auto-compaction-mode", "hourly")).toBe(
      `1: unknown auto-compaction-mode "hourly"`,
    );
    expect(await refusal("--auto-compaction-retention", "long")).toContain(
      "1: error parsing CompactionRetention: ",
    );
  });

  test("arguments, and a cluster without this member", async () => {
    expect(await refusal("--feature-gates", "Foo=true")).toContain(
      'invalid value "Foo=true" for flag -feature-gates: unrecognized feature gate: Foo',
    );
    expect(await refusal("--feature-gates", "AllBeta")).toContain("missing bool value for AllBeta");
    expect(await refusal("--feature-gates", "AllBeta=x")).toContain(
      'invalid value of AllBeta=x, err: strconv.ParseBool: parsing "x": invalid syntax',
    );
    expect(await refusal("word")).toBe(`1: "word" is not a valid flag`);
    expect(await refusal("--name", "x", "--initial-cluster", "y=http://127.0.0.1:1")).toBe(
      `1: couldn't find local name "x" in the initial cluster configuration`,
    );
    expect(await refusal("--initial-cluster", "default=localhost:2380")).toBe(
      "1: error setting up initial cluster: URL scheme must be http, https, unix, or unixs: localhost:2380",
    );
    expect(await refusal("--initial-cluster", "default")).toBe(
      "1: error setting up initial cluster: URL scheme must be http, https, unix, or unixs: ",
    );
  });
});
