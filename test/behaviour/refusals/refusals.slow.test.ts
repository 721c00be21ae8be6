// What refusals.json says of etcd 3.7 is true. With RECORD=1 in the environment it is written anew.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describeWithEtcd, startEtcd } from "../../support/real-etcd";
import { groups } from "./cases";
import { headerOutcomes } from "./headers";
import { rawOutcomes } from "./raw";
import { runCases, untilReady, type Outcome } from "./run";

const file = path.join(__dirname, "refusals.json");

async function withEtcd<T>(use: (endpoint: string) => Promise<T>): Promise<T> {
  const etcd = await startEtcd("3.7");
  try {
    const endpoint = `http://${etcd.endpoints[0]}`;
    await untilReady(endpoint);
    return await use(endpoint);
  } finally {
    await etcd.stop();
  }
}

describeWithEtcd("3.7", "etcd", () => {
  test("refuses the calls as recorded", async () => {
    const found: Record<string, Outcome[]> = {};
    for (const [name, cases] of Object.entries(groups)) {
      found[name] = await withEtcd((endpoint) => runCases(endpoint, cases));
    }
    found.raw = await withEtcd(rawOutcomes);
    found.headers = await withEtcd(headerOutcomes);
    if (process.env.RECORD === "1") {
      const lines = Object.entries(found).map(
        ([name, outcomes]) =>
          `${JSON.stringify(name)}: [\n${outcomes.map((each) => `  ${JSON.stringify(each)}`).join(",\n")}\n]`,
      );
      writeFileSync(file, `{\n${lines.join(",\n")}\n}\n`);
    }
    const recorded = (await import("./refusals.json")).default as Readonly<Record<string, unknown>>;
    expect(found).toEqual(recorded);
  });
});
