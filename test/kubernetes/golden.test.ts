// The golden files of the Go module k8s.io/api: an object of each kind as protobuf, JSON and YAML, for the newest release of
// Kubernetes and four older ones. NAME.after_roundtrip.* is what the newest release makes of an old object.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { decodeStored, encodeStored } from "../../src/kubernetes/stored";
import { compactJson, sorted, tryParseJson, type Tree, type TreeObject } from "../../src/kubernetes/tree";
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
    test(`each object of ${release} decodes to its JSON`, () => {
      const wrong = namesIn(release).filter((name) => {
        const forms = [name, `${name}.after_roundtrip`].filter((it) =>
          existsSync(path.join(testdata, `${it}.json`)),
        );
        return !forms.some((form) => canonical(jsonOf(form)) === canonical(objectOf(name)));
      });
      expect(wrong).toEqual([]);
    });

    test(`each object of ${release} is encoded from its JSON to its bytes`, () => {
      const wrong = namesIn(release)
        .filter((name) => !changedKind.test(name))
        .filter((name) => !encodeStored(jsonOf(name)).equals(read(`${name}.pb`)));
      expect(wrong).toEqual([]);
    });

    test(`each decoded object of ${release} is encoded to the same bytes`, () => {
      const wrong = namesIn(release)
        .filter((name) => !changedKind.test(name))
        .filter((name) => !encodeStored(objectOf(name)).equals(read(`${name}.pb`)));
      expect(wrong).toEqual([]);
    });
  }
});

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

function objectOf(name: string): TreeObject {
  return decodeStored(read(`${name}.pb`)).object as TreeObject;
}

function jsonOf(name: string): TreeObject {
  return tryParseJson(read(`${name}.json`)) as TreeObject;
}

function canonical(tree: Tree): string {
  return compactJson(sorted(tree));
}
