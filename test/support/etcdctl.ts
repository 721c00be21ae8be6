// Runs etcdctl as a separate process: bin/etcdctl.js, which needs the bundle in dist/ (`npm run build`), or the executable
// whose path is in ETCDCTL_UNDER_TEST, with its etcdutl beside it (`npm run build:executable`).
import path from "node:path";
import { Child, type ChildOptions } from "./child";
import { patience } from "./patience";

export const executable = process.env["ETCDCTL_UNDER_TEST"];

/** The first words of a command line that runs the program. */
export function programWords(name: "etcdctl" | "etcdutl"): string[] {
  if (!executable) return [process.execPath, path.resolve("bin", `${name}.js`)];
  return [path.resolve(path.dirname(executable), name)];
}

/** Why a test of the Node package has nothing to test. */
export const noNodeProgram = executable ? "the program under test is the executable" : undefined;

export const program: readonly string[] = programWords("etcdctl");

export interface EtcdctlOptions extends ChildOptions {
  readonly endpoint?: string;
}

/** The environment is PATH, patience, and ETCDCTL_ENDPOINTS when an endpoint is given. */
export function startEtcdctl(words: readonly string[], options: EtcdctlOptions = {}): Child {
  const env = {
    PATH: process.env["PATH"],
    TMPDIR: options.cwd,
    HOME: options.cwd,
    ...patience,
    ...(options.endpoint === undefined ? {} : { ETCDCTL_ENDPOINTS: options.endpoint }),
    ...options.env,
  };
  return new Child([...program, ...words], { ...options, env });
}

export async function etcdctl(words: readonly string[], options: EtcdctlOptions = {}) {
  const { exit, stdout, stderr } = await startEtcdctl(words, options).finish();
  return { exit, stdout: stdout.toString(), stderr: stderr.toString() };
}
