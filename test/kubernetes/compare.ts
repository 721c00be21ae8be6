// Compares our codec with a line of the program in test/kubernetes/go: an object as Kubernetes stores it, and its JSON.
import { decodeStored, encodeStored } from "../../src/kubernetes/stored";
import { compactJson, sorted, textOf, tryParseJson, type TreeObject } from "../../src/kubernetes/tree";

/** What differs; nothing if all is well. */
export function differences(line: string): string[] {
  const parsed = tryParseJson(Buffer.from(line)) as TreeObject;
  const [kind, stored] = [textOf(parsed, "kind"), Buffer.from(textOf(parsed, "stored"), "base64")];
  const object = parsed["object"] as TreeObject;
  const decoded = decodeStored(stored).object as TreeObject;
  return [
    ...(compactJson(sorted(decoded)) === compactJson(sorted(object)) ? [] : [`${kind} decoded`]),
    ...(encodeStored(decoded, "protobuf").equals(stored) ? [] : [`${kind} encoded`]),
    ...(encodeStored(object, "protobuf").equals(stored) ? [] : [`${kind} encoded from JSON`]),
  ];
}
