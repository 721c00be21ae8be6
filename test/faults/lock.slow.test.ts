// Twenty processes increment a number in a file under one lock while the members of the cluster are killed one by one. In
// the end the number is exact and every command has succeeded.
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { Child } from "../support/child";
import { program } from "../support/etcdctl";
import { describeWithEtcd, startEtcd } from "../support/real-etcd";
import type { ServerGroup } from "../support/server-group";
import { until } from "../support/until";

const processes = 20;
const rounds = 2;
/** The values of the number at which the next member is killed. */
const strikes = [4, 16, 28];

describeWithEtcd("3.5", "a lock on a cluster of three", () => {
  let group: ServerGroup;
  beforeAll(async () => {
    group = await startEtcd("3.5", { size: 3 });
  });
  afterAll(() => group.stop());

  test("has one holder at a time although members are killed", async () => {
    const file = path.join(group.workDir, "number");
    await writeFile(file, "0\n");
    const increment = `n=$(cat '${file}'); sleep 0.02; echo $((n + 1)) > '${file}'`;
    const words = ["--endpoints", group.endpoints.join(","), "lock", "number", "--", "sh", "-c", increment];
    const again = `i=0; while [ $i -lt ${rounds} ]; do "$@" || exit $?; i=$((i + 1)); done`;
    const argv = ["sh", "-c", again, "sh", ...program, ...words];
    const lockers = Array.from({ length: processes }, () => new Child(argv));
    const all = Promise.all(lockers.map((locker) => locker.finish(150_000)));
    for (const [i, strike] of strikes.entries()) {
      const member = group.members[i];
      if (!member) break;
      await until(`the number is ${strike}`, async () => Number(await readFile(file)) >= strike);
      await group.kill(member);
      await group.restart(member);
    }
    const failed = (await all).filter(({ exit }) => exit !== 0);
    expect(failed.map(({ exit, stderr }) => `${exit}: ${stderr.toString()}`)).toEqual([]);
    expect(await readFile(file, "utf8")).toBe(`${processes * rounds}\n`);
  });
});
