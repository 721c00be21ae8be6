// A value of Kubernetes as `kubectl get -o yaml` shows it. The values of a Secret are hidden until the page asks for them, and
// so is the annotation in which `kubectl apply` keeps a copy of them.
import { stringify } from "yaml";
import { decodeStored, type Tree, type TreeObject } from "../kubernetes/stored";

export interface KubernetesValue {
  readonly yaml: string;
  /** Whether `yaml` has something hidden. */
  readonly isHidden: boolean;
  readonly note: string;
}

/** Undefined for a value that Kubernetes has not written. */
export function kubernetesValue(value: Uint8Array, reveal: boolean): KubernetesValue | undefined {
  const { encoding, object, kind, apiVersion, isKnownKind } = decodeStored(value);
  if (encoding === "encrypted") {
    const head = Buffer.from(value.subarray(0, 200)).toString("latin1");
    const [, provider = "", version = "", name = ""] =
      /^k8s:enc:([\w-]+):([\w-]+):(?:([\w.-]+):)?/.exec(head) ?? [];
    const key = name === "" ? "" : `, key ${name}`;
    return {
      yaml: "",
      isHidden: false,
      note: `Encrypted by Kubernetes: provider ${provider} ${version}${key}.`,
    };
  }
  if (object === undefined) return undefined;
  const isHidden = kind === "Secret" && apiVersion === "v1" && !reveal;
  const isNumbered = encoding === "protobuf" && !isKnownKind;
  return {
    yaml: stringify(isHidden ? withoutSecrets(object) : object, {
      lineWidth: 0,
      aliasDuplicateObjects: false,
    }),
    isHidden,
    note: isNumbered ? `The schema has no kind ${kind}: its fields are shown with their numbers.` : "",
  };
}

const secretAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

function withoutSecrets(secret: TreeObject): TreeObject {
  const mapped = mapEntries(secret, (name, part) => {
    if (name === "data" || name === "stringData")
      return isTree(part) ? mapEntries(part, () => hiddenText) : hiddenText;
    if (name !== "metadata" || !isTree(part)) return part;
    return mapEntries(part, (field, annotations) =>
      field === "annotations" && isTree(annotations)
        ? mapEntries(annotations, (key, text) => (key === secretAnnotation ? hiddenText : text))
        : annotations,
    );
  });
  return mapped;
}

const hiddenText = "(hidden)";

function isTree(part: Tree): part is TreeObject {
  return typeof part === "object" && part !== null && !Array.isArray(part);
}

function mapEntries(object: TreeObject, change: (name: string, value: Tree) => Tree): TreeObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(name, value)]));
}
