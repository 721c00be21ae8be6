// Commands that show and take Kubernetes objects.
import { decodeStored, encodeStored } from "../../src/kubernetes/stored";
import { configMap, folder, put, run, valueOf, yamlOfConfigMap } from "../support/object-commands";

const secret = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: {
    name: "db",
    annotations: {
      "kubectl.kubernetes.io/last-applied-configuration": '{"data":{"password":"aHVudGVyMg=="}}',
    },
  },
  data: { password: "aHVudGVyMg==" },
};

describe("get", () => {
  test("-w yaml shows an object as kubectl does", async () => {
    await put("/registry/configmaps/default/web", encodeStored(configMap({ a: "1" })));
    const { exit, stdout } = await run(["get", "/registry/configmaps/default/web", "-w", "yaml"]);
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: yamlOfConfigMap });
  });

  test("-w yaml shows custom resources that a server wrote, and leaves other JSON alone", async () => {
    const object = {
      apiVersion: "example.com/v1",
      kind: "Backup",
      metadata: { uid: "u" },
      spec: { at: "01:00" },
    };
    await put("a", encodeStored(object));
    await put("b", '{"apiVersion":"v1","kind":"mine"}');
    expect((await run(["get", "a", "-w", "yaml"])).stdout).toContain('spec:\n  at: "01:00"\n');
    expect((await run(["get", "b", "-w", "yaml"])).stdout).toContain('value: \'{"apiVersion"');
    expect((await run(["get", "b", "-w", "yaml", "--decode"])).stdout).toBe("apiVersion: v1\nkind: mine\n");
  });

  test("-w yaml --decode=false shows the stored bytes", async () => {
    await put("a", encodeStored(configMap({ a: "1" })));
    expect((await run(["get", "a", "-w", "yaml", "--decode=false"])).stdout).toContain(
      "value_base64: azhzAA",
    );
  });

  test("several keys are YAML documents with their names", async () => {
    await put("/r/1", encodeStored(configMap({ a: "1" })));
    await put("/r/2", "plain");
    const { stdout } = await run(["get", "/r/", "--prefix", "-w", "yaml"]);
    expect(stdout).toContain(`---\n# /r/1\n${yamlOfConfigMap}---\nkey: /r/2\nvalue: plain\n`);
  });

  test("import says how to get keys instead of objects", async () => {
    await put("a", encodeStored(configMap({ a: "1" })));
    const { stdout } = await run(["get", "a", "-w", "yaml"]);
    const { exit, stderr } = await run(["import", "-"], { stdin: stdout });
    expect({ exit, stderr }).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining("--decode=false") as string,
    });
    const plain = await run(["get", "a", "-w", "yaml", "--decode=false"]);
    expect((await run(["import", "-"], { stdin: plain.stdout })).exit).toBe(0);
  });

  test("without --decode the other formats print what Go's etcdctl prints", async () => {
    await put("a", encodeStored(configMap({ a: "1" })));
    expect((await run(["get", "a"])).stdout).toContain("k8s\0");
    expect((await run(["get", "a", "-w", "json"])).stdout).toContain('"value":"azhzAA');
  });

  test("--decode shows objects in the simple, jsonl and table formats", async () => {
    await put("/r/1", encodeStored(configMap({ a: "1" })));
    await put("/r/2", "plain");
    const decoded = (...more: string[]) => run(["get", "/r/", "--prefix", "--decode", ...more]);
    expect((await decoded()).stdout).toBe(`/r/1\n${yamlOfConfigMap}/r/2\nplain\n`);
    const lines = (await decoded("-w", "jsonl")).stdout.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { key: "/r/1", object: configMap({ a: "1" }), create_revision: 2, mod_revision: 2, version: 1 },
      { key: "/r/2", value: "plain", create_revision: 3, mod_revision: 3, version: 1 },
    ]);
    const rows = (await decoded("-w", "table")).stdout
      .split("\n")
      .map((row) => row.split(/[│\s]+/).filter(Boolean));
    expect(rows[3]).toEqual([
      "/r/1",
      "ConfigMap",
      "v1",
      "default",
      "web",
      expect.stringMatching(/^\d+$/),
      "2",
    ]);
  });

  test("--decode -w json prints one object as kubectl does, and several as a List", async () => {
    await put("/r/1", encodeStored(configMap({ a: "<1>" })));
    await put("/r/2", encodeStored(configMap({ a: "2" })));
    const one = (await run(["get", "/r/1", "--decode", "-w", "json"])).stdout;
    expect(one).toContain(
      '{\n    "apiVersion": "v1",\n    "data": {\n        "a": "\\u003c1\\u003e"\n    },\n',
    );
    expect(JSON.parse(one)).toEqual(configMap({ a: "<1>" }));
    const list = JSON.parse(
      (await run(["get", "/r/", "--prefix", "--decode", "-w", "json"])).stdout,
    ) as unknown;
    expect(list).toEqual({
      ...{ apiVersion: "v1", kind: "List", metadata: { resourceVersion: "" } },
      items: [configMap({ a: "<1>" }), configMap({ a: "2" })],
    });
    const none = JSON.parse((await run(["get", "/x", "--prefix", "--decode", "-w", "json"])).stdout) as {
      items: [];
    };
    expect(none.items).toEqual([]);
  });

  test("a value that is no object is printed by --decode -w json as without it", async () => {
    await put("a", "plain");
    for (const key of ["a", "missing"]) {
      const [decoded, plain] = [
        await run(["get", key, "--decode", "-w", "json"]),
        await run(["get", key, "-w", "json"]),
      ];
      expect(decoded.stdout).toBe(plain.stdout);
    }
  });

  test("the data of Secrets is hidden unless --show-secrets", async () => {
    await put("s", encodeStored(secret));
    for (const format of ["yaml", "json", "jsonl", "simple"]) {
      const { stdout } = await run(["get", "s", "--decode", "-w", format]);
      expect(stdout).toContain("(hidden, 7 bytes)");
      expect(stdout).not.toContain("aHVudGVyMg");
      expect((await run(["get", "s", "--decode", "--show-secrets", "-w", format])).stdout).toContain(
        "aHVudGVyMg==",
      );
    }
    await put(
      "l",
      encodeStored({ apiVersion: "v1", kind: "SecretList", metadata: {}, items: [{ data: secret.data }] }),
    );
    expect((await run(["get", "l", "-w", "yaml"])).stdout).toContain("password: (hidden, 7 bytes)");
  });

  test("a format without a place for objects is refused", async () => {
    const { exit, stderr } = await run(["get", "a", "--decode", "-w", "fields"]);
    expect(exit).toBe(4);
    expect(stderr).toContain("Error: --decode: fields not supported as output format\n");
    expect((await run(["get", "a", "--decode=yes"])).stderr).toContain(
      "--decode must be true, false or auto",
    );
  });
});

