// Profiles: what `--profile` and `profile use` change, and the file they are in. The built-in ones are found below
// ETCDCTL_HOST_ROOT, so that the host of the tests does not matter.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { createContext } from "../../src/cli/context";
import { globalFlags } from "../../src/cli/global-flags";
import { main } from "../../src/cli/main";
import { parseFlags } from "../../src/input/parse-flags";
import { resolveSettings } from "../../src/cli/settings";
import { CliError, EtcdError, ExitCode, StatusCode } from "../../src/errors";
import { startEmbeddedServer, type EmbeddedServer } from "../../src/index";
import { makeCertificates } from "../support/certificates";
import { runMain } from "../support/run-main";
import { testIo } from "../support/test-io";
import { sharedFolder, workFolder } from "../support/work-folder";

const home = workFolder();
const file = () => path.join(home(), ".config", "etcdctl", "profiles.yaml");
const env = (more: Record<string, string> = {}) => ({
  HOME: home(),
  ETCDCTL_HOST_ROOT: path.join(home(), "host"),
  ...more,
});

async function etcdctl(words: readonly string[], more: Record<string, string> = {}) {
  const { exit, stdout, stderr } = await runMain(words, { env: env(more), cwd: home() });
  return { exit, stdout, stderr };
}

const done = (stdout = "") => ({ exit: 0, stdout, stderr: "" });

function write(text: string, mode = 0o600): void {
  mkdirSync(path.dirname(file()), { recursive: true });
  writeFileSync(file(), text, { mode });
  chmodSync(file(), mode);
}

/** Makes empty files below the host's root. */
function onHost(...files: readonly string[]): void {
  for (const name of files) {
    const full = path.join(home(), "host", name);
    mkdirSync(path.dirname(full), { recursive: true });
    writeFileSync(full, "");
  }
}

