// npm run conformance -- [--server embedded|PATH] [--client PATH [--utl PATH]] [--only GLOBS] [--skip GLOBS] [--jobs N] [--list]
// Replays the recorded transcripts; the last line is `N passed, N failed`. TMPDIR on a memory file system is much faster.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { makeCertificates } from "../support/certificates";
import { run } from "../support/child";
import { caseId, loadCases, type Case } from "./case";
import { replay, type Programs, type StepDifference } from "./replay";
import { select } from "./selection";

const root = process.cwd();
const ours = [process.execPath, path.join(root, "bin", "etcdctl.js")];

async function main(): Promise<number> {
  const { values: options } = parseArgs({
    options: {
      server: { type: "string", default: "embedded" },
      client: { type: "string" },
      utl: { type: "string" },
      only: { type: "string", multiple: true, default: [] },
      skip: { type: "string", multiple: true, default: [] },
      jobs: { type: "string", default: "2" },
      list: { type: "boolean", default: false },
    },
  });
  const embedded = options.server === "embedded";
  const programs: Programs = {
    etcdctl: options.client === undefined ? ours : [options.client],
    etcdutl: options.utl === undefined ? [] : [options.utl],
    server: embedded ? [...ours, "serve"] : [options.server],
  };
  const globs = (lists: readonly string[]) => lists.flatMap((list) => list.split(","));
  const cases = select(loadCases(path.join(root, "test", "conformance", "cases")), {
    clientVersion: options.client === undefined ? "3.7" : await versionOf(options.client),
    embedded,
    only: globs(options.only),
    skip: globs(options.skip),
  }).filter((recorded) => programs.etcdutl.length > 0 || !needsUtl(recorded));
  if (options.list) {
    for (const recorded of cases) console.log(`${caseId(recorded)}\t${recorded.about}`);
    return 0;
  }

  const dir = mkdtempSync(path.join(tmpdir(), "conformance-"));
  try {
    const certs = path.join(dir, "certs");
    mkdirSync(certs);
    const certificates = { dir: certs, named: makeCertificates(certs) };
    const queue = [...cases];
    let failed = 0;
    const worker = async () => {
      for (let recorded = queue.shift(); recorded; recorded = queue.shift()) {
        const differences = await replay(recorded, programs, certificates).catch(brokenOff);
        if (differences.length > 0) failed++;
        report(recorded, differences);
      }
    };
    await Promise.all(Array.from({ length: Number(options.jobs) }, worker));
    console.log(`${cases.length - failed} passed, ${failed} failed`);
    return failed > 0 || cases.length === 0 ? 1 : 0;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function brokenOff(error: unknown): StepDifference[] {
  const now = error instanceof Error ? `${error.message} ${String(error.cause ?? "")}` : String(error);
  return [{ step: "", what: "case", recorded: "to run", now }];
}

function needsUtl(recorded: Case): boolean {
  return recorded.steps.some((step) => "program" in step && step.program === "etcdutl");
}

/** `3.5` of a client whose `version` says 3.5.30. */
async function versionOf(client: string): Promise<string> {
  const { stdout, stderr } = await run([client, "version"]);
  const version = /etcdctl version: (\d+\.\d+)\./.exec(stdout.toString())?.[1];
  if (version === undefined) throw new Error(`${client} version: ${stdout.toString()}${stderr.toString()}`);
  return version;
}

function report(recorded: Case, differences: readonly StepDifference[]): void {
  console.log(`${differences.length > 0 ? "FAIL" : "ok  "} ${caseId(recorded)}`);
  const indented = (mark: string, text: string) => text.replace(/\n$/, "").replace(/^/gm, `    ${mark} `);
  for (const { step, what, recorded: expected, now } of differences) {
    console.log(`  ${step}: ${what} differs (- recorded, + now)`);
    console.log(`${indented("-", expected)}\n${indented("+", now)}`);
  }
}

void main().then((code) => {
  process.exitCode = code;
});
