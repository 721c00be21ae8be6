// Passwords from files.
import { chmodSync, writeFileSync } from "node:fs";
import { readPasswordFile } from "../../src/input/password";
import { testIo } from "../support/test-io";
import { workFolder } from "../support/work-folder";

const folder = workFolder();

(process.platform === "win32" ? test.skip : test)(
  "the hint about a file that every user can read does not print what its name would do to a terminal",
  async () => {
    const name = "\u001b[31mred";
    const io = testIo({ cwd: folder() });
    writeFileSync(`${folder()}/${name}`, "secret\n");
    chmodSync(`${folder()}/${name}`, 0o604);
    expect(await readPasswordFile(name, io)).toBe("secret");
    expect(io.stderr.text).toBe(
      "hint: every user of this machine can read \\x1b[31mred; chmod o= \\x1b[31mred\n",
    );
  },
);
