// The YAML of docs/KUBERNETES.md: Kubernetes can read it, our programs take the arguments, and volumes are declared.
import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import { findCommand, manifestFlags } from "../../src/cli/find-command";
import { loadProgram } from "../../src/cli/main";
import { parseFlags } from "../../src/input/parse-flags";

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
const resources = [...page.matchAll(/^```yaml\n(.*?)^```/gms)].flatMap(([, text = ""]) =>
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

const ours = resources
  .flatMap((resource) => containersOf(podOf(resource)))
  .filter(({ image }) => image.includes("/etcdctl:"));

test.each(ours.map((container) => [container.name, container] as const))(
  "the arguments of the container %s are those of a command",
  async (_, { command = ["/usr/bin/etcdctl"], args }) => {
    const name = command[0] === "/usr/bin/etcdutl" ? "etcdutl" : "etcdctl";
    expect(command).toEqual([`/usr/bin/${name}`]);
    const program = await loadProgram(name);
    const { path, args: rest } = findCommand(program.root, program.globalFlags, args);
    const loaded = await path[path.length - 1]?.load?.();
    expect(loaded).toBeDefined();
    const flags = { ...program.globalFlags, ...manifestFlags(path), ...loaded?.flags };
    expect(parseFlags(flags, rest).args).toEqual([expect.stringMatching(/^\/backup\/.*\.db$/)]);
  },
);