describe("put --encode", () => {
  test("stores YAML and JSON as an API server does", async () => {
    const object = configMap({ a: "1" });
    expect((await run(["put", "--encode", "a"], { stdin: yamlOfConfigMap })).stdout).toBe("OK\n");
    await run(["put", "--encode", "b", JSON.stringify(object)]);
    expect([await valueOf("a"), await valueOf("b")]).toEqual([encodeStored(object), encodeStored(object)]);
    await run(["put", "--encode=json", "c", JSON.stringify(object)]);
    expect(decodeStored(await valueOf("c"))).toMatchObject({ encoding: "json", object });
  });

  test("reads YAML as kubectl does", async () => {
    const yaml = [
      "apiVersion: v1",
      "kind: ConfigMap",
      'data: {yes: "on", time: 2001-01-01, "base 60": "12:30"}',
      "immutable: yes",
      "metadata: {name: a, generation: 9007199254740993, creationTimestamp: 2001-01-01T00:00:00Z}",
    ].join("\n");
    await run(["put", "--encode", "a"], { stdin: yaml });
    expect(decodeStored(await valueOf("a")).object).toEqual({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "a", generation: 9_007_199_254_740_993n, creationTimestamp: "2001-01-01T00:00:00Z" },
      data: { yes: "on", time: "2001-01-01", "base 60": "12:30" },
      immutable: true,
    });
  });

  test("what get shows is what put --encode stores", async () => {
    const value = encodeStored(secret);
    await put("a", value);
    for (const format of ["yaml", "json"]) {
      const shown = await run(["get", "a", "--decode", "--show-secrets", "-w", format]);
      await run(["put", "--encode", "b"], { stdin: shown.stdout });
      expect(await valueOf("b")).toEqual(value);
    }
  });

  const refusals: readonly (readonly [string, string])[] = [
    ["kind: Pod", "--encode: the object has no apiVersion and kind"],
    [
      "{apiVersion: v1, kind: Pod, spec: {container: 1}}",
      "--encode, line 1: spec.container: PodSpec has no such field",
    ],
    [
      "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n  - imagee: b",
      "--encode, line 6: spec.containers[1].imagee: Container has no such field\n",
    ],
    ["apiVersion: v1\nkind: ConfigMap\ndata:\n  a: x\n  b.c: 1", '--encode, line 5: data["b.c"]: not text\n'],
    [
      "apiVersion: apps/v1\nkind: Deploymnet",
      "--encode, line 2: kind: apps/v1 has no Deploymnet that is known here; --encode=json stores it anyway\n",
    ],
    ["text", "--encode: not an object in YAML or JSON"],
    ["a: 1\n---\nb: 1", "--encode: more than one document; a key has one object"],
    ["a: &x 1\nb: *x", "--encode: aliases are not supported"],
    ["a: [", "--encode: "],
  ];
  test.each(refusals)("%j is refused and nothing is written", async (value, message) => {
    const { exit, stderr } = await run(["put", "--encode", "a", value]);
    expect({ exit, isNamed: stderr.includes(`Error: ${message}`) }).toEqual({ exit: 128, isNamed: true });
    expect(await valueOf("a")).toEqual(Buffer.alloc(0));
  });
});

