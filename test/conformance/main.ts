// npm run conformance -- [--server [VERSION=]CMD] [--client [VERSION=]CMD] [--utl [VERSION=]CMD] [--only GLOBS]
//   [--skip GLOBS] [--skip-file FILE] [--max-members N] [--jobs N] [--list]
// Replays the recorded transcripts; the last line is `N passed, N failed`. VERSION selects the cases that were recorded with
// that version; the default is 3.7. Cases without a program for their version are skipped. CMD can be `ours` for this
// project's client and tools and `embedded` for its server, which are the defaults for 3.7. A TMPDIR in memory is much faster.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { makeCertificates } from "../support/certificates";
import { run } from "../support/child";
import { programWords as program } from "../support/etcdctl";
import { caseId, loadCases, type Case } from "./case";
import { replay, type Programs } from "./replay";
import type { StepDifference } from "./run";
import { ByVersion, MAIN_VERSION, needs37Server, notEmbedded, select, skipFile } from "./selection";

const root = process.cwd();
const embedded = [...program("etcdctl"), "serve"];

async function main(): Promise<number> {
  const many = { type: "string", multiple: true, default: [] as string[] } as const;
  const { values: options } = parseArgs({
    options: {
      server: many,
      client: many,
      utl: many,
      only: many,
      skip: many,
      "skip-file": many,
      "max-members": { type: "string" },
      jobs: { type: "string", default: "2" },
      list: { type: "boolean", default: false },
    },
  });
  const programs = {
    server: byVersion(options.server, { embedded }, "embedded"),
    etcdctl: byVersion(options.client, { ours: program("etcdctl") }, "ours"),
    etcdutl: byVersion(options.utl, { ours: program("etcdutl") }, "ours"),
  };
  const globs = (lists: readonly string[]) => lists.flatMap((list) => list.split(","));
  const skip = [...globs(options.skip), ...options["skip-file"].flatMap(skipFile)];
  const selected = select(loadCases(path.join(root, "test", "conformance", "cases")), {
    only: globs(options.only),
    skip: [...skip, ...(await knownFailures(programs.server))],
    maxMembers: Number(options["max-members"] ?? (isEmbedded(programs.server) ? 1 : 3)),
  });
  const cases = selected.filter((recorded) => programsFor(recorded, programs) !== undefined);
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
        const chosen = programsFor(recorded, programs) as Programs;
        const differences = await replay(recorded, chosen, certificates).catch(failedToRun);
        if (differences.length > 0) failed++;
        report(recorded, differences);
      }
    };
    await Promise.all(Array.from({ length: Number(options.jobs) }, worker));
    const skipped = selected.length - cases.length;
    if (skipped > 0) console.log(`${skipped} skipped (no program of the recorded version given)`);
    console.log(`${cases.length - failed} passed, ${failed} failed`);
    return failed > 0 || cases.length === 0 ? 1 : 0;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function failedToRun(error: unknown): StepDifference[] {
  const now = error instanceof Error ? `${error.message} ${String(error.cause ?? "")}` : String(error);
  return [{ step: "", what: "case", recorded: "to run", now }];
}

function byVersion(
  given: readonly string[],
  names: Readonly<Record<string, readonly string[]>>,
  usual: string,
): ByVersion {
  const commands = new ByVersion();
  for (const option of given) commands.add(option, names);
  if (given.length === 0) commands.add(usual, names);
  return commands;
}

/** undefined when a program that the case uses is missing. */
function programsFor(
  { recorded, steps }: Case,
  programs: Readonly<Record<"server" | "etcdctl" | "etcdutl", ByVersion>>,
): Programs | undefined {
  const server = programs.server.of(recorded.server);
  const etcdctl = programs.etcdctl.of(recorded.client);
  const etcdutl = programs.etcdutl.of(recorded.client);
  const uses = (name: string) => steps.some((step) => "args" in step && (step.program ?? "etcdctl") === name);
  if (!server || (!etcdctl && uses("etcdctl")) || (!etcdutl && uses("etcdutl"))) return undefined;
  return { server, etcdctl: etcdctl ?? [], etcdutl: etcdutl ?? [] };
}

/** The embedded server is always a single member. */
function isEmbedded(servers: ByVersion): boolean {
  return servers.of(MAIN_VERSION) === embedded;
}

/** The cases that the server for 3.7 is known to fail. */
async function knownFailures(servers: ByVersion): Promise<string[]> {
  const server = servers.of(MAIN_VERSION);
  if (server === undefined) return [];
  if (isEmbedded(servers)) return notEmbedded();
  const { stdout } = await run([...server, "--version"]);
  return stdout.includes("Version: 3.7.") ? [] : needs37Server();
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
