// Values that the Go module of the API server encrypts now, with random secrets, names and contents. Needs Go, and the module
// with what it needs in Go's module cache: nothing is fetched.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { EncryptionConfig } from "../../src/kubernetes/encryption";
import { parseRegistryKey, type RegistryKey } from "../../src/kubernetes/registry-keys";
import { seeded } from "../support/seeded";
import { describeUnless } from "../support/skip";
import { sharedFolder } from "../support/work-folder";
import { configText, storedValue, type EncryptedValue } from "./encrypted-values";

const version = "v0.37.2";
const folder = sharedFolder();
copyFileSync(path.join(__dirname, "encrypt", "main.go"), path.join(folder, "main.go"));
writeFileSync(
  path.join(folder, "go.mod"),
  `module encrypt\n\ngo 1.26\n\nrequire k8s.io/apiserver ${version}\n`,
);

function go(...words: string[]): void {
  const env = { ...process.env, GOFLAGS: "-mod=mod", GOPROXY: "off", GOSUMDB: "off" };
  execFileSync("go", words, { cwd: folder, env, stdio: "pipe" });
}

function whyNot(): string | undefined {
  try {
    go("list", "-deps", ".");
    return undefined;
  } catch {
    return `no Go, or k8s.io/apiserver@${version} and what it needs are not in its module cache`;
  }
}

describeUnless(whyNot(), "values that Go encrypts", () => {
  test("all of them open", async () => {
    go("build", "-o", "encrypt", ".");
    const values = someValues();
    const input = values.map((each) => `${JSON.stringify(each)}\n`).join("");
    const output = execFileSync(path.join(folder, "encrypt"), { input }).toString().trim().split("\n");
    expect(output).toHaveLength(values.length);
    for (const [at, line] of output.entries()) {
      const each = { ...(values[at] as EncryptedValue), stored: JSON.parse(line) as string };
      const { provider, secret, key } = each;
      const config = await EncryptionConfig.parse(configText([{ provider, keys: [{ name: "k", secret }] }]));
      const object = parseRegistryKey(key, "/registry") as RegistryKey;
      const { value } = config.decrypt(storedValue(each, "k"), Buffer.from(key), object);
      expect(Buffer.from(value).toString("base64")).toBe(each.value);
    }
  }, 600_000);
});

function someValues(): Omit<EncryptedValue, "stored">[] {
  const random = seeded(1);
  const sizes = { aescbc: [16, 24, 32], aesgcm: [16, 24, 32], secretbox: [32] };
  return Object.entries(sizes).flatMap(([provider, secretSizes]) =>
    Array.from({ length: 60 }, (_, at) => ({
      provider,
      secret: randomBytes(secretSizes[at % secretSizes.length] as number).toString("base64"),
      key: `/registry/secrets/ns-${random(9)}/name-${at}`,
      value: randomBytes(at % 4 === 0 ? at : random(5000)).toString("base64"),
    })),
  );
}
