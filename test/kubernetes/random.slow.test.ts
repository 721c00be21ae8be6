// Objects of every kind, filled with random values and stored by Kubernetes' own Go modules (test/kubernetes/go). For machines without Go
// there are recorded objects (recorded.test.ts).
import { execFileSync } from "node:child_process";
import path from "node:path";
import { describeUnless } from "../support/skip";
import { sharedFolder } from "../support/work-folder";
import { differences } from "./compare";

const folder = sharedFolder();
const program = path.join(folder, "objects");

/** Builds the program from what Go's module cache has; returns why it cannot. */
function build(): string | undefined {
  const go = (...words: string[]) =>
    execFileSync("go", words, {
      cwd: path.join(__dirname, "go"),
      env: { ...process.env, GOPROXY: "off", GOFLAGS: "-mod=readonly", GOTOOLCHAIN: "local" },
      stdio: "pipe",
    });
  try {
    go("version");
  } catch {
    return "Go is not installed";
  }
  try {
    go("build", "-o", program, ".");
    return undefined;
  } catch {
    return "Go's module cache lacks modules of Kubernetes; go -C test/kubernetes/go mod download fetches them";
  }
}

describeUnless(build(), "objects filled at random", () => {
  for (const seed of ["1", "2", "3"]) {
    test(`those of seed ${seed} decode to Go's JSON, and are encoded to Go's bytes from both`, () => {
      const output = execFileSync(program, [seed], { maxBuffer: 1 << 28 });
      const lines = output.toString().trimEnd().split("\n");
      expect(lines.length).toBeGreaterThan(500);
      expect(lines.flatMap(differences)).toEqual([]);
    });
  }
});