describe("changes", () => {
  test("watch --decode prints objects in each format", async () => {
    const offline = (words: readonly string[], stdin = "") =>
      run([`--offline=${folder()}`, ...words], { stdin });
    await offline(["put", "--encode", "a"], yamlOfConfigMap);
    await offline(["put", "a", "plain"]);
    const events = async (format: string) =>
      (await offline(["watch", "a", "--rev=2", "--prev-kv", "--decode", "-w", format])).stdout;
    expect(await events("simple")).toBe(`PUT\na\n${yamlOfConfigMap}PUT\na\n${yamlOfConfigMap}a\nplain\n`);
    const records = [
      ...[
        {
          type: "PUT",
          key: "a",
          create_revision: 2,
          mod_revision: 2,
          version: 1,
          object: configMap({ a: "1" }),
        },
      ],
      {
        type: "PUT",
        key: "a",
        value: "plain",
        create_revision: 2,
        mod_revision: 3,
        version: 2,
        prev_kv: expect.anything() as unknown,
      },
    ];
    for (const format of ["json", "jsonl"]) {
      const lines = (await events(format)).trimEnd().split("\n");
      expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(records);
    }
    expect(await events("yaml")).toMatch(
      /^---\ncreate_revision: 2\nkey: a\nmod_revision: 2\nobject:\n {2}apiVersion: v1\n/,
    );
  });

  test("history shows what changed in an object, and hides the data of Secrets", async () => {
    await put("a", encodeStored(configMap({ a: "1" })));
    await put("a", encodeStored(configMap({ a: "2" })));
    await put("s", encodeStored(secret));
    await put("s", encodeStored({ ...secret, data: { password: "aHVudGVyMw==" } }));
    const { stdout } = await run(["history", "a"]);
    expect(stdout.slice(stdout.indexOf("revision 3"))).toMatch(
      /^revision 3 .*\n {5}apiVersion: v1\n {5}data:\n {4}- {2}a: "1"\n {4}\+ {2}a: "2"\n/,
    );
    const hidden = (await run(["history", "s"])).stdout;
    expect(hidden).toContain("(hidden, 7 bytes)");
    expect(hidden.slice(hidden.indexOf("revision 5")).split("\n")[1]).toBe("    what changed is not shown");
    expect((await run(["history", "s", "--show-secrets"])).stdout).toContain("+  password: aHVudGVyMw==");
    expect((await run(["history", "a", "--decode=false"])).stdout).toContain("bytes, sha256 ");
    const lines = (await run(["history", "a", "--decode", "-w", "jsonl"])).stdout.trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { object: unknown }).object)).toEqual([
      configMap({ a: "1" }),
      configMap({ a: "2" }),
    ]);
  });

  test("diff --decode shows how objects differ", async () => {
    await put("a", encodeStored(configMap({ a: "1" })));
    await put("a", encodeStored(configMap({ a: "2" })));
    const { exit, stdout } = await run(["diff", "@2", "@3", "--decode"]);
    expect(exit).toBe(1);
    expect(stdout).toContain('~ a\n     apiVersion: v1\n     data:\n    -  a: "1"\n    +  a: "2"\n');
    const record = JSON.parse((await run(["diff", "@2", "@3", "--decode", "-w", "jsonl"])).stdout) as unknown;
    expect(record).toMatchObject({ change: "changed", key: "a", a: { object: configMap({ a: "1" }) } });
    expect((await run(["diff", "@2", "@3", "--decode", "-w", "yaml"])).stdout).toContain(
      "b:\n  create_revision: 2\n",
    );
  });
});
