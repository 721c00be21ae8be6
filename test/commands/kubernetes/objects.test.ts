import { writeFileSync } from "node:fs";
import path from "node:path";
import { systemClock } from "../../../src/clock";
import { startEmbeddedServer, type EmbeddedServer } from "../../../src/index";
import { encodeStored, type TreeObject } from "../../../src/kubernetes/stored";
import { configText, encryptedValues, storedValue } from "../../kubernetes/encrypted-values";
import { runMain } from "../../support/run-main";
import { workFolder } from "../../support/work-folder";

const folder = workFolder();

let server: EmbeddedServer;
beforeEach(async () => {
  server = await startEmbeddedServer();
});
afterEach(() => server.stop());

const run = (...words: string[]) =>
  runMain(["k8s", ...words], { env: { ETCDCTL_ENDPOINTS: server.endpoint }, cwd: folder() });

interface Made {
  readonly kind: string;
  readonly apiVersion?: string;
  readonly name: string;
  readonly namespace?: string;
  readonly owner?: readonly [kind: string, name: string];
  readonly more?: TreeObject;
}

function object({ kind, apiVersion = "v1", name, namespace, owner, more = {} }: Made): Buffer {
  return encodeStored({
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      uid: `${kind}-${name}`,
      creationTimestamp: "2020-01-01T00:00:00Z",
      ...(owner && {
        ownerReferences: [
          { apiVersion: "v1", kind: owner[0], name: owner[1], uid: owner.join("-"), controller: true },
        ],
      }),
    },
    ...more,
  });
}

async function put(key: string, value: string | Buffer): Promise<void> {
  await server.client().kv.put({ key, value });
}

async function fill(prefix = "/registry"): Promise<void> {
  const shop = { namespace: "shop" };
  const apps = { apiVersion: "apps/v1", ...shop };
  await put(`${prefix}/namespaces/shop`, object({ kind: "Namespace", name: "shop" }));
  await put(`${prefix}/minions/node-1`, object({ kind: "Node", name: "node-1" }));
  await put(`${prefix}/deployments/shop/web`, object({ kind: "Deployment", name: "web", ...apps }));
  const owner = ["Deployment", "web"] as const;
  await put(
    `${prefix}/replicasets/shop/web-1`,
    object({ kind: "ReplicaSet", name: "web-1", owner, ...apps }),
  );
  for (const name of ["web-1-a", "web-1-b"]) {
    await put(
      `${prefix}/pods/shop/${name}`,
      object({ kind: "Pod", name, owner: ["ReplicaSet", "web-1"], ...shop }),
    );
  }
  await put(`${prefix}/pods/default/alone`, object({ kind: "Pod", name: "alone", namespace: "default" }));
  await put(
    `${prefix}/pods/shop/left`,
    object({ kind: "Pod", name: "left", owner: ["Job", "gone"], ...shop }),
  );
  await put(`${prefix}/services/specs/shop/web`, object({ kind: "Service", name: "web", ...shop }));
  await put(
    `${prefix}/secrets/shop/login`,
    object({ kind: "Secret", name: "login", ...shop, more: { data: { password: "aHVudGVyMg==" } } }),
  );
  await put(
    `${prefix}/apiextensions.k8s.io/customresourcedefinitions/widgets.example.com`,
    object({
      kind: "CustomResourceDefinition",
      apiVersion: "apiextensions.k8s.io/v1",
      name: "widgets.example.com",
      more: {
        spec: {
          group: "example.com",
          scope: "Namespaced",
          names: { plural: "widgets", singular: "widget", kind: "Widget", shortNames: ["wd"] },
          versions: [],
        },
      },
    }),
  );
  await put(
    `${prefix}/example.com/widgets/shop/w1`,
    object({
      kind: "Widget",
      apiVersion: "example.com/v1",
      name: "w1",
      ...shop,
      more: { spec: { size: 3 } },
    }),
  );
}

/** The first column. */
const names = (stdout: string): string[] =>
  stdout
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(/ +/)[0] ?? "");

