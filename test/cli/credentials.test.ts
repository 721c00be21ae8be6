import { writeFileSync } from "node:fs";
import path from "node:path";
import { globalFlags } from "../../src/cli/global-flags";
import { parseFlags } from "../../src/input/parse-flags";
import { credentialsOf, resolveSettings } from "../../src/cli/settings";
import { testIo } from "../support/test-io";
import { sharedFolder } from "../support/work-folder";

const file = path.join(sharedFolder(), "password");
beforeAll(() => writeFileSync(file, "from-file\n", { mode: 0o600 }));

async function credentials(words: readonly string[], env: Record<string, string> = {}) {
  const { values, given } = parseFlags(globalFlags, words);
  return credentialsOf(resolveSettings(values, given, env), testIo({ passwords: ["typed"] }));
}

test.each([
  [[], {}, undefined],
  [["--user=u"], {}, { user: "u", password: "typed" }],
  [["--user=u:p:q"], {}, { user: "u", password: "p:q" }],
  [["--user=u:p", "--password=q"], {}, { user: "u:p", password: "q" }],
  [["--password=q"], {}, undefined],
  [["--user=u:p", "--auth-jwt-token=t"], {}, { token: "t" }],
  [["--user=u", `--password-file=${file}`], {}, { user: "u", password: "from-file" }],
  [["--user=u"], { ETCDCTL_PASSWORD_FILE: file }, { user: "u", password: "from-file" }],
  [
    ["--user=u", `--password-file=${file}`],
    { ETCDCTL_PASSWORD: "env" },
    { user: "u", password: "from-file" },
  ],
  [["--user=u", "--password=q"], { ETCDCTL_PASSWORD_FILE: "/nope" }, { user: "u", password: "q" }],
  [[], { ETCDCTL_PASSWORD_FILE: "/nope" }, undefined],
])("%j with %j logs in as %j", async (words, env, expected) => {
  expect(await credentials(words, env)).toEqual(expected);
});

test.each([
  [[`--password-file=${file}`], "--password-file needs the name of a --user"],
  [
    ["--user=u", "--password=q", `--password-file=${file}`],
    "--password and --password-file cannot be set at the same time, choose one",
  ],
  [
    ["--user=u:p", `--password-file=${file}`],
    "--user has a password after its colon, and --password-file is set too",
  ],
  [
    ["--user=u", "--password-file=/nope"],
    "could not take the password from file /nope (no such file or directory)",
  ],
])("%j is rejected", async (words, message) => {
  await expect(credentials(words)).rejects.toMatchObject({ exitCode: 128, message });
});
