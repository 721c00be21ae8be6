// A store that looks like that of a Kubernetes cluster, with as many keys as asked for, and some that mean harm.
import type { EmbeddedServer } from "../../src/index";

const resources = ["configmaps", "events", "leases", "pods", "replicasets", "secrets", "services/specs"];
const txnSize = 128;

export async function fillRegistry(server: EmbeddedServer, keys: number): Promise<void> {
  const client = server.client();
  for (let at = 0; at < keys; at += txnSize) {
    const some = Array.from({ length: Math.min(txnSize, keys - at) }, (_, offset) =>
      registryKey(at + offset),
    );
    await client.kv.txn({
      success: some.map((value) => ({ request: { case: "requestPut", value } }) as const),
    });
  }
}

function registryKey(at: number): { key: string; value: string } {
  const resource = resources[at % resources.length] ?? "";
  const namespace = ["default", "kube-system", "shop"][at % 3] ?? "";
  const name = `web-${String(at).padStart(6, "0")}`;
  const value = { apiVersion: "example.com/v1", kind: "Thing", metadata: { name, namespace }, spec: { at } };
  return { key: `/registry/${resource}/${namespace}/${name}`, value: JSON.stringify(value) };
}

/** Markup, escapes of a terminal, marks that turn the writing direction, and bytes that are no text. */
export const hostileKeys: readonly Buffer[] = [
  Buffer.from("/hostile/<img src=x onerror=alert(1)>"),
  Buffer.from("/hostile/\x1b]0;owned\x07\x1b[2J"),
  Buffer.from("/hostile/\u202egnp.exe"),
  Buffer.from("/hostile/javascript:alert(1)"),
  Buffer.concat([Buffer.from("/hostile/"), Buffer.of(0xff, 0xfe, 0x00)]),
];

export const hostileValue = `<script>document.title="owned"</script>\x1b[31m\u202e</pre><img src=x onerror=alert(1)>\n`;