describe("k8s ls", () => {
  test.each(["/registry", "/kubernetes.io", "/clusters/one"])(
    "counts the resources under %s",
    async (prefix) => {
      await fill(prefix);
      const { exit, stdout, stderr } = await run("ls");
      expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
      expect(stdout.replaceAll(/ +\S+ k?B$/gm, "").split("\n")).toEqual([
        "RESOURCE                                        OBJECTS   SIZE",
        "customresourcedefinitions.apiextensions.k8s.io        1",
        "deployments.apps                                      1",
        "namespaces                                            1",
        "nodes                                                 1",
        "pods                                                  4",
        "replicasets.apps                                      1",
        "secrets                                               1",
        "services                                              1",
        "widgets.example.com                                   1",
        "",
      ]);
      expect(names((await run("ls", "-n", "default")).stdout)).toEqual(["pods"]);
    },
  );

  test("lists the objects of a kind with owner, age, size and revision", async () => {
    await fill();
    const clock = { ...systemClock, now: () => Date.parse("2020-01-03T04:00:00Z") };
    const env = { ETCDCTL_ENDPOINTS: server.endpoint };
    const { stdout } = await runMain(["k8s", "ls", "po", "-n", "shop"], { env, clock });
    expect(stdout.replaceAll(/ \d+ B/g, " N B").split("\n")).toEqual([
      "NAME     OWNER             AGE    SIZE  REVISION",
      "left     Job/gone          2d4h  N B         9",
      "web-1-a  ReplicaSet/web-1  2d4h  N B         6",
      "web-1-b  ReplicaSet/web-1  2d4h  N B         7",
      "",
    ]);
  });

  test.each([
    ["pods", ["left", "web-1-a", "web-1-b"]],
    ["Pod", ["left", "web-1-a", "web-1-b"]],
    ["svc", ["web"]],
    ["deploy", ["web"]],
    ["deployments.apps", ["web"]],
    ["deployment.v1.apps", ["web"]],
    ["no", ["node-1"]],
    ["widgets", ["w1"]],
    ["wd", ["w1"]],
    ["Widget.example.com", ["w1"]],
    ["pod/left", ["left"]],
    ["svc,deploy", ["services/web", "deployments.apps/web"]],
    [
      "all",
      ["pods/left", "pods/web-1-a", "pods/web-1-b", "services/web", "deployments.apps/web"].concat(
        "replicasets.apps/web-1",
      ),
    ],
  ])("understands %s", async (word, expected) => {
    await fill();
    expect(names((await run("ls", word, "-n", "shop")).stdout)).toEqual(expected);
  });

  test("reads the namespace default unless another one or all are wanted", async () => {
    await fill();
    expect(names((await run("ls", "pods")).stdout)).toEqual(["alone"]);
    const { stdout } = await run("ls", "pods", "-A");
    expect(names(stdout)).toEqual(["default", "shop", "shop", "shop"]);
    expect(names((await run("ls", "pods", "web-1-a", "-A")).stdout)).toEqual(["shop"]);
  });

  test("knows resources that have keys but no definition", async () => {
    await fill();
    await put("/registry/other.io/things/shop/t", "{}");
    expect(names((await run("ls", "things.other.io", "-n", "shop")).stdout)).toEqual(["t"]);
  });

  test("escapes what a hostile key and object hold", async () => {
    await put(
      "/registry/pods/default/\x1b[31m",
      object({ kind: "Pod", name: "x", owner: ["\x1b]0;", "\x07"] }),
    );
    const { stdout } = await run("ls", "pods");
    expect(stdout).toContain(String.raw`\x1b[31m  \x1b]0;/\x07`);
    expect((await run("ls")).exit).toBe(0);
    expect(stdout).not.toContain("\x1b");
  });

  test("jsonl has exact values", async () => {
    await fill();
    const { stdout } = await run("ls", "pods", "left", "-n", "shop", "-w", "jsonl");
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ resource: "pods", namespace: "shop", name: "left", owner: "Job/gone" },
      created: "2020-01-01T00:00:00Z",
    });
  });
});

