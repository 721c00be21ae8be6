// `edit`, with an editor that the test plays.
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { encodeStored } from "../../src/kubernetes/stored";
import { configMap, put, run, server, valueOf, yamlOfConfigMap } from "../support/object-commands";
import type { TestIoOptions } from "../support/test-io";

describe("edit", () => {
  /** An editor that replaces text in the file, and leaves its path in `seen`. */
  const seen: { file: string; argv: readonly string[]; text: string } = { file: "", argv: [], text: "" };
  const editor = (change: (text: string) => string): TestIoOptions => ({
    onChild(child) {
      const file = child.argv.at(-1) ?? "";
      Object.assign(seen, { file, argv: child.argv, text: readFileSync(file, "utf8") });
      writeFileSync(file, change(seen.text));
      child.end({ exitCode: 0 });
    },
  });

  afterEach(() => {
    if (seen.file !== "") rmSync(path.dirname(seen.file), { recursive: true, force: true });
  });

  test("writes an object back in its stored form", async () => {
    await put("/r/web", encodeStored(configMap({ a: "1" })));
    const { exit, stdout } = await run(
      ["edit", "/r/web"],
      editor((text) => text.replace('"1"', "two")),
    );
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: "OK\n" });
    expect(await valueOf("/r/web")).toEqual(encodeStored(configMap({ a: "two" })));
    expect(seen.text).toBe(
      `# The key /r/web at revision 2. Lines like this one are ignored.\n${yamlOfConfigMap}`,
    );
    expect({ name: path.basename(seen.file), isKept: existsSync(path.dirname(seen.file)) }).toEqual({
      ...{ name: "web.yaml", isKept: false },
    });
  });

  test("keeps the encoding of an object that is stored as JSON", async () => {
    await put("a", encodeStored(configMap({ a: "1" }), "json"));
    await run(
      ["edit", "a"],
      editor((text) => text.replace('"1"', "two")),
    );
    expect(await valueOf("a")).toEqual(encodeStored(configMap({ a: "two" }), "json"));
  });

  test("keeps the lease, and the missing line end of a plain value", async () => {
    const { ID: lease } = await server.client().lease.leaseGrant({ TTL: 1000n });
    await server.client().kv.put({ key: "a", value: "one", lease });
    await run(
      ["edit", "a"],
      editor(() => "two\n"),
    );
    const [kv] = (await server.client().kv.range({ key: "a" })).kvs;
    expect([kv?.value.toString(), kv?.lease]).toEqual(["two", lease]);
  });

  test("writes nothing if nothing changed", async () => {
    await put("a", "one");
    for (const change of [(text: string) => text, (text: string) => `${text}\n`]) {
      const { exit, stdout, stderr } = await run(["edit", "a"], editor(change));
      expect({ exit, stdout, stderr }).toEqual({
        ...{ exit: 0, stdout: "", stderr: "hint: nothing changed, nothing written\n" },
      });
    }
    expect((await server.client().kv.range({ key: "a" })).kvs[0]?.version).toBe(1n);
    expect(existsSync(seen.file)).toBe(false);
  });

  test("a conflict keeps the text in a file and does not overwrite the other change", async () => {
    await put("a", "one");
    const { exit, stderr } = await run(["edit", "a"], {
      async onChild(child) {
        const file = child.argv.at(-1) ?? "";
        writeFileSync(file, "mine");
        seen.file = file;
        await put("a", "theirs");
        child.end({ exitCode: 0 });
      },
    });
    expect(exit).toBe(1);
    expect(stderr).toContain('Error: "a" was written by another client meanwhile\n');
    expect(stderr).toContain(`hint: your text is in ${seen.file}\n`);
    expect(readFileSync(seen.file, "utf8")).toBe("mine");
    expect(statSync(seen.file).mode & 0o077).toBe(0);
    expect(await valueOf("a")).toEqual(Buffer.from("theirs"));
  });

  test("an object that does not fit keeps the text in a file", async () => {
    await put("a", encodeStored(configMap({ a: "1" })));
    const { exit, stderr } = await run(
      ["edit", "a"],
      editor((text) => text.replace("data:", "date:")),
    );
    expect(exit).toBe(128);
    expect(stderr).toContain("Error: the edited object, line 3: date: ConfigMap has no such field\n");
    expect(stderr).toContain(`hint: your text is in ${seen.file}\n`);
    expect(readFileSync(seen.file, "utf8")).toContain("date:");
  });

  test("an encrypted object is not opened", async () => {
    await put("a", "k8s:enc:aescbc:v1:key1:xyz");
    const { exit, stderr } = await run(
      ["edit", "a"],
      editor((text) => `${text}x`),
    );
    expect(exit).toBe(1);
    expect(stderr).toContain("Error: the value is encrypted at rest\n");
    expect(await valueOf("a")).toEqual(Buffer.from("k8s:enc:aescbc:v1:key1:xyz"));
  });

  test("an editor that fails after a change keeps the text, and leaves nothing without one", async () => {
    await put("a", "one");
    for (const text of ["mine", "one"]) {
      const { exit, stderr } = await run(["edit", "a"], {
        onChild(child) {
          seen.file = child.argv.at(-1) ?? "";
          writeFileSync(seen.file, text);
          child.end({ exitCode: 2 });
        },
      });
      expect(exit).toBe(1);
      expect(stderr).toContain("Error: the editor failed: exit status 2\n");
      expect(existsSync(seen.file)).toBe(text === "mine");
      rmSync(path.dirname(seen.file), { recursive: true, force: true });
    }
  });

  test("Ctrl-C after a change keeps the text and says where, and writes nothing", async () => {
    await put("a", "one");
    const { exit, stderr } = await run(["edit", "a"], {
      onChild(child, io) {
        seen.file = child.argv.at(-1) ?? "";
        writeFileSync(seen.file, "two");
        io.sendSignal("SIGINT");
        child.end({ exitCode: 0 });
      },
    });
    expect({ exit, stderr }).toEqual({ exit: 130, stderr: `hint: your text is in ${seen.file}\n` });
    expect(readFileSync(seen.file, "utf8")).toBe("two");
    expect((await valueOf("a"))?.toString()).toBe("one");
  });

  test("the editor is that of the flag, else of VISUAL, else of EDITOR", async () => {
    await put("a", "one");
    const command = async (words: string[], env: Record<string, string>) => {
      await run(["edit", "a", ...words], { ...editor((text) => text), env });
      return seen.argv[2] ?? seen.argv[0];
    };
    const env = { VISUAL: "visual --wait", EDITOR: "ed" };
    expect(await command(["--editor", "mine"], env)).toBe('mine "$@"');
    expect(await command([], env)).toBe('visual --wait "$@"');
    expect(await command([], { EDITOR: "ed" })).toBe('ed "$@"');
  });

  test("what cannot be edited is refused", async () => {
    await put("b", Buffer.of(0xff));
    expect((await run(["edit", "a"])).stderr).toContain('Error: no key "a"\n');
    expect((await run(["edit", "b"])).stderr).toContain("Error: the value is not text\n");
    expect((await run(["edit"])).exit).toBe(128);
  });
});
