// Runs bin/etcdctl.js as a separate process. It needs the bundle in dist/ (`npm run build`).
import path from "node:path";
import { Child, type ChildOptions } from "./child";

export const program = path.resolve("bin", "etcdctl.js");

export interface EtcdctlOptions extends ChildOptions {
  readonly endpoint?: string;
}

/** The environment is PATH, and ETCDCTL_ENDPOINTS when an endpoint is given. */
export function startEtcdctl(words: readonly string[], options: EtcdctlOptions = {}): Child {
  const env = {
    PATH: process.env["PATH"],
    TMPDIR: options.cwd,
    HOME: options.cwd,
    ...(options.endpoint === undefined ? {} : { ETCDCTL_ENDPOINTS: options.endpoint }),
    ...options.env,
  };
  return new Child([process.execPath, program, ...words], { ...options, env });
}

export async function etcdctl(words: readonly string[], options: EtcdctlOptions = {}) {
  const { exit, stdout, stderr } = await startEtcdctl(words, options).finish();
  return { exit, stdout: stdout.toString(), stderr: stderr.toString() };
}