describe("k8s get", () => {
  test("prints an object as YAML, or as JSON", async () => {
    await fill();
    const { stdout } = await run("get", "widget", "w1", "-n", "shop");
    expect(stdout).toMatch(
      /^apiVersion: example.com\/v1\nkind: Widget\nmetadata:\n[^]*\nspec:\n {2}size: 3\n$/,
    );
    const json = (await run("get", "widget/w1", "-n", "shop", "-w", "json")).stdout;
    expect(JSON.parse(json)).toMatchObject({ kind: "Widget", spec: { size: 3 } });
  });

  test("prints several objects by their names, and reports those that are missing", async () => {
    await fill();
    const named = await run("get", "pods", "web-1-a", "nope", "-n", "shop");
    expect(named).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining("no pods nope in namespace shop"),
    });
    expect(named.stdout).toContain("kind: Pod\n");
    const pairs = await run("get", "deploy/web", "po/web-1-a", "-n", "shop", "-w", "jsonl");
    expect(pairs.stdout.match(/"kind":"(Deployment|Pod)"/g)).toEqual(['"kind":"Deployment"', '"kind":"Pod"']);
    const listed = await run("ls", "deploy/web", "po/nope", "cm/nope", "-n", "shop");
    expect(listed.stdout).toContain("deployments.apps/web");
    expect(listed.stderr).toMatch(/^Error: no pods nope in namespace shop; no configmaps nope/);
    expect(await run("get", "deploy/web", "web-1")).toMatchObject({ exit: 128 });
  });

  test("takes -o in place of --write-out, as kubectl spells it", async () => {
    await fill();
    const outputs = async (...words: string[]) =>
      Promise.all(["-o", "-w"].map(async (flag) => (await run(...words, flag, "json")).stdout));
    for (const words of [["get", "deploy", "-n", "shop"], ["ls"], ["encryption"]]) {
      const [byO, byW] = await outputs(...words);
      expect(byO).toContain('"items":');
      expect(byO).toBe(byW);
    }
    expect(await run("ls", "-o", "wide")).toMatchObject({
      exit: 4,
      stderr: expect.stringContaining("this command prints simple, table, json, yaml, jsonl"),
    });
  });

  test("a word after k8s that is no command of it is an error", async () => {
    const result = await run("lss");
    expect(result).toMatchObject({ exit: 1, stdout: "" });
    expect(result.stderr).toContain('Error: unknown command "lss" for "etcdctl k8s"');
    expect(result.stderr).toContain("hint: did you mean ls?");
  });

  test("prints all objects of a kind as documents, and as a List", async () => {
    await fill();
    expect((await run("get", "pods", "-n", "shop", "-w", "yaml")).stdout.match(/^kind: Pod$/gm)).toHaveLength(
      3,
    );
    const list = JSON.parse((await run("get", "pods", "-A", "-w", "json")).stdout) as { items: unknown[] };
    expect(list.items).toHaveLength(4);
  });

  test("hides the data of secrets unless they are wanted", async () => {
    await fill();
    for (const format of ["simple", "yaml", "json", "jsonl"]) {
      const words = ["get", "secret", "login", "-n", "shop", "-w", format];
      expect((await run(...words)).stdout).not.toContain("aHVudGVyMg==");
      expect((await run(...words, "--show-secrets")).stdout).toContain("aHVudGVyMg==");
    }
  });

  test("leaves out managed fields unless they are wanted", async () => {
    await fill();
    const managedFields = [{ manager: "kubectl", operation: "Update" }];
    await put(
      "/registry/example.com/widgets/shop/managed",
      JSON.stringify({
        apiVersion: "example.com/v1",
        kind: "Widget",
        metadata: { name: "m", managedFields },
      }),
    );
    const words = ["get", "wd", "managed", "-n", "shop"];
    for (const format of ["simple", "yaml", "json", "jsonl"]) {
      expect((await run(...words, "-w", format)).stdout).not.toContain("manager");
      expect((await run(...words, "-w", format, "--show-managed-fields")).stdout).toContain("manager");
    }
  });

  test("prints a value that is no object so that no terminal obeys it", async () => {
    await fill();
    await put("/registry/secrets/shop/a", Buffer.from("k8s:enc:aescbc:v1:key1:\x1b[31m\xff", "latin1"));
    const { exit, stdout, stderr } = await run("get", "secrets", "-n", "shop");
    expect({ exit, stderr }).toEqual({
      exit: 0,
      stderr: "hint: 1 object is encrypted; --encryption-config FILE opens it\n",
    });
    expect(stdout).toContain("---\nkey: /registry/secrets/shop/a\nvalue_base64: ");
    expect(stdout).toContain("---\n# /registry/secrets/shop/login\napiVersion: v1\n");
  });

  test("works on a backup", async () => {
    await fill();
    const file = path.join(folder(), "backup.db");
    await runMain(["snapshot", "save", file], { env: { ETCDCTL_ENDPOINTS: server.endpoint } });
    const { stdout } = await runMain(["k8s", "get", "deploy", "web", "-n", "shop", `--offline=${file}`]);
    expect(stdout).toMatch(/^apiVersion: apps\/v1\nkind: Deployment\n/);
  });
});

