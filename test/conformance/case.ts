// The recorded transcripts of real etcdctl under cases/<area>/<name>.json: their form, and which ones a pattern selects.
// They are data, never edited to fit.
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
  /** A member that is added later sorts after these. */
  readonly lowIds?: boolean;
  /** How often the case may be tried: the ID of an added member depends on the time. */
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

/** A text, or so many of it. */
export type Sighting = string | readonly [string, number];

/** How to know that a program in the background has come so far. */
export interface Ready {
  readonly stdout?: Sighting;
  readonly stderr?: Sighting;
  readonly ms?: number;
}

/** What a program printed and how it ended; absent streams are empty. */
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
  /** Starts only; the id by which later steps speak of it. */
  readonly background?: string;
  readonly ready?: Ready;
}

export interface SignalStep extends Expected {
  readonly signal: { readonly to: string; readonly name: NodeJS.Signals };
  readonly after?: { readonly stdout: Sighting };
}

export interface AwaitStep extends Expected {
  readonly await: string;
  /** Of an HTTP request in the background. */
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
  /** Asks only; the id by which a later step awaits the answer. */
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
  /** null: must be absent. */
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

/** Globs of `area/name`; `*` stands for anything. */
export function selector(globs: readonly string[]): (recorded: Case) => boolean {
  const patterns = globs.map((glob) => new RegExp(`^${glob.split("*").map(escapeRegExp).join(".*")}$`));
  return (recorded) => patterns.some((pattern) => pattern.test(caseId(recorded)));
}
