// The files in fixtures/ and a folder to unpack or damage them in, which is removed after the tests of the file.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { sharedFolder } from "../support/work-folder";

export type Fixture = "etcd-3.4.snapshot" | "etcd-3.5.snapshot" | "etcd-3.7.snapshot" | "bbolt-1k-pages";

export function fixtureBytes(name: Fixture): Buffer {
  return gunzipSync(readFileSync(path.join(__dirname, "fixtures", `${name}.db.gz`)));
}

/** A folder for a test file; call in its top level. */
export function testFolder(): { readonly path: string; file(name: string, content: Uint8Array): string } {
  const folder = sharedFolder();
  return {
    path: folder,
    file(name, content) {
      const file = path.join(folder, name);
      writeFileSync(file, content);
      return file;
    },
  };
}
