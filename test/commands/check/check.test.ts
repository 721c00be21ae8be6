// check perf and check datascale: their results in the words of Go's etcdctl, and their clean-up.
import type { LoadReport } from "../../../src/commands/check/load-generator";
import { verdict } from "../../../src/commands/check/perf";
import { sizeOf } from "../../../src/commands/check/workload";
import { startEmbeddedServer, type EmbeddedServer } from "../../../src/index";
import { runMain } from "../../support/run-main";

const good: LoadReport = {
  calls: 9000,
  perSecond: 149.9,
  slowestSeconds: 0.0123456,
  deviationSeconds: 0.001,
  errors: new Map(),
  busy: 0.1,
};

describe("the result of check perf", () => {
  test("is PASS if throughput, slowest request and deviation are good", () => {
    expect(verdict(good, 150)).toEqual({
      passed: true,
      lines: [
        "PASS: Throughput is 150 writes/s",
        "PASS: Slowest request took 0.012346s",
        "PASS: Stddev is 0.001000s",
        "PASS",
      ],
    });
  });

  test.each([
    [{ perSecond: 134 }, "FAIL: Throughput too low: 135 writes/s"],
    [{ slowestSeconds: 0.51 }, "Slowest request took too long: 0.510000s"],
    [{ deviationSeconds: 0.11 }, "Stddev too high: 0.110000s"],
    [{ errors: new Map([["refused", 3]]) }, "FAIL: ERROR(refused) -> 3"],
  ])("is FAIL for %j", (bad, line) => {
    const { passed, lines } = verdict({ ...good, ...bad }, 150);
    expect(passed).toBe(false);
    expect(lines).toContain(line);
    expect(lines.at(-1)).toBe("FAIL");
  });
});

test("a workload has a short and a long name", () => {
  expect(["s", "small", "m", "medium", "l", "large", "xl", "xLarge"].map(sizeOf)).toEqual([
    ...["s", "s", "m", "m", "l", "l", "xl", "xl"],
  ]);
  expect(() => sizeOf("huge")).toThrow("unknown load option huge");
});

describe("check datascale", () => {
  let server: EmbeddedServer;
  beforeAll(async () => {
    server = await startEmbeddedServer();
  });
  afterAll(() => server.stop());

  const check = (...words: readonly string[]) =>
    runMain(words, { env: { ETCDCTL_ENDPOINTS: server.endpoint } });

  test("writes keys, prints their memory use and deletes them", async () => {
    const { exit, stdout } = await check("check", "datascale");
    expect(stdout).toMatch(
      /^Start data scale check for work load \[10000 key-value pairs, 1024 bytes per key-value, 50 concurrent clients\]\.\nPASS: Approximate system memory used : -?\d+\.\d\d MB\.\n$/,
    );
    expect(exit).toBe(0);
    expect((await check("get", "", "--prefix", "--count-only")).stdout).toBe("0\n");
  });

  test("fails without a change if the prefix has keys", async () => {
    await check("put", "/etcdctl-check-datascale/mine", "1");
    expect(await check("check", "datascale")).toMatchObject({
      exit: 3,
      stdout: "",
      stderr: expect.stringContaining('Error: prefix "/etcdctl-check-datascale/" has keys.') as string,
    });
    expect((await check("get", "/etcdctl-check-datascale/mine")).stdout).toContain("1\n");
  });
});
