// Which flags of etcd's server `serve` knows, and where their values come from.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { parseFlags } from "../../../src/input/parse-flags";
import { main } from "../../../src/cli/main";
import { refusals, serveFlags, type ServeFlags } from "../../../src/commands/serve/flags";
import { serverOptions } from "../../../src/commands/serve/server-options";
import { serveSettings } from "../../../src/commands/serve/settings";
import { validate } from "../../../src/commands/serve/validate";
import { CliError } from "../../../src/errors";
import { etcdPrograms, noEtcd } from "../../support/real-etcd";
import { testUnless } from "../../support/skip";
import { testIo, type TestIoOptions } from "../../support/test-io";
import { workFolder } from "../../support/work-folder";

const folder = workFolder();

/** The values and the notes. Rejects with the CliError. */
async function settings(words: readonly string[], options: TestIoOptions = {}) {
  const io = testIo(options);
  const values: Readonly<Record<string, unknown>> = await serveSettings(parseFlags(serveFlags, words), io);
  return { values, notes: io.stderr.text.trimEnd().split("\n").filter(Boolean), refusal: refusals(values) };
}

const failure = async (words: readonly string[], options: TestIoOptions = {}) => {
  const error: unknown = await settings(words, options).catch((each: unknown) => each);
  if (!(error instanceof CliError)) throw new Error("it was accepted", { cause: error });
  return error.message;
};

