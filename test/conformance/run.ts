// Runs the steps of one case in order and compares each result with the transcript.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { Child, type ChildResult } from "../support/child";
import type { HttpAnswer } from "../support/http-request";
import { idle } from "../support/idle";
import { clusterId } from "../support/ports";
import type { ServerGroup } from "../support/server-group";
import type {
  ActionStep,
  AwaitStep,
  Expected,
  HttpExpected,
  HttpStep,
  Ready,
  RunStep,
  SignalStep,
  Step,
} from "./case";
import { compareStream, type Difference } from "./compare";
import { patient } from "./patience";
import { Placeholders } from "./placeholders";

export interface Clients {
  readonly etcdctl: readonly string[];
  readonly etcdutl: readonly string[];
}

export interface StepDifference extends Difference {
  readonly step: string;
}

export class Run {
  private readonly placeholders: Placeholders;
  private readonly background = new Map<string, Child>();
  private readonly requests = new Map<string, Promise<HttpAnswer>>();
  private readonly endpoints: string;

  constructor(
    private readonly group: ServerGroup,
    private readonly clients: Clients,
    certificatesDir: string,
  ) {
    const scheme = group.scheme === "https" ? "https://" : "";
    this.endpoints = group.endpoints.map((endpoint) => scheme + endpoint).join(",");
    const known: Record<string, string> = {
      tmp: group.workDir,
      certs: certificatesDir,
      endpoints: this.endpoints,
      "endpoint:dead": `127.0.0.1:${group.deadPort}`,
      "port:dead": `${group.deadPort}`,
      "endpoint:spare": `127.0.0.1:${group.sparePort}`,
      "port:spare": `${group.sparePort}`,
    };
    for (const [index, member] of [...group.members, ...group.spares].entries()) {
      known[`endpoint:${index}`] = member.endpoint;
      known[`port:${index}`] = `${member.port}`;
      known[`peer:${index}`] = `127.0.0.1:${member.peerPort}`;
      known[`peer_port:${index}`] = `${member.peerPort}`;
      known[`data_dir:${index}`] = member.dataDir;
    }
    this.placeholders = new Placeholders(known);
    for (const [index, member] of group.members.entries()) {
      this.placeholders.bindId(`member_id:${index}`, member.id);
    }
    this.placeholders.bindId("cluster_id", clusterId(group.members.map((member) => member.id)));
  }

  async step(step: Step): Promise<StepDifference[]> {
    const named = (name: string, differences: readonly (Difference | undefined)[]) =>
      differences.filter((d) => d !== undefined).map((difference) => ({ step: name, ...difference }));
    if ("action" in step) {
      await this.act(step);
      return [];
    }
    if ("request" in step) return named(step.request.path, await this.http(step));
    if ("await" in step && step.response) {
      const answer = await this.requests.get(step.await);
      if (!answer) throw new Error(`no request ${step.await}`);
      return named(step.await, this.compareAnswer(step.response, step.match, answer));
    }
    const name =
      "args" in step ? step.args.join(" ") : "signal" in step ? `signal ${step.signal.to}` : step.await;
    return named(name, await this.program(step));
  }

  private async program(step: RunStep | SignalStep | AwaitStep): Promise<(Difference | undefined)[]> {
    let child: Child;
    if ("args" in step) {
      child = this.launch(step);
      if (step.background !== undefined) {
        this.background.set(step.background, child);
        await this.ready(child, step.ready ?? { ms: 600 });
        return [];
      }
    } else {
      child = this.child("signal" in step ? step.signal.to : step.await);
      if ("signal" in step) {
        if (step.after) await this.ready(child, step.after);
        child.signal(step.signal.name);
      }
    }
    const result = await child.finish(Math.max(step.timeoutMs ?? 0, 90_000));
    const late = { what: "time", recorded: "an end", now: "had to be killed" };
    return [result.late ? late : undefined, ...this.compareRun(step, result)];
  }

  private launch(step: RunStep): Child {
    const program = step.program ?? "etcdctl";
    const { words, env: limits } = patient(step);
    const env: Record<string, string | undefined> = {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"] ?? "/",
      TMPDIR: this.group.workDir,
      LC_ALL: "C.UTF-8",
      ...(program === "etcdctl" ? { ETCDCTL_ENDPOINTS: this.endpoints, ...limits } : {}),
    };
    for (const [name, value] of Object.entries(step.env ?? {})) {
      env[name] = value === null ? undefined : this.placeholders.fill(value);
    }
    const filled = words.map((word) => this.placeholders.fill(word));
    const options = { cwd: this.group.workDir, env, input: this.input(step), inputOpen: step.stdinOpen };
    return new Child([...this.clients[program], ...filled], options);
  }