describe("the file", () => {
  test("is written by set, only for its owner, with absolute paths", async () => {
    const words = [
      "--endpoints=https://a:1,https://b:2",
      "--cacert=ca.crt",
      "--dial-timeout=1500ms",
      "--user=root",
    ];
    expect(await etcdctl(["profile", "set", "prod", ...words, "--confirm"])).toEqual(done());
    expect(readFileSync(file(), "utf8")).toBe(`profiles:
  prod:
    endpoints:
      - https://a:1
      - https://b:2
    cacert: ${home()}/ca.crt
    dial-timeout: 1.5s
    user: root
    confirm: true
`);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  test("keeps its comments and other fields when one changes, and an empty value removes a field", async () => {
    write("# mine\nprofiles:\n  a:\n    # first\n    endpoints: [x:1]\n    user: u\n");
    await etcdctl(["profile", "set", "a", "--user=", "--command-timeout=1m"]);
    await etcdctl(["profile", "use", "a"]);
    expect(readFileSync(file(), "utf8")).toBe(
      "# mine\nprofiles:\n  a:\n    # first\n    endpoints: [ x:1 ]\n    command-timeout: 1m0s\ncurrent: a\n",
    );
    await etcdctl(["profile", "delete", "a"]);
    expect(readFileSync(file(), "utf8")).toBe("# mine\nprofiles: {}\n");
  });

  test("may be a link, which stays one", async () => {
    write("profiles: {}\n");
    const real = path.join(home(), "real.yaml");
    writeFileSync(real, "profiles: {}\n", { mode: 0o600 });
    await etcdctl(["profile", "delete", "none"]);
    symlinkSync(real, `${file()}.new`);
    const linked = env({ XDG_CONFIG_HOME: path.join(home(), "x") });
    mkdirSync(path.join(home(), "x", "etcdctl"), { recursive: true });
    symlinkSync(real, path.join(home(), "x", "etcdctl", "profiles.yaml"));
    await runMain(["profile", "set", "a", "--endpoints=x:1"], { env: linked, cwd: home() });
    expect(readFileSync(real, "utf8")).toContain("x:1");
  });

  test.each([
    ["profiles: {p: {password: x}}\n", ", profile p: a profile holds no password and no token"],
    ["profiles: {p: {user: 'u:x'}}\n", ", profile p: a profile holds no password and no token"],
    ["profiles: {p: {endpoint: x}}\n", ", profile p: endpoint is no field of a profile"],
    ["profiles: {p: {dial-timeout: 5}}\n", ", profile p: dial-timeout must be a duration, for example 5s"],
    ["profiles: {p: {cert: {a: 1}}}\n", ", profile p: cert must be a text"],
    ["profiles: {p: text}\n", ", profile p: expected fields such as endpoints"],
    ["- p\n", ': expected the fields "current" and "profiles"'],
    ["profiles: [\n", ": Flow sequence in block collection must be sufficiently indented and end with a ]"],
  ])("%j is refused", async (text, message) => {
    write(text);
    const { exit, stderr } = await etcdctl(["--profile=p", "get", "a"]);
    expect({ exit, stderr: stderr.split("\n")[0] }).toEqual({
      exit: 128,
      stderr: expect.stringContaining(`Error: ${file()}${message}`),
    });
  });

  test("that others may change is refused, since a profile can name a command", async () => {
    write("profiles: {p: {endpoints: x:1}}\n", 0o666);
    expect(await etcdctl(["profile", "list"])).toEqual({
      exit: 128,
      stdout: "",
      stderr: `Error: ${file()}: another user can change it, and a profile can run a command\nhint: chmod 600 ${file()}\n`,
    });
  });

  test.each([
    [["set", "p"], "profile set needs the flags that the profile shall hold"],
    [["set", "p", "--password=x"], "profile set: a profile holds no password and no token"],
    [["set", "p", "--user=u:x"], "profile set: a profile holds no password and no token"],
    [["set", "p", "--hex"], "--hex is no field of a profile"],
    [["set", "p q", "--user=u"], 'p q is no name of a profile: use letters, digits, ".", "-" and "_"'],
    [["use", "p"], "there is no profile p"],
    [["use"], "profile use takes one name"],
    [["show"], "no profile is in use; name one: etcdctl profile show NAME"],
    [["delete", "p"], "there is no profile p"],
    [["delete", "kubeadm"], "profile kubeadm is built in, so it cannot be deleted"],
    [["delte", "kubeadm"], 'unknown command "delte" for "etcdctl profile"'],
  ])("profile %j changes nothing", async (words, message) => {
    const { exit, stderr } = await etcdctl(["profile", ...words]);
    expect({ exit: exit === 0, first: stderr.split("\n")[0] }).toEqual({
      exit: false,
      first: `Error: ${message}`,
    });
    expect(existsSync(file())).toBe(false);
  });
});

describe("a profile", () => {
  let server: EmbeddedServer;
  let other: EmbeddedServer;
  beforeAll(async () => {
    server = await startEmbeddedServer({ keys: { who: "first" } });
    other = await startEmbeddedServer({ keys: { who: "second" } });
  });
  afterAll(() => Promise.all([server.stop(), other.stop()]));

  const value = async (words: readonly string[], more: Record<string, string> = {}) =>
    (await etcdctl([...words, "get", "who", "--print-value-only"], more)).stdout.trim();

  beforeEach(() =>
    write(`profiles:
  one: {endpoints: ["${server.endpoint}"]}
  two: {endpoints: "${other.endpoint}", confirm: true}
`),
  );

  test("counts when a flag, a variable or `profile use` names it; a flag and a variable win over it", async () => {
    expect(await value(["--profile=one"])).toBe("first");
    expect(await value([], { ETCDCTL_PROFILE: "two" })).toBe("second");
    expect(await value(["--profile=one"], { ETCDCTL_PROFILE: "two" })).toBe("first");
    expect(await value(["--profile=one", `--endpoints=${other.endpoint}`])).toBe("second");
    expect(await value(["--profile=one"], { ETCDCTL_ENDPOINTS: other.endpoint })).toBe("second");
    await etcdctl(["profile", "use", "two"]);
    expect(await value([])).toBe("second");
    expect(await value(["--profile=one"])).toBe("first");
    expect(await value([`--endpoints=${server.endpoint}`])).toBe("first");
    const none = await etcdctl(["--profile=", "--command-timeout=1ms", "--debug", "get", "who"]);
    expect(none.stderr).toContain("ETCDCTL_ENDPOINTS=127.0.0.1:2379\n");
  });

  test("gives a session its cluster, and a line may name another", async () => {
    const stdin = "get who --print-value-only\n--profile two get who --print-value-only\n";
    const { stdout, stderr } = await runMain(["--profile=one", "batch"], { env: env(), stdin });
    expect({ stdout, stderr }).toEqual({ stdout: "first\nsecond\n", stderr: "" });
  });

  test("with confirm makes del ask on a terminal", async () => {
    const io = testIo({ env: env({ ETCDCTL_PROFILE: "two" }), stdin: "n\n", terminal: true });
    expect(await main(["del", "w", "--prefix"], io)).toBe(1);
    expect(io.stderr.text).toContain('This deletes 1 key beginning with "w". Continue? [y/N]');
    expect(await value(["--profile=two"])).toBe("second");
  });

  test("is offered by the tab key, and listed with the one in use", async () => {
    await etcdctl(["profile", "use", "two"]);
    const { stdout } = await runMain(["__complete", "get", "--profile", "t"], { env: env() });
    expect(stdout).toBe("two\n:4\n");
    expect((await etcdctl(["profile", "list"])).stdout.split("\n").slice(0, 3)).toEqual([
      `one, ${server.endpoint}, file, not in use`,
      `two, ${other.endpoint}, file, in use`,
      "kubeadm, -, built in, not on this host, not in use",
    ]);
    const { stdout: json } = await etcdctl(["profile", "list", "-w", "json"]);
    expect((JSON.parse(json) as unknown[])[1]).toEqual({
      name: "two",
      current: true,
      endpoints: [other.endpoint],
      origin: "file",
    });
    expect((await etcdctl(["profile", "show"])).stdout).toBe(
      `endpoints:\n  - ${other.endpoint}\nconfirm: true\n`,
    );
    expect((await etcdctl(["profile", "use", "--none"])).exit).toBe(0);
    expect((await etcdctl(["profile", "show"])).exit).toBe(128);
  });

  test("that does not exist is an error with the names that do", async () => {
    expect(await etcdctl(["--profile=three", "get", "who"])).toEqual({
      exit: 128,
      stdout: "",
      stderr:
        "Error: there is no profile three\n" +
        "hint: etcdctl profile list shows the profiles: one, two, kubeadm, k3s, rke2, kubespray, minikube, microk8s, openshift\n",
    });
  });
});

describe("the password of a profile", () => {
  let server: EmbeddedServer;
  beforeAll(async () => {
    server = await startEmbeddedServer({ auth: { users: { root: "secret" } } });
  });
  afterAll(() => server.stop());

  const list = (words: readonly string[] = [], more: Record<string, string> = {}) =>
    etcdctl(["--profile=p", ...words, "role", "list"], more);

  test("comes from a command or a file, and not for another user", async () => {
    write(
      `profiles: {p: {endpoints: "${server.endpoint}", user: root, password-command: "printf secret"}}\n`,
    );
    expect(await list()).toEqual(done("root\n"));
    expect((await list(["--user=root"])).exit).not.toBe(0);
    expect(await list(["--user=root:secret"])).toEqual(done("root\n"));
    writeFileSync(path.join(path.dirname(file()), "pw"), "secret\n", { mode: 0o600 });
    write(`profiles: {p: {endpoints: "${server.endpoint}", user: root, password-file: pw}}\n`);
    expect(await list()).toEqual(done("root\n"));
    write(`profiles: {p: {endpoints: "${server.endpoint}", user: root}}\n`);
    expect(await list([], { ETCDCTL_PASSWORD: "secret" })).toEqual(done("root\n"));
  });

  test.each([
    ["exit 3", "the password command of the profile failed (exit code 3): exit 3"],
    ["true", "the password command of the profile failed (it printed nothing): true"],
  ])("is missing when its command is %j", async (command, message) => {
    write(`profiles: {p: {endpoints: "${server.endpoint}", user: root, password-command: ${command}}}\n`);
    expect(await list()).toEqual({ exit: 128, stdout: "", stderr: `Error: ${message}\n` });
  });

  test("is asked for once in a session", async () => {
    const asked = path.join(home(), "asked");
    const command = `echo x >> ${asked}; printf secret`;
    write(`profiles: {p: {endpoints: "${server.endpoint}", user: root, password-command: "${command}"}}\n`);
    const stdin = "role list\nrole list\nrole list -w simple\n";
    const { stdout, stderr } = await runMain(["--profile=p", "batch"], { env: env(), stdin });
    expect({ stdout, stderr, asked: readFileSync(asked, "utf8") }).toEqual({
      stdout: "root\nroot\nroot\n",
      stderr: "",
      asked: "x\n",
    });
  });
});

describe("a built-in profile", () => {
  const local = "https://127.0.0.1:2379";
  const kubernetes = "/etc/kubernetes";

  test.each([
    [
      "kubeadm",
      local,
      `${kubernetes}/pki/etcd`,
      "ca.crt",
      "healthcheck-client.crt",
      "healthcheck-client.key",
    ],
    [
      "kubeadm",
      local,
      `${kubernetes}/pki`,
      "etcd/ca.crt",
      "apiserver-etcd-client.crt",
      "apiserver-etcd-client.key",
    ],
    ["k3s", local, "/var/lib/rancher/k3s/server/tls/etcd", "server-ca.crt", "client.crt", "client.key"],
    [
      ...["rke2", local, "/var/lib/rancher/rke2/server/tls/etcd", "server-ca.crt"],
      ...["server-client.crt", "server-client.key"],
    ],
    ["kubespray", local, "/etc/ssl/etcd/ssl", "ca.pem", "admin-node1.pem", "admin-node1-key.pem"],
    ["kubespray", local, "/etc/ssl/etcd/ssl", "ca.pem", "node-worker.pem", "node-worker-key.pem"],
    ["minikube", local, "/var/lib/minikube/certs/etcd", "ca.crt", "server.crt", "server.key"],
    [
      ...["microk8s", "https://127.0.0.1:12379", "/var/snap/microk8s/current/certs"],
      ...["ca.crt", "server.crt", "server.key"],
    ],
    [
      ...["openshift", local, `${kubernetes}/static-pod-resources/etcd-certs`],
      ...["configmaps/etcd-serving-ca/ca-bundle.crt"],
      ...["secrets/etcd-all-certs/etcd-peer-master-0.crt", "secrets/etcd-all-certs/etcd-peer-master-0.key"],
    ],
  ] as [string, string, string, string, string, string][])(
    "%s is %s with the certificates in %s",
    async (name, endpoint, folder, cacert, cert, key) => {
      onHost(...[cacert, cert, key].map((each) => path.join(folder, each)));
      const root = path.join(home(), "host", folder);
      expect((await etcdctl(["profile", "show", name])).stdout.replaceAll(/\n +/g, "")).toBe(
        `endpoints:- ${endpoint}\ncacert: ${root}/${cacert}\ncert: ${root}/${cert}\nkey: ${root}/${key}\n`,
      );
    },
  );

  test("microk8s is the socket of kine where there is one", async () => {
    const socket = "/var/snap/microk8s/current/var/kubernetes/backend/kine.sock:12379";
    onHost(socket);
    const { stdout } = await etcdctl(["profile", "show", "microk8s"]);
    expect(stdout).toBe(`endpoints:\n  - unix://${home()}/host${socket}\n`);
  });

  test("is refused on a host without its certificates, or without the key", async () => {
    onHost("/etc/kubernetes/pki/etcd/ca.crt", "/etc/kubernetes/pki/etcd/server.crt");
    const { exit, stderr } = await etcdctl(["--profile=kubeadm", "get", "a"]);
    expect({ exit, first: stderr.split("\n")[0] }).toEqual({
      exit: 128,
      first:
        "Error: profile kubeadm is built in, but this host has no certificates of kubeadm that you can read",
    });
  });

  test("is named when the default connection fails on its host, and only then", async () => {
    const contextOf = async (words: readonly string[]) => {
      const { values, given } = parseFlags(globalFlags, words);
      const context = createContext(testIo({ env: env() }), () => resolveSettings(values, given, {}));
      await context.printer();
      return context;
    };
    const hintsAfter = async (words: readonly string[], error: unknown) =>
      (await contextOf(words)).hintsAfter(error);
    const endpoints = [{ endpoint: "127.0.0.1:2379", problem: "it uses TLS", advice: "use https" }];
    const unreachable = new EtcdError(StatusCode.DeadlineExceeded, "context deadline exceeded", true, {
      endpoints,
    });
    const hints = ["this host has the certificates of k3s: add --profile k3s, or set ETCDCTL_PROFILE=k3s"];
    expect(await hintsAfter([], unreachable)).toEqual([]);
    const k3s = ["server-ca.crt", "client.crt", "client.key"];
    onHost(...k3s.map((each) => `/var/lib/rancher/k3s/server/tls/etcd/${each}`));
    expect(await hintsAfter([], unreachable)).toEqual(hints);
    expect(await hintsAfter([], new CliError(ExitCode.badConnection, "x", { cause: unreachable }))).toEqual(
      hints,
    );
    const reporting = await contextOf([]);
    await reporting.reportFailure("Failed to get the status", unreachable);
    expect(await reporting.hintsAfter()).toEqual(hints);
    const destination = new EtcdError(StatusCode.DeadlineExceeded, "context deadline exceeded", true, {
      endpoints: [{ endpoint: "10.0.0.1:2379", problem: "connection refused", advice: "start etcd there" }],
    });
    expect(await hintsAfter([], destination)).toEqual([]);
    expect(await hintsAfter([], new CliError(ExitCode.error, "unhealthy cluster"))).toEqual([]);
    expect(await hintsAfter([], new EtcdError(StatusCode.NotFound, "no lease", true))).toEqual([]);
    expect(await hintsAfter(["--endpoints=127.0.0.1:2379"], unreachable)).toEqual([]);
    expect(await hintsAfter(["--cacert=ca.crt"], unreachable)).toEqual([]);
  });

  test("reaches an etcd that requires client certificates", async () => {
    const certificates = makeCertificates(sharedCertificates);
    const { ca, cert, key } = certificates("server");
    const server = await startEmbeddedServer({
      keys: { a: "1" },
      tls: { cert: readFileSync(cert), key: readFileSync(key), clientCa: [readFileSync(ca)] },
    });
    try {
      const client = certificates("client");
      const folder = path.join(home(), "host", "etc/kubernetes/pki/etcd");
      mkdirSync(folder, { recursive: true });
      writeFileSync(path.join(folder, "ca.crt"), readFileSync(ca));
      writeFileSync(path.join(folder, "server.crt"), readFileSync(client.cert));
      writeFileSync(path.join(folder, "server.key"), readFileSync(client.key));
      const get = ["--profile=kubeadm", `--endpoints=${server.endpoint}`, "get", "a"];
      expect(await etcdctl(get)).toEqual(done("a\n1\n"));
      expect(await etcdctl(get, { HOME: "" })).toEqual(done("a\n1\n"));
    } finally {
      await server.stop();
    }
  });
});

describe("without a home directory", () => {
  const homeless = { HOME: "" };

  test("there are the built-in profiles", async () => {
    onHost(...["ca.crt", "server.crt", "server.key"].map((name) => `etc/kubernetes/pki/etcd/${name}`));
    const { stdout } = await etcdctl(["profile", "show", "kubeadm"], homeless);
    expect(stdout).toContain("/etc/kubernetes/pki/etcd/server.crt\n");
    expect((await etcdctl(["profile", "list"], homeless)).stdout).toContain("kubeadm");
  });

  test("none can be saved, and the error says why", async () => {
    expect(await etcdctl(["profile", "set", "prod", "--endpoints=a:1"], homeless)).toEqual({
      exit: ExitCode.badArgs,
      stdout: "",
      stderr: "Error: profiles need a home directory: set HOME or XDG_CONFIG_HOME\n",
    });
  });
});

const sharedCertificates = sharedFolder();
