// The server against a naive model: every kind of request, watches, leases that expire, crashes and power losses.
// MODEL_OPERATIONS=1000000 sets the number of operations, MODEL_SEED the first seed.
import path from "node:path";
import { seeded } from "../support/seeded";
import { workFolder } from "../support/work-folder";
import { Run } from "./run";
import { shrunk } from "./shrink";

const operations = Number(process.env["MODEL_OPERATIONS"] ?? 20_000);
const isLong = operations > 100_000;
const firstSeed = Number(process.env["MODEL_SEED"] ?? 1);
/** Each history begins with an empty directory: a failure is short, and the naive model stays fast. */
const seedsPerHistory = 2000;
const linesShown = 40;

const folder = workFolder();

interface Failure {
  readonly message: string;
  readonly history: readonly string[];
}

async function outcomeOf(seeds: readonly number[], patienceMs = 90_000): Promise<number | Failure> {
  const run = new Run(path.join(folder(), "run"), patienceMs);
  try {
    await run.all(seeds);
    return run.operations;
  } catch (error) {
    return { message: (error as Error).stack ?? String(error), history: run.history };
  }
}

test(
  `${operations} operations do what the model does`,
  async () => {
    let done = 0;
    for (let seed = firstSeed; done < operations; seed++) {
      const random = seeded(seed);
      const seeds = Array.from({ length: seedsPerHistory }, () => random(2 ** 31));
      const outcome = await outcomeOf(seeds);
      if (typeof outcome === "number") {
        done += outcome;
        if (isLong) process.stderr.write(`MODEL_SEED=${seed}: ${done} operations\n`);
        continue;
      }
      const least = await shrunk(seeds, async (some) => typeof (await outcomeOf(some, 1000)) !== "number");
      const again = await outcomeOf(least);
      const { message, history } = typeof again === "number" ? outcome : again;
      throw new Error(`MODEL_SEED=${seed}: ${message}\n${history.slice(-linesShown).join("\n")}`);
    }
  },
  600_000 + operations * 60,
);
