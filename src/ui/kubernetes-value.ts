// A value of Kubernetes as `kubectl get -o yaml` shows it, with the values of a Secret only if the page asks for them.
import { hideSecrets } from "../kubernetes/secrets";
import { decodeStored } from "../kubernetes/stored";
import { toYaml } from "../kubernetes/yaml";

export interface KubernetesValue {
  /** Empty if the value is encrypted. */
  readonly yaml: string;
  /** Whether `yaml` has something hidden. */
  readonly isHidden: boolean;
  readonly note: string;
}

/** Undefined for a value that Kubernetes has not written. */
export function kubernetesValue(value: Uint8Array, reveal: boolean): KubernetesValue | undefined {
  const { encoding, object, kind, isKnownKind } = decodeStored(value);
  if (encoding === "encrypted") return { yaml: "", isHidden: false, note: encryptionNote(value) };
  if (object === undefined) return undefined;
  const shown = reveal ? object : hideSecrets(object);
  const isNumbered = encoding === "protobuf" && !isKnownKind;
  return {
    yaml: toYaml(shown).trimEnd(),
    isHidden: shown !== object,
    note: isNumbered ? `The schema has no kind ${kind}: its fields are shown with their numbers.` : "",
  };
}

/** Of `k8s:enc:aescbc:v1:key1:…` */
function encryptionNote(value: Uint8Array): string {
  const head = Buffer.from(value.subarray(0, 200)).toString("latin1");
  const [, provider = "", version = "", name] = /^k8s:enc:([\w-]+):([\w-]+):(?:([\w.-]+):)?/.exec(head) ?? [];
  const key = name === undefined ? "" : `, key ${name}`;
  return `Encrypted by Kubernetes: provider ${provider} ${version}${key}.`;
}
