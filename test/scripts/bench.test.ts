// What the benchmarks say when they cannot start. Speed is not tested.
import { run } from "../support/child";

/** Runs a script of bench/ where no program of etcd is. */
async function bench(script: string, ...words: string[]) {
  const argv = [process.execPath, `bench/${script}`, ...words];
  const { exit, stderr } = await run(argv, { env: { PATH: "/nonexistent" } });
  return { exit, stderr: stderr.toString() };
}

test.each(["run.mjs", "table.mjs"])(
  "%s refuses a name that selects nothing, and lists the names",
  async (script) => {
    const { exit, stderr } = await bench(script, "nosuch");
    expect(exit).toBe(1);
    expect(stderr).toMatch(/^nothing has the name nosuch: choose from .*cold/);
  },
);

test("the table says which programs of etcd are missing", async () => {
  const { exit, stderr } = await bench("table.mjs", "cold");
  expect(exit).toBe(1);
  for (const name of ["etcd", "etcdctl", "etcdutl"])
    expect(stderr).toContain(`no ${name} in ETCD_BIN_DIR or PATH`);
});
