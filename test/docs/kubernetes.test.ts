// The YAML of docs/KUBERNETES.md: Kubernetes can read it, volumes are declared, and our programs do with the arguments what the
// page says.
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import { startEmbeddedServer } from "../../src/index";
import { makeCertificates } from "../support/certificates";
import { runMain } from "../support/run-main";
import { workFolder } from "../support/work-folder";

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args: readonly string[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}
interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes: readonly { readonly name: string }[];
}
interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: PodSpec & { jobTemplate?: { spec: { template: { spec: PodSpec } } } };
}

const page = readFileSync("docs/KUBERNETES.md", "utf8");
const blocks = [...page.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text = ""]) => text);
const resources = blocks.flatMap((text) =>
  parseAllDocuments(text, { strict: true, uniqueKeys: true }).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Resource;
  }),
);
const podOf = ({ spec }: Resource): PodSpec => spec.jobTemplate?.spec.template.spec ?? spec;
const containersOf = (pod: PodSpec) => [...(pod.initContainers ?? []), ...pod.containers];

test("has a CronJob and a Pod", () => {
  expect(resources.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)).toEqual([
    "batch/v1 CronJob",
    "v1 Pod",
  ]);
});

test.each(resources.map((resource) => [resource.metadata.name, podOf(resource)] as const))(
  "%s mounts volumes that it declares",
  (_, pod) => {
    const mounted = containersOf(pod).flatMap(({ volumeMounts = [] }) =>
      volumeMounts.map(({ name }) => name),
    );
    expect([...new Set(mounted)].sort()).toEqual(pod.volumes.map(({ name }) => name).sort());
  },
);

test.each(blocks)("has only fields that Kubernetes knows, of the right types", async (text) => {
  await using server = await startEmbeddedServer();
  const put = ["put", "/registry/object", "--encode", "--endpoints", server.endpoint];
  expect(await runMain(put, { stdin: text })).toMatchObject({ stdout: "OK\n", stderr: "" });
});

describe("the containers with our image", () => {
  const folder = workFolder();
  const [job, restore] = resources.flatMap((resource) => containersOf(podOf(resource)));

  /** Runs the program of the container, with the mounted directories below the folder of the test. */
  function runContainer({ command = ["/usr/bin/etcdctl"], args }: Container, ...changed: [string, string][]) {
    const moves = [
      ...changed,
      ...["/backup", "/pki", "/var"].map((name) => [name, folder() + name] as const),
    ];
    const words = args.map((arg) =>
      moves.reduce((word, [from, to]) => word.replace(new RegExp(`(^|=)${from}`), `$1${to}`), arg),
    );
    const [program = ""] = command;
    expect(["/usr/bin/etcdctl", "/usr/bin/etcdutl"]).toContain(program);
    return runMain(words, { cwd: folder() }, path.basename(program) as "etcdctl" | "etcdutl");
  }

  test("save backups with client certificates, and restore one", async () => {
    for (const name of ["pki", "backup", "certificates"]) mkdirSync(path.join(folder(), name));
    const certificates = makeCertificates(path.join(folder(), "certificates"));
    const { ca, cert, key } = certificates("server");
    await using server = await startEmbeddedServer({
      keys: { a: "1" },
      tls: { cert: readFileSync(cert), key: readFileSync(key), clientCa: [readFileSync(ca)] },
    });
    const client = certificates("client");
    copyFileSync(ca, path.join(folder(), "pki/ca.crt"));
    copyFileSync(client.cert, path.join(folder(), "pki/healthcheck-client.crt"));
    copyFileSync(client.key, path.join(folder(), "pki/healthcheck-client.key"));
    if (job === undefined || restore === undefined) throw new Error("a container is missing");

    const saved = await runContainer(job, ["https://127.0.0.1:2379", server.endpoint]);
    expect(saved).toMatchObject({ exit: 0, stderr: "" });
    const [backup = "", ...more] = readdirSync(path.join(folder(), "backup"));
    expect([backup.replace(/\d{8}T\d{6}Z/, "{date}"), more]).toEqual(["etcd-{date}.db.gz", []]);

    copyFileSync(path.join(folder(), "backup", backup), path.join(folder(), "backup/etcd.db.gz"));
    mkdirSync(path.join(folder(), "var/lib/etcd"), { recursive: true });
    expect(await runContainer(restore)).toMatchObject({ exit: 0 });
    const data = path.join(folder(), "var/lib/etcd/data");
    expect((await runMain([`--offline=${data}`, "get", "a"])).stdout).toBe("a\n1\n");
    expect((await runContainer(restore)).stderr).toContain("not empty");
  });
});
