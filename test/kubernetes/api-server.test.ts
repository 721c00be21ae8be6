// What kube-apiserver 1.37.2 stored of objects that we made, in a server of etcdctl (`serve`), and what it returned for them, as
// `kubectl get -o json --show-managed-fields` prints it, without resourceVersion. It has no twin for the stored version of the
// CustomResourceDefinition.
import { readFileSync } from "node:fs";
import path from "node:path";
import { decodeStored, encodeStored, type TreeObject } from "../../src/kubernetes/stored";
import { compactJson, sorted, textOf, tryParseJson } from "../../src/kubernetes/tree";

const records = readFileSync(path.join(__dirname, "recorded", "api-server.jsonl"))
  .toString()
  .trimEnd()
  .split("\n")
  .map((line) => tryParseJson(Buffer.from(line)) as TreeObject);

test.each(records.map((record) => [textOf(record, "key"), record] as const))(
  "%s decodes to what the server returned, and is encoded to what it stored",
  (key, record) => {
    const stored = Buffer.from(textOf(record, "stored"), "base64");
    const decoded = decodeStored(stored).object as TreeObject;
    expect(encodeStored(decoded).toString("latin1")).toBe(stored.toString("latin1"));
    const { object } = record;
    if (key.endsWith("/customresourcedefinitions/widgets.example.com")) expect(object).toBeUndefined();
    else expect(compactJson(sorted(decoded))).toBe(compactJson(sorted(object as TreeObject)));
  },
);
