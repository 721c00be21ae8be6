// Folders for the files of tests, removed afterwards.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** A fresh folder for every test of the enclosing describe(). Call the result inside a test to get the path. */
export function workFolder(): () => string {
  let dir = "";
  beforeEach(() => {
    dir = makeFolder();
  });
  afterEach(() => removeFolder(dir));
  return () => dir;
}

/** One folder for all tests of the enclosing describe(). It exists at once. */
export function sharedFolder(parent = tmpdir()): string {
  const dir = makeFolder(parent);
  afterAll(() => removeFolder(dir));
  return dir;
}

export function makeFolder(parent = tmpdir()): string {
  return mkdtempSync(path.join(parent, "etcdctl-test-"));
}

export function removeFolder(dir: string): void {
  rmSync(dir, { recursive: true, force: true });
}
