// A server for each test, commands on it, and a ConfigMap to store: for the tests of commands that show and take objects.
import { startEmbeddedServer, type EmbeddedServer } from "../../src/index";
import type { TreeObject } from "../../src/kubernetes/stored";
import { runMain } from "./run-main";
import type { TestIoOptions } from "./test-io";
import { workFolder } from "./work-folder";

export let server: EmbeddedServer;
beforeEach(async () => {
  server = await startEmbeddedServer();
});
afterEach(() => server.stop());

export const folder = workFolder();

export const run = (words: readonly string[], options: TestIoOptions = {}) =>
  runMain(words, { ...options, env: { ETCDCTL_ENDPOINTS: server.endpoint, ...options.env }, cwd: folder() });

export const put = (key: string, value: string | Buffer) => server.client().kv.put({ key, value });

export async function valueOf(key: string): Promise<Buffer> {
  return Buffer.from((await server.client().kv.range({ key })).kvs[0]?.value ?? "");
}

export const configMap = (data: TreeObject, uid = "") => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "web", namespace: "default", ...(uid !== "" && { uid }) },
  data,
});

export const yamlOfConfigMap = [
  "apiVersion: v1",
  "data:",
  '  a: "1"',
  "kind: ConfigMap",
  "metadata:",
  "  name: web",
  "  namespace: default",
  "",
].join("\n");