describe("the command lines that start etcd elsewhere", () => {
  const pki = "/etc/kubernetes/pki/etcd";
  const lines: Readonly<Record<string, { words?: string[]; env?: Record<string, string> }>> = {
    kubeadm: {
      words: [
        "--advertise-client-urls=https://10.0.0.1:2379",
        `--cert-file=${pki}/server.crt`,
        "--client-cert-auth=true",
        "--data-dir=/var/lib/etcd",
        "--experimental-initial-corrupt-check=true",
        "--experimental-watch-progress-notify-interval=5s",
        "--feature-gates=InitialCorruptCheck=true",
        "--initial-advertise-peer-urls=https://10.0.0.1:2380",
        "--initial-cluster=node=https://10.0.0.1:2380",
        `--key-file=${pki}/server.key`,
        "--listen-client-urls=https://127.0.0.1:2379,https://10.0.0.1:2379",
        "--listen-metrics-urls=http://127.0.0.1:2381",
        "--listen-peer-urls=https://10.0.0.1:2380",
        "--name=node",
        `--peer-cert-file=${pki}/peer.crt`,
        "--peer-client-cert-auth=true",
        `--peer-key-file=${pki}/peer.key`,
        `--peer-trusted-ca-file=${pki}/ca.crt`,
        "--snapshot-count=10000",
        `--trusted-ca-file=${pki}/ca.crt`,
      ],
    },
    OpenShift: {
      words: [
        "--logger=zap",
        "--log-level=info",
        "--experimental-initial-corrupt-check=true",
        "--snapshot-count=10000",
        "--initial-advertise-peer-urls=https://10.0.0.1:2380",
        "--cert-file=/etc/kubernetes/static-pod-certs/serving.crt",
        "--key-file=/etc/kubernetes/static-pod-certs/serving.key",
        "--trusted-ca-file=/etc/kubernetes/configmaps/serving-ca.crt",
        "--client-cert-auth=true",
        "--peer-cert-file=/etc/kubernetes/static-pod-certs/peer.crt",
        "--peer-key-file=/etc/kubernetes/static-pod-certs/peer.key",
        "--peer-trusted-ca-file=/etc/kubernetes/configmaps/peer-ca.crt",
        "--peer-client-cert-auth=true",
        "--advertise-client-urls=https://10.0.0.1:2379",
        "--listen-client-urls=https://0.0.0.0:2379,unixs://10.0.0.1:0",
        "--listen-peer-urls=https://0.0.0.0:2380",
        "--metrics=extensive",
        "--listen-metrics-urls=https://0.0.0.0:9978",
      ],
      env: {
        ETCD_CIPHER_SUITES: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        ETCD_DATA_DIR: "/var/lib/etcd",
        ETCD_ELECTION_TIMEOUT: "1000",
        ETCD_ENABLE_PPROF: "true",
        ETCD_EXPERIMENTAL_MAX_LEARNERS: "3",
        ETCD_EXPERIMENTAL_WARNING_APPLY_DURATION: "200ms",
        ETCD_EXPERIMENTAL_WATCH_PROGRESS_NOTIFY_INTERVAL: "5s",
        ETCD_HEARTBEAT_INTERVAL: "100",
        ETCD_INITIAL_CLUSTER_STATE: "existing",
        ETCD_NAME: "master-0",
        ETCD_QUOTA_BACKEND_BYTES: "8589934592",
        ETCD_SOCKET_REUSE_ADDRESS: "true",
        ETCD_TLS_MIN_VERSION: "TLS1.2",
      },
    },
    Talos: {
      words: [
        "--name=talos-1",
        "--auto-tls=false",
        "--peer-auto-tls=false",
        "--data-dir=/var/lib/etcd",
        "--listen-peer-urls=https://[::]:2380",
        "--listen-client-urls=https://[::]:2379",
        "--client-cert-auth=true",
        "--cert-file=/system/secrets/etcd/server.crt",
        "--key-file=/system/secrets/etcd/server.key",
        "--trusted-ca-file=/system/secrets/etcd/ca.crt",
        "--peer-client-cert-auth=true",
        "--peer-cert-file=/system/secrets/etcd/peer.crt",
        "--peer-key-file=/system/secrets/etcd/peer.key",
        "--peer-trusted-ca-file=/system/secrets/etcd/ca.crt",
        "--experimental-initial-corrupt-check=true",
        "--experimental-watch-progress-notify-interval=5s",
        "--experimental-compact-hash-check-enabled=true",
        "--advertise-client-urls=https://10.5.0.2:2379",
        "--initial-advertise-peer-urls=https://10.5.0.2:2380",
        "--initial-cluster=talos-1=https://10.5.0.2:2380",
        "--initial-cluster-state=new",
      ],
    },
    Bitnami: {
      env: {
        ETCD_NAME: "etcd-0",
        ETCD_DATA_DIR: "/bitnami/etcd/data",
        ETCD_ADVERTISE_CLIENT_URLS: "http://etcd-0.etcd-headless:2379,http://etcd:2379",
        ETCD_LISTEN_CLIENT_URLS: "http://0.0.0.0:2379",
        ETCD_INITIAL_ADVERTISE_PEER_URLS: "http://etcd-0.etcd-headless:2380",
        ETCD_LISTEN_PEER_URLS: "http://0.0.0.0:2380",
        ETCD_INITIAL_CLUSTER: "etcd-0=http://etcd-0.etcd-headless:2380",
        ETCD_INITIAL_CLUSTER_TOKEN: "etcd-cluster-k8s",
        ETCD_INITIAL_CLUSTER_STATE: "new",
        ETCD_AUTO_TLS: "false",
        ETCD_PEER_AUTO_TLS: "false",
        ETCD_LOG_LEVEL: "info",
        ETCD_ON_K8S: "yes",
        ETCD_START_FROM_SNAPSHOT: "no",
        ETCD_ROOT_PASSWORD: "secret",
        ETCDCTL_API: "3",
      },
    },
    envtest: {
      words: [
        "--advertise-client-urls=http://127.0.0.1:2379",
        "--data-dir=/tmp/k8s_test_framework_1",
        "--listen-client-urls=http://127.0.0.1:2379",
        "--listen-peer-urls=http://localhost:0",
        "--unsafe-no-fsync=true",
      ],
    },
  };

  test.each(Object.keys(lines))("of %s is accepted", async (name) => {
    const { words = [], env = {} } = lines[name] ?? {};
    expect((await settings(words, { env })).refusal).toBeUndefined();
  });

  test("set what they set in etcd; old names set the flag that replaced them", async () => {
    const { words = [], env = {} } = lines.OpenShift ?? {};
    const { values } = await settings(words, { env });
    expect(values).toMatchObject({
      name: "master-0",
      "watch-progress-notify-interval": 5000,
      "max-learners": 3n,
      "quota-backend-bytes": 8589934592n,
    });
  });

  test("unknown ETCD_ variables are reported by name, without their values", async () => {
    const { notes } = await settings([], lines.Bitnami ?? {});
    expect(notes).toEqual([
      "note: unrecognized environment variable ETCD_ON_K8S, ETCD_START_FROM_SNAPSHOT, ETCD_ROOT_PASSWORD",
    ]);
  });
});