  private input(step: RunStep): string | Buffer | undefined {
    if (step.stdinRepeat) return step.stdinRepeat.text.repeat(step.stdinRepeat.times);
    if (step.stdinBase64 !== undefined) return Buffer.from(step.stdinBase64, "base64");
    return step.stdin === undefined ? undefined : this.placeholders.fill(step.stdin);
  }

  /** Does not fail when the program ends first: its output shows that. */
  private async ready(child: Child, sign: Ready): Promise<void> {
    if (sign.ms !== undefined) await this.pause(sign.ms);
    for (const stream of ["stdout", "stderr"] as const) {
      const sighting = sign[stream];
      if (sighting === undefined) continue;
      const [text, times] = typeof sighting === "string" ? [sighting, 1] : sighting;
      await child.printed(stream, text, times).catch(() => undefined);
    }
  }

  private child(name: string): Child {
    const child = this.background.get(name);
    if (!child) throw new Error(`no background program ${name}`);
    return child;
  }

  private compareRun(step: Expected, result: ChildResult): (Difference | undefined)[] {
    const streams = (["stdout", "stderr"] as const).map((stream) => {
      const recorded = {
        text: step[stream] ?? "",
        base64: step[`${stream}Base64`],
        mode: step.match?.[stream] ?? "exact",
      };
      return compareStream(stream, recorded, result[stream], this.placeholders);
    });
    const sameExit = step.exit === undefined || step.exit === result.exit;
    return [
      ...streams,
      sameExit ? undefined : { what: "exit", recorded: `${step.exit}`, now: `${result.exit}` },
    ];
  }

  private async http(step: HttpStep): Promise<(Difference | undefined)[]> {
    const asked = this.ask(step.request);
    if (step.background === undefined) return this.compareAnswer(step.response, step.match, await asked);
    asked.catch(() => undefined);
    this.requests.set(step.background, asked);
    // The server does not show when it has started to wait.
    await this.pause(step.ready?.ms ?? 400);
    return [];
  }

  private ask(request: HttpStep["request"]): Promise<HttpAnswer> {
    const fill = (text: string) => this.placeholders.fill(text);
    const headers = Object.entries(request.headers ?? {}).map(([name, value]) => [name, fill(value)]);
    return this.group.request(this.member(request.member ?? 0), {
      path: fill(request.path),
      method: request.method,
      headers: Object.fromEntries(headers) as Record<string, string>,
      body: request.body === undefined ? undefined : fill(request.body),
      lines: request.lines,
      ...(request.port === undefined ? {} : { port: Number(fill(request.port)) }),
    });
  }

  private compareAnswer(
    response: HttpExpected,
    match: Expected["match"],
    answer: HttpAnswer,
  ): (Difference | undefined)[] {
    const status = { what: "status", recorded: `${response.status}`, now: `${answer.status}` };
    const headerDifferences = Object.entries(response.headers ?? {}).map(([name, value]) => {
      const now = answer.headers[name.toLowerCase()];
      const same = value === null ? now === undefined : this.placeholders.matches(value, String(now));
      return same ? undefined : { what: name, recorded: value ?? "absent", now: String(now) };
    });
    const body = {
      text: response.body ?? "",
      base64: response.bodyBase64,
      mode: match?.body ?? "exact",
    };
    return [
      status.recorded === status.now ? undefined : status,
      ...headerDifferences,
      compareStream("body", body, answer.body, this.placeholders),
    ];
  }

  private async act(step: ActionStep): Promise<void> {
    switch (step.action) {
      case "sleep":
        return this.pause(step.ms);
      case "stop-member":
        return this.group.kill(this.member(step.member));
      case "start-member":
        return this.group.restart(this.member(step.member));
      case "start-added":
        await this.group.startAdded(this.member(step.member));
        // The leader must connect to the member, and does not show when it has.
        return this.pause(300);
      case "send":
        if (step.text !== undefined) this.child(step.to).write(this.placeholders.fill(step.text));
        if (step.end) this.child(step.to).endInput();
        return step.ready && this.ready(this.child(step.to), step.ready);
      case "write-file": {
        const content =
          step.base64 === undefined
            ? this.placeholders.fill(step.text ?? "")
            : Buffer.from(step.base64, "base64");
        writeFileSync(path.resolve(this.group.workDir, this.placeholders.fill(step.path)), content);
      }
    }
  }

  /** For what no program shows: as long as when it was recorded, and on a busy machine until all programs are idle. */
  private async pause(ms: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms));
    const servers = [...this.group.members, ...this.group.spares].map(({ child }) => child);
    await idle([...servers, ...this.background.values()].map((child) => child?.pid));
  }

  private member(index: number) {
    const member = [...this.group.members, ...this.group.spares][index];
    if (!member) throw new Error(`no member ${index}`);
    return member;
  }

  async end(): Promise<void> {
    for (const child of this.background.values()) {
      if (child.result) continue;
      child.signal("SIGKILL");
      await child.ended;
    }
  }
}
