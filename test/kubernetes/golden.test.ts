// The golden files of the Go module k8s.io/api: an object of each kind as protobuf, JSON and YAML, for the newest release of
// Kubernetes and four older ones. NAME.after_roundtrip.* is what the newest release makes of an old object.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { decodeStored, encodeStored } from "../../src/kubernetes/stored";
import { compactJson, sorted, tryParseJson, type Tree, type TreeObject } from "../../src/kubernetes/tree";
import { toYaml } from "../../src/kubernetes/yaml";
import { describeUnless } from "../support/skip";

const version = "v0.37.2";
const moduleCache = process.env["GOMODCACHE"] ?? path.join(os.homedir(), "go", "pkg", "mod");
const testdata = path.join(moduleCache, "k8s.io", `api@${version}`, "testdata");
const reason = existsSync(testdata)
  ? undefined
  : `no k8s.io/api@${version} in Go's module cache; go mod download fetches it`;

/** Parameters of a request, never stored. They have text that old releases did not have, and a release writes empty text. */
const changedKind = /^v1\.3[345]\.0\/core\.v1\.ListOptions$/;

describeUnless(reason, "golden files", () => {
  for (const release of ["HEAD", "v1.36.0", "v1.35.0", "v1.34.0", "v1.33.0"]) {
    test(`each object of ${release} decodes to its JSON and YAML, and is encoded to its bytes`, () => {
      const wrong: string[] = [];
      for (const name of namesIn(release)) {
        const [stored, yaml, json] = [read(`${name}.pb`), read(`${name}.yaml`).toString(), jsonOf(name)];
        const decoded = decodeStored(stored).object as TreeObject;
        if (!formsOf(name).some((form) => canonical(jsonOf(form)) === canonical(decoded)))
          wrong.push(`${name}.json`);
        if (toYaml(json) !== yaml) wrong.push(`${name}.yaml`);
        if (changedKind.test(name)) continue;
        if (!encodeStored(decoded).equals(stored)) wrong.push(`${name}.pb`);
        if (!encodeStored(json).equals(stored)) wrong.push(`${name}.pb from JSON`);
      }
      expect(wrong).toEqual([]);
    });
  }
});

/** An object of an old release, and what the newest one makes of it. */
function formsOf(name: string): string[] {
  return [name, `${name}.after_roundtrip`].filter((it) => existsSync(path.join(testdata, `${it}.json`)));
}

function namesIn(release: string): string[] {
  const names = readdirSync(path.join(testdata, release))
    .filter((name) => name.endsWith(".pb") && !name.includes(".after_roundtrip."))
    .map((name) => `${release}/${name.slice(0, -".pb".length)}`);
  expect(names.length).toBeGreaterThan(150);
  return names;
}

function read(name: string): Buffer {
  return readFileSync(path.join(testdata, name));
}

function jsonOf(name: string): TreeObject {
  return tryParseJson(read(`${name}.json`)) as TreeObject;
}

function canonical(tree: Tree): string {
  return compactJson(sorted(tree));
}