test("flags that etcd has deprecated are reported with its texts, wherever they were set", async () => {
  const maxSnapshots = "--max-snapshots is deprecated in 3.6 and will be decommissioned in 3.8.";
  expect((await settings(["--max-snapshots=10"])).notes).toEqual([`note: ${maxSnapshots}`]);
  expect((await settings([], { env: { ETCD_MAX_SNAPSHOTS: "10" } })).notes).toEqual([
    `note: ${maxSnapshots}`,
  ]);
  const { notes } = await settings(["--log-format=json", "--v2-deprecation=gone"], { env: { ETCD_X: "1" } });
  expect(notes.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { level: "warn", msg: "unrecognized environment variable ETCD_X" },
    {
      level: "warn",
      msg: expect.stringContaining("--v2-deprecation is deprecated and scheduled for removal"),
    },
  ]);
});

describe("values that etcd's parser refuses", () => {
  test.each([
    ["advertise-client-urls", "x", "URL scheme must be http, https, unix, or unixs: x"],
    ["listen-peer-urls", "http://a:1,b", "URL scheme must be http, https, unix, or unixs: b"],
    ["listen-metrics-urls", "http://a", 'URL address does not have the form "host:port": http://a'],
    ["cors", "", "URL scheme must be http, https, unix, or unixs: "],
    ["initial-cluster-state", "old", "invalid value"],
    ["v2-deprecation", "not-yet", 'invalid value "not-yet"'],
    ["feature-gates", "x", "missing bool value for x"],
  ])("--%s=%s", async (name, text, reason) => {
    expect(await failure([`--${name}=${text}`])).toBe(`invalid value "${text}" for flag -${name}: ${reason}`);
    if (text === "") return;
    const variable = `ETCD_${name.toUpperCase().replaceAll("-", "_")}`;
    const io = testIo({ env: { [variable]: text } });
    expect(await main(["serve"], io)).toBe(1);
    expect(io.stderr.text).toContain(`Error: invalid value "${text}" for ${variable}: ${reason}\n`);
  });

  // Recorded from etcd 3.7.1.
  test.each([
    ["AUTO_TLS", "x", "parse error"],
    ["MAX_LEARNERS", "many", "parse error"],
    ["MAX_TXN_OPS", "-1", "parse error"],
    ["MAX_TXN_OPS", "99999999999999999999", "value out of range"],
    ["WARNING_APPLY_DURATION", "5", "parse error"],
    ["MAX_CONCURRENT_STREAMS", "x", 'strconv.ParseUint: parsing "x": invalid syntax'],
  ])("ETCD_%s=%s, without the reason of Go's parser", async (name, text, reason) => {
    expect(await failure([], { env: { [`ETCD_${name}`]: text } })).toBe(
      `invalid value "${text}" for ETCD_${name}: ${reason}`,
    );
  });

  test("the last stage of a feature without the one before it", async () => {
    const outcome = async (...words: string[]) => {
      const { values } = await settings(words);
      return () => validate(values as ServeFlags);
    };
    const gates =
      "enabling feature gate LeaseCheckpointPersist requires enabling feature gate LeaseCheckpoint";
    expect(await outcome("--feature-gates=LeaseCheckpointPersist=true")).toThrow(gates);
    expect(await outcome("--feature-gates=AllAlpha=true,LeaseCheckpoint=false")).toThrow(gates);
    expect(await outcome("--feature-gates=AllAlpha=true")).not.toThrow();
    const flag = "experimental-enable-lease-checkpoint";
    expect(await outcome(`--${flag}-persist`)).toThrow(`setting ${flag}-persist requires ${flag}`);
    expect(await outcome(`--${flag}-persist`, `--${flag}`)).not.toThrow();
  });

  test("a shorthand that does not exist is named as a flag", async () => {
    const io = testIo();
    expect(await main(["serve", "-xyz"], io)).toBe(2);
    expect(io.stderr.text).toContain("Error: flag provided but not defined: -xyz\n");
  });

  test("of a configuration file are named with the file", async () => {
    const file = path.join(folder(), "wrong.yml");
    writeFileSync(file, "cors: here\n");
    const io = testIo();
    expect(await main(["serve", "--config-file", file], io)).toBe(1);
    expect(io.stderr.text).toContain(`Error: invalid value "here" for cors in ${file}: URL scheme must be`);
  });

  test("an empty list of URLs means the default, and what etcd takes is taken", async () => {
    for (const word of [
      "--listen-client-urls=",
      "--cors=http://a.example",
      "--initial-cluster-state=existing",
    ]) {
      await expect(settings([word])).resolves.toBeDefined();
    }
    const { values } = await settings(["--listen-client-urls="]);
    const { listenClientUrls } = serverOptions(values as ServeFlags, () => undefined);
    expect(listenClientUrls).toEqual(["http://localhost:2379"]);
  });

  test("a wrong value is an error beside --version too, as in etcd", async () => {
    const io = testIo();
    for (const word of ["--cors=here", "--listen-client-urls=1", "--feature-gates=Nope=true"])
      expect([word, await main(["serve", word, "--version"], io)]).toEqual([word, 2]);
    expect(io.stdout.text).toBe("");
  });

  test.each([
    ["--auth-token-ttl=x", 'invalid value "x" for flag -auth-token-ttl: parse error'],
    ["--auth-token-ttl=99999999999999999999", "for flag -auth-token-ttl: value out of range"],
    ["--pre-vote=maybe", 'invalid boolean value "maybe" for -pre-vote: parse error'],
    ["--raft-read-timeout=1", 'invalid value "1" for flag -raft-read-timeout: parse error'],
    [
      "--max-concurrent-streams=x",
      'invalid value "x" for flag -max-concurrent-streams: strconv.ParseUint: parsing "x": invalid syntax',
    ],
    ["--nosuch=1", "flag provided but not defined: -nosuch"],
    ["--name", "flag needs an argument: -name"],
  ])("%s has the text of Go's flag package, and exit code 2", async (word, text) => {
    const io = testIo();
    expect(await main(["serve", word], io)).toBe(2);
    expect(io.stderr.text).toContain(text);
  });
});

