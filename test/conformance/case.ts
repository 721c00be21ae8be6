// The form of the transcripts in cases/<area>/<name>.json, which were recorded with real etcdctl. They are data: do not edit
// them.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { escapeRegExp } from "./placeholders";

export interface Case {
  readonly area: string;
  readonly name: string;
  readonly about: string;
  /** Versions of the programs whose output was recorded. */
  readonly recorded: { readonly client: string; readonly server: string };
  readonly topology: Topology;
  readonly steps: readonly Step[];
}

export interface Topology {
  readonly members?: 1 | 3;
  readonly tls?: false | "server" | "mutual";
  readonly auth?: boolean;
  readonly serverFlags?: readonly string[];
  readonly serverCert?: string;
  /** The member IDs are low, so that a member added later sorts after them. */
  readonly lowIds?: boolean;
  /** How often the case may run until it passes: the ID of an added member depends on the time. */
  readonly attempts?: number;
}

export type MatchMode =
  | "exact"
  | "unordered-lines"
  | "unordered-blocks"
  | "unordered-json"
  | "table"
  | "unordered-table"
  | "protobuf"
  | "json"
  | "present"
  | "ignore";

/** A text, or a text and how often it must appear. */
export type Sighting = string | readonly [string, number];

/** When a background program is ready for the next step. */
export interface Ready {
  readonly stdout?: Sighting;
  readonly stderr?: Sighting;
  readonly ms?: number;
}

/** What a program printed and its exit code. A missing stream is empty. */
export interface Expected {
  readonly stdout?: string;
  readonly stdoutBase64?: string;
  readonly stderr?: string;
  readonly stderrBase64?: string;
  readonly exit?: number;
  readonly match?: Readonly<Partial<Record<"stdout" | "stderr" | "body", MatchMode>>>;
  readonly timeoutMs?: number;
}

export interface RunStep extends Expected {
  readonly args: readonly string[];
  readonly program?: "etcdctl" | "etcdutl";
  readonly env?: Readonly<Record<string, string | null>>;
  readonly stdin?: string;
  readonly stdinBase64?: string;
  readonly stdinRepeat?: { readonly text: string; readonly times: number };
  readonly stdinOpen?: boolean;
  /** Starts the program without waiting for its exit. Later steps use this name for it. */
  readonly background?: string;
  readonly ready?: Ready;
}

export interface SignalStep extends Expected {
  readonly signal: { readonly to: string; readonly name: NodeJS.Signals };
  readonly after?: { readonly stdout: Sighting };
}

export interface AwaitStep extends Expected {
  readonly await: string;
  /** The response to an HTTP request in the background. */
  readonly response?: HttpExpected;
}

export type ActionStep =
  | {
      readonly action: "send";
      readonly to: string;
      readonly text?: string;
      readonly end?: boolean;
      readonly ready?: Ready;
    }
  | { readonly action: "sleep"; readonly ms: number }
  | { readonly action: "stop-member" | "start-member" | "start-added"; readonly member: number }
  | {
      readonly action: "write-file";
      readonly path: string;
      readonly text?: string;
      readonly base64?: string;
    };

export interface HttpStep {
  readonly program: "http";
  /** Sends the request without waiting for the response. A later step awaits it by this name. */
  readonly background?: string;
  readonly ready?: Ready;
  readonly request: {
    readonly method?: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly lines?: number;
    readonly member?: number;
    readonly port?: string;
  };
  readonly response: HttpExpected;
  readonly match?: Expected["match"];
}

export interface HttpExpected {
  readonly status: number;
  /** null: the header must be absent. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body?: string;
  readonly bodyBase64?: string;
}

export type Step = RunStep | SignalStep | AwaitStep | ActionStep | HttpStep;

export const caseId = (recorded: Case): string => `${recorded.area}/${recorded.name}`;

export function loadCases(dir: string): Case[] {
  const areas = readdirSync(dir).sort();
  return areas.flatMap((area) =>
    readdirSync(path.join(dir, area))
      .sort()
      .map((file) => JSON.parse(readFileSync(path.join(dir, area, file), "utf8")) as Case),
  );
}

/** Matches `area/name` with globs; `*` matches any text. */
export function selector(globs: readonly string[]): (recorded: Case) => boolean {
  const patterns = globs.map((glob) => new RegExp(`^${glob.split("*").map(escapeRegExp).join(".*")}$`));
  return (recorded) => patterns.some((pattern) => pattern.test(caseId(recorded)));
}