test("an encrypted object is opened with the configuration, by k8s get, k8s ls and get", async () => {
  const each = encryptedValues.find(({ provider }) => provider === "aesgcm");
  if (each === undefined) throw new Error("no fixture");
  await put(each.key, storedValue(each, "key1"));
  const keys = [{ name: "key1", secret: each.secret }];
  writeFileSync(path.join(folder(), "enc.yaml"), configText([{ provider: "aesgcm", keys }]));
  const closed = await run("ls", "secrets", "-n", "shop");
  expect(closed.stderr).toBe("hint: 1 object is encrypted; --encryption-config FILE opens it\n");
  const config = ["--encryption-config", "enc.yaml"];
  const { stdout, stderr } = await run("get", "secret", "login", "-n", "shop", ...config, "--show-secrets");
  expect(stderr).toBe("");
  expect(stdout).toContain(Buffer.from("correct horse").toString("base64"));
  expect((await run("ls", "secrets", "-n", "shop", ...config)).stderr).toBe("");
  const env = { ETCDCTL_ENDPOINTS: server.endpoint };
  const got = await runMain(["get", each.key, ...config, "-w", "yaml"], { env, cwd: folder() });
  expect(got.stdout).toMatch(/^apiVersion: v1\n/);
  await put("/registry/secrets/shop/moved", storedValue(each, "key1"));
  const moved = await runMain(["get", "/registry/secrets/shop/moved", ...config], { env, cwd: folder() });
  expect(moved.stderr).toBe("hint: not opened: the key key1 of aesgcm does not open it\n");
});

describe("k8s tree", () => {
  const tree = async (...words: string[]) =>
    (await run("tree", ...words)).stdout.replaceAll(/ {2}\d+y\d*d?/g, "");

  test("shows who owns what, and owners that are gone", async () => {
    await fill();
    expect(await tree("-n", "shop")).toBe(
      [
        "Deployment/web",
        "└── ReplicaSet/web-1",
        "    ├── Pod/web-1-a",
        "    └── Pod/web-1-b",
        "Pod/left  owner Job/gone is gone",
        "",
      ].join("\n"),
    );
    expect(await tree("rs", "web-1", "-n", "shop")).toMatch(/^ReplicaSet\/web-1\n├── Pod\/web-1-a\n/);
    expect(await tree("pod/left", "-A")).toBe("Pod/left in shop  owner Job/gone is gone\n");
  });

  test("ends where objects own each other, and shows a shared object's children once", async () => {
    const at = (name: string) => `/registry/pods/default/${name}`;
    await put(at("a"), object({ kind: "Pod", name: "a", owner: ["Pod", "b"] }));
    await put(at("b"), object({ kind: "Pod", name: "b", owner: ["Pod", "a"] }));
    expect(await tree("pod", "a")).toBe("Pod/a\n└── Pod/b\n    └── Pod/a  …\n");
    expect((await run("tree")).stderr).toMatch(
      /^Error: no object in namespace default has an owner\nhint: -n NAMESPACE /,
    );
  });

  test("prints nested objects as JSON", async () => {
    await fill();
    const { stdout } = await run("tree", "deploy", "web", "-n", "shop", "-w", "json");
    expect(JSON.parse(stdout)).toMatchObject({
      items: [{ name: "Deployment/web", children: [{ children: [{ name: "Pod/web-1-a" }, {}] }] }],
    });
  });
});

test.each<[string[], RegExp]>([
  [["ls", "nonsense"], /^Error: no resource "nonsense" is stored here\nhint: etcdctl k8s ls /],
  [["ls", "pods", "-n", "empty"], /^Error: no pods in namespace empty\nhint: -n NAMESPACE /],
  [["ls", "node", "other"], /^Error: no nodes other\n$/],
  [["ls", "jobs"], /^Error: no jobs.batch\n$/],
  [["ls", "-n", "empty"], /^Error: no object is stored in namespace empty\n$/],
  [["ls", "--registry-prefix", "/other"], /^Error: no object is stored below \/other\/\n$/],
  [["get"], /^Error: k8s get takes a kind, and names or none for all objects\n/],
  [["get", "pods", "x", "-w", "fields"], /^Error: --decode: fields not supported as output format\n/],
  [["tree", "pods"], /^Error: k8s tree takes a kind and a name, or neither\n/],
  [["ls", "-w", "fields"], /^Error: fields not supported as output format\n/],
])("k8s %j is refused", async (words, message) => {
  await fill();
  const { exit, stderr } = await run(...words);
  expect(exit).toBeGreaterThan(0);
  expect(stderr).toMatch(message);
});