test("Flags with one dash, as etcd's scripts write them, are usual and leave no hint.", async () => {
  const io = testIo();
  expect(await main(["serve", "-name", "a", "-log-format=json", "-version"], io)).toBe(0);
  expect(io.stdout.text).toContain("etcd Version: ");
  expect(io.stderr.text).toBe("");
});

describe("every flag of etcd's server", () => {
  const unknown = (names: readonly string[]) => names.filter((name) => !Object.hasOwn(serveFlags, name));

  for (const version of ["3.4", "3.5"] as const) {
    testUnless(noEtcd(version), `${version} is known`, async () => {
      await Promise.resolve();
      const { stdout, stderr } = spawnSync(etcdPrograms(version).etcd, ["--help"], { encoding: "utf8" });
      const names = [...`${stdout}${stderr}`.matchAll(/^ +--([a-z0-9-]+)/gm)].map(([, name = ""]) => name);
      expect(names.length).toBeGreaterThan(70);
      expect(unknown(names).filter((name) => name !== "version")).toEqual([]);
    });
  }

  test("that 3.6 and 3.7 added is known, and every one that no help text lists", () => {
    const added = `compact-hash-check-time compaction-batch-limit compaction-sleep-interval corrupt-check-time
      discovery-cacert discovery-cert discovery-dial-timeout discovery-endpoints discovery-insecure-skip-tls-verify
      discovery-insecure-transport discovery-keepalive-time discovery-keepalive-timeout discovery-key
      discovery-password discovery-request-timeout discovery-token discovery-user distributed-tracing-address
      distributed-tracing-instance-id distributed-tracing-sampling-rate distributed-tracing-service-name
      downgrade-check-time enable-distributed-tracing feature-gates max-learners memory-mlock
      bootstrap-defrag-threshold-megabytes peer-skip-client-san-verification snapshot-catchup-entries
      warning-apply-duration warning-unary-request-duration watch-progress-notify-interval`;
    const unlisted = `debug log-output log-package-levels experimental-max-learners experimental-snapshot-catchup-entries
      experimental-set-member-localaddr experimental-warning-unary-request-duration enable-grpc-gateway config force
      experimental-wait-cluster-ready-timeout cluster-active-size peer-heartbeat-interval retry-interval v vv`;
    expect(unknown(`${added} ${unlisted}`.split(/\s+/))).toEqual([]);
  });

  test("is parsed with its type", async () => {
    expect(await failure([], { env: { ETCD_SNAPSHOT_COUNT: "many" } })).toContain(
      'invalid value "many" for ETCD_SNAPSHOT_COUNT: parse error',
    );
    expect(() => parseFlags(serveFlags, ["--raft-read-timeout=5"])).toThrow("missing unit in duration");
    expect(() => parseFlags(serveFlags, ["--pre-vote=maybe"])).toThrow("invalid argument");
  });

  test("is refused with its reason if it switches on what the server does not have, and only then", async () => {
    const off = ["--enable-distributed-tracing=false", "--discovery=", "--proxy", "off", "--cors", "*"];
    expect((await settings(off)).refusal).toBeUndefined();
    const { refusal } = await settings(["--discovery-srv", "example.com", "--enable-distributed-tracing"]);
    expect(refusal).toEqual({
      message: "the embedded server does not support --discovery-srv, --enable-distributed-tracing",
      hints: [
        "--discovery-srv: the embedded server is always a cluster of one member; name the member with --initial-cluster, or use etcd",
        "--enable-distributed-tracing: it sends no traces; leave it out, or use etcd",
      ],
    });
  });
});

