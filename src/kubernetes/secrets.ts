// Hides what a Secret keeps: the values of its data, and the annotation in which `kubectl apply` left a copy of them.
import { isList, isObject, objectOf, textOf, type Tree, type TreeObject } from "./tree";

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** The object itself if it is no Secret and no list of them. */
export function hideSecrets(object: TreeObject): TreeObject {
  const kind = textOf(object, "kind");
  if (textOf(object, "apiVersion") !== "v1") return object;
  if (kind === "Secret") return hideSecret(object);
  const { items } = object;
  if (kind !== "SecretList" || !isList(items)) return object;
  return { ...object, items: items.map((item) => (isObject(item) ? hideSecret(item) : item)) };
}

function hideSecret(object: TreeObject): TreeObject {
  return objectOf(
    Object.entries(object).map(([name, value]) => {
      if (name === "data") return [name, hideValues(value, decodedBytes)];
      if (name === "stringData") return [name, hideValues(value, Buffer.byteLength)];
      if (name === "metadata") return [name, hideAnnotation(value)];
      return [name, value];
    }),
  );
}

function hideValues(data: Tree, sizeOf: (text: string) => number): Tree {
  if (!isObject(data)) return data;
  return objectOf(
    Object.entries(data).map(([key, value]) => [key, hidden(sizeOf(typeof value === "string" ? value : ""))]),
  );
}

function decodedBytes(base64: string): number {
  return Buffer.byteLength(base64, "base64");
}

function hidden(sizeBytes: number): string {
  return `(hidden, ${sizeBytes} ${sizeBytes === 1 ? "byte" : "bytes"})`;
}

function hideAnnotation(metadata: Tree): Tree {
  if (!isObject(metadata) || !isObject(metadata["annotations"])) return metadata;
  const annotations = Object.entries(metadata["annotations"]).map(
    ([name, value]) =>
      [name, name === lastApplied ? hidden(Buffer.byteLength(String(value))) : value] as const,
  );
  return { ...metadata, annotations: objectOf(annotations) };
}
