// The server against a naive model: every kind of request, watches, leases that expire, crashes and power losses.
// MODEL_OPERATIONS=1000000 sets the number of operations, MODEL_SEED the first seed.
import path from "node:path";
import { seeded } from "../support/seeded";
import { workFolder } from "../support/work-folder";
import { Run } from "./run";
import { shrunk } from "./shrink";

const operations = Number(process.env["MODEL_OPERATIONS"] ?? 20_000);
const firstSeed = Number(process.env["MODEL_SEED"] ?? 1);
/** Each history begins with an empty directory: a failure is short, and the naive model stays fast. */
const operationsPerHistory = 2000;
const linesShown = 40;

const folder = workFolder();

async function failureOf(
  seeds: readonly number[],
  patienceMs = 90_000,
): Promise<{ message: string; history: string[] } | undefined> {
  const run = new Run(path.join(folder(), "run"), patienceMs);
  try {
    await run.all(seeds);
    return undefined;
  } catch (error) {
    return { message: (error as Error).stack ?? String(error), history: run.history };
  }
}

test(`${operations} operations do what the model does`, async () => {
  const histories = Math.ceil(operations / operationsPerHistory);
  for (let seed = firstSeed; seed < firstSeed + histories; seed++) {
    const random = seeded(seed);
    const seeds = Array.from({ length: operationsPerHistory }, () => random(2 ** 31));
    const failure = await failureOf(seeds);
    if (failure === undefined) continue;
    const least = await shrunk(seeds, async (some) => (await failureOf(some, 1000)) !== undefined);
    const { message, history } = (await failureOf(least)) ?? failure;
    throw new Error(`MODEL_SEED=${seed}: ${message}\n${history.slice(-linesShown).join("\n")}`);
  }
}, 3_600_000);