describe("a variable", () => {
  test("sets a flag that is not given", async () => {
    const { values } = await settings(["--name=a"], { env: { ETCD_MAX_TXN_OPS: "7", ETCD_DATA_DIR: "" } });
    expect(values).toMatchObject({ name: "a", "max-txn-ops": 7, "data-dir": "" });
  });

  test("for a flag that is given is an error, as in etcd", async () => {
    expect(await failure(["--name=a"], { env: { ETCD_NAME: "b" } })).toMatch(
      /^conflicting environment variable is shadowed by corresponding command-line flag .*: ETCD_NAME$/,
    );
  });
});

describe("--config-file", () => {
  const file = (text: string) => {
    const name = path.join(folder(), "etcd.yml");
    writeFileSync(name, text);
    return name;
  };

  test("has all settings, with etcd's names and types", async () => {
    const name = file(
      [
        "name: m1",
        "data-dir:",
        "max-txn-ops: 7",
        "quota-backend-bytes: 8589934592",
        "auto-compaction-retention: 1",
        "watch-progress-notify-interval: 5000000000",
        "listen-client-urls: http://127.0.0.1:0",
        "log-outputs: [stderr, /dev/null]",
        "strict-reconfig-check: off",
        "client-transport-security:",
        "  cert-file: a.pem",
        "  client-cert-auth: true",
        "peer-transport-security:",
        "  cert-file: p.pem",
        "  allowed-cn: [x]",
      ].join("\n"),
    );
    const { values, notes } = await settings(["--name=ignored", `--config-file=${name}`], {
      env: { ETCD_MAX_REQUEST_BYTES: "x" },
    });
    expect(values).toMatchObject({
      name: "m1",
      "data-dir": "",
      "max-txn-ops": 7,
      "quota-backend-bytes": 8589934592n,
      "auto-compaction-retention": "1",
      "watch-progress-notify-interval": 5000,
      "log-outputs": "stderr,/dev/null",
      "strict-reconfig-check": false,
      "cert-file": "a.pem",
      "client-cert-auth": true,
      "peer-cert-file": "p.pem",
      "max-request-bytes": 1572864,
    });
    // The file asks for lines of a log, which go to both outputs.
    const [note = ""] = notes;
    expect((JSON.parse(note) as { msg: string }).msg).toBe(
      `${name} has all settings: other flags and variables are ignored (--name, ETCD_MAX_REQUEST_BYTES)`,
    );
  });

  test("is named by ETCD_CONFIG_FILE too, and fields that etcd ignores are reported", async () => {
    const name = file(
      `{"name": "json", "discovery-fallback": "proxy", "raft-read-timeout": "5s", "typo": 1}`,
    );
    const { values, notes, refusal } = await settings([], { env: { ETCD_CONFIG_FILE: name } });
    expect({ name: values.name, refusal }).toEqual({ name: "json" });
    const ignored = "discovery-fallback, raft-read-timeout, typo";
    expect(notes[1]).toBe(`note: ${name}: etcd ignores the fields ${ignored}`);
  });

  test("that is missing, no YAML or of a wrong type is an error that names the field", async () => {
    const missing = path.join(folder(), "no.yml");
    expect(await failure(["--config-file", missing])).toBe(`open ${missing}: no such file or directory`);
    expect(await failure(["--config-file", file("a: [")])).toContain("error converting YAML to JSON: yaml: ");
    const typed = async (text: string) =>
      (await failure(["--config-file", file(text)])).replace(/^.*yml: /, "");
    expect(await typed("max-txn-ops: many")).toBe('max-txn-ops must be an integer of at least 0, not "many"');
    expect(await typed("election-timeout: 10s")).toContain("election-timeout must be an integer");
    expect(await typed("client-transport-security: {client-cert-auth: 1}")).toBe(
      'client-transport-security.client-cert-auth must be true or false, not "1"',
    );
    expect(await typed("- a")).toBe("the document must be a block of fields, not something else");
  });
});
