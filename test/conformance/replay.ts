// Replays one recorded case: starts fresh servers and runs its steps.
import type { makeCertificates } from "../support/certificates";
import { run as runProgram } from "../support/child";
import { patience } from "../support/patience";
import { ServerGroup } from "../support/server-group";
import type { Case, Topology } from "./case";
import { Placeholders } from "./placeholders";
import { Run, type Clients, type StepDifference } from "./run";

export interface Programs extends Clients {
  /** A server that accepts etcd's flags. */
  readonly server: readonly string[];
}

export interface Certificates {
  readonly dir: string;
  readonly named: ReturnType<typeof makeCertificates>;
}

/** Returns the differences; the case has passed when there are none. */
export async function replay(
  recorded: Case,
  programs: Programs,
  certificates: Certificates,
): Promise<StepDifference[]> {
  for (let attempt = 1; ; attempt++) {
    const differences = await replayOnce(recorded, programs, certificates);
    if (differences.length === 0 || attempt >= (recorded.topology.attempts ?? 1)) return differences;
  }
}

async function replayOnce(
  { topology, steps }: Case,
  programs: Programs,
  certificates: Certificates,
): Promise<StepDifference[]> {
  await using group = await startServers(topology, programs.server, certificates);
  if (topology.auth) await enableAuth(group, programs.etcdctl);
  const run = new Run(group, programs, certificates.dir);
  try {
    return await inOrder(steps, (step) => run.step(step));
  } finally {
    await run.end();
  }
}

/** A step after a difference may lack a value that the transcript expected before: it ends the case, and does not hide why. */
export async function inOrder<Step>(
  steps: readonly Step[],
  run: (step: Step) => Promise<readonly StepDifference[]>,
): Promise<StepDifference[]> {
  const differences: StepDifference[] = [];
  for (const step of steps) {
    try {
      differences.push(...(await run(step)));
    } catch (error) {
      if (differences.length === 0) throw error;
      return differences;
    }
  }
  return differences;
}

async function startServers(
  topology: Topology,
  command: readonly string[],
  certificates: Certificates,
): Promise<ServerGroup> {
  const tls = {
    server: certificates.named(topology.serverCert ?? "server"),
    client: certificates.named("client"),
    clientAuth: topology.tls === "mutual",
  };
  const group = await ServerGroup.start({
    command,
    size: topology.members ?? 1,
    lowIds: topology.lowIds ?? false,
    flags: (member, servers) =>
      (topology.serverFlags ?? []).map((flag) =>
        new Placeholders({
          tmp: servers.workDir,
          certs: certificates.dir,
          endpoint: member.endpoint,
          "port:spare": `${servers.sparePort}`,
        }).fill(flag),
      ),
    ...(topology.tls ? { tls } : {}),
  });
  const first = group.members[0];
  if (first && group.members.length > 1) await group.lead(first);
  return group;
}

/** Creates user root with the password rootpw and enables authentication. */
async function enableAuth(group: ServerGroup, etcdctl: readonly string[]): Promise<void> {
  const env = {
    PATH: process.env["PATH"],
    HOME: group.workDir,
    ETCDCTL_ENDPOINTS: group.endpoints.join(","),
    ...patience,
  };
  for (const line of ["user add root:rootpw", "role add root", "user grant-role root root", "auth enable"]) {
    const { exit, stderr } = await runProgram([...etcdctl, ...line.split(" ")], { env });
    // Newer servers have the role root from the start.
    if (exit !== 0 && line !== "role add root") throw new Error(`${line}: ${stderr.toString()}`);
  }
}
