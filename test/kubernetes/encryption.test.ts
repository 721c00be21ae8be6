import { EncryptionConfig, encryptionOf, kmsKeyId } from "../../src/kubernetes/encryption";
import { parseRegistryKey, type RegistryKey } from "../../src/kubernetes/registry-keys";
import { decodeStored } from "../../src/kubernetes/stored";
import { configText, encryptedValues, storedValue, type EncryptedValue } from "./encrypted-values";

const objectOf = (key: string) => parseRegistryKey(key, "/registry") as RegistryKey;
const secretKey = "/registry/secrets/shop/login";

function open(config: EncryptionConfig, value: Uint8Array, key: string) {
  return config.decrypt(value, Buffer.from(key), objectOf(key));
}

const find = (provider: string) =>
  encryptedValues.find((each) => each.provider === provider) as EncryptedValue;

test.each(encryptedValues.map((each) => [each.provider, each.secret.length, each.key, each] as const))(
  "opens what %s of the API server encrypted (secret of %i digits, %s)",
  async (provider, _, key, each) => {
    const config = await EncryptionConfig.parse(
      configText([{ provider, keys: [{ name: "key1", secret: each.secret }] }]),
    );
    const stored = storedValue(each, "key1");
    const { value, isStale } = open(config, stored, key);
    expect(Buffer.from(value).toString("base64")).toBe(each.value);
    expect(isStale).toBe(false);
    expect(encryptionOf(stored)).toEqual({ provider, version: "v1", keyName: "key1" });
  },
);

test("an opened object decodes", async () => {
  const each = find("secretbox");
  const keys = [{ name: "k", secret: each.secret }];
  const config = await EncryptionConfig.parse(configText([{ provider: "secretbox", keys }]));
  const { value } = open(config, storedValue(each, "k"), each.key);
  expect(decodeStored(value)).toMatchObject({ kind: "Secret", object: { metadata: { name: "login" } } });
});

test("a value of aesgcm does not open under another key of etcd", async () => {
  const each = find("aesgcm");
  const config = await EncryptionConfig.parse(
    configText([{ provider: "aesgcm", keys: [{ name: "k", secret: each.secret }] }]),
  );
  expect(() => open(config, storedValue(each, "k"), "/registry/secrets/shop/other")).toThrow(
    "the key k of aesgcm does not open it",
  );
});

test("a changed byte or a cut value never opens with another content", async () => {
  for (const provider of ["aesgcm", "secretbox"]) {
    const each = find(provider);
    const config = await EncryptionConfig.parse(
      configText([{ provider, keys: [{ name: "k", secret: each.secret }] }]),
    );
    const stored = storedValue(each, "k");
    for (const at of [30, 40, stored.length - 1]) {
      const changed = Buffer.from(stored);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => open(config, changed, each.key)).toThrow(/^the key k of/);
    }
    for (const size of [stored.length - 1, 30, 24]) {
      expect(() => open(config, stored.subarray(0, size), each.key)).toThrow(/^(?:the|no) key/);
    }
  }
});

test("what the first key of the first provider did not write is stale", async () => {
  const [cbc, box] = [find("aescbc"), find("secretbox")];
  const other = { name: "new", secret: Buffer.alloc(32, 1).toString("base64") };
  const config = await EncryptionConfig.parse(
    configText([
      { provider: "aescbc", keys: [other, { name: "old", secret: cbc.secret }] },
      { provider: "secretbox", keys: [{ name: "box", secret: box.secret }] },
      { provider: "identity" },
    ]),
  );
  expect(open(config, storedValue(cbc, "old"), cbc.key).isStale).toBe(true);
  expect(open(config, storedValue(box, "box"), box.key).isStale).toBe(true);
  expect(open(config, Buffer.from("plain"), secretKey)).toEqual({
    value: Buffer.from("plain"),
    isStale: true,
  });
  expect(open(config, Buffer.from("plain"), "/registry/configmaps/a/b").isStale).toBe(false);
});

test("several providers may have a key of the same name", async () => {
  const each = find("aesgcm");
  const wrong = [{ name: "key1", secret: Buffer.alloc(32, 1).toString("base64") }];
  const right = [{ name: "key1", secret: each.secret }];
  const config = await EncryptionConfig.parse(
    configText([
      { provider: "aesgcm", keys: wrong },
      { provider: "aesgcm", keys: right },
    ]),
  );
  const { value, isStale } = open(config, storedValue(each, "key1"), each.key);
  expect([Buffer.from(value).toString("base64"), isStale]).toEqual([each.value, true]);
});

test.each([
  ["secrets", secretKey, true],
  ["configmaps", secretKey, false],
  ["*.", secretKey, true],
  ["*.*", secretKey, true],
  ["*.apps", "/registry/deployments/shop/web", true],
  ["*.apps", secretKey, false],
  ["pandas.bears.example", "/registry/bears.example/pandas/p", true],
  ["*.bears.example", "/registry/bears.example/pandas/p", true],
])("a configuration for %s: %s should be encrypted: %s", async (resource, key, isStale) => {
  const keys = [{ name: "k", secret: Buffer.alloc(32).toString("base64") }];
  const config = await EncryptionConfig.parse(configText([{ provider: "aescbc", keys }], [resource]));
  expect(open(config, Buffer.from("plain"), key).isStale).toBe(isStale);
});

test("a value of a KMS does not open, and names the KMS's key", async () => {
  const config = await EncryptionConfig.parse(
    JSON.stringify({
      kind: "EncryptionConfiguration",
      resources: [{ resources: ["secrets"], providers: [{ kms: { name: "vault" } }, { identity: {} }] }],
    }),
  );
  const object = Buffer.concat([Buffer.of(10, 3), Buffer.from("abc"), Buffer.of(18, 2), Buffer.from("k7")]);
  const value = Buffer.concat([Buffer.from("k8s:enc:kms:v2:vault:"), object]);
  expect(() => open(config, value, secretKey)).toThrow("the key vault of kms does not open it");
  expect(config.isCurrent(value, objectOf(secretKey))).toBe(true);
  expect(kmsKeyId(value)).toBe("k7");
  expect(kmsKeyId(Buffer.from("k8s:enc:kms:v2:vault:\xff\xff"))).toBe("");
});

test.each([
  ["k8s:enc:", { provider: "", version: "", keyName: "" }],
  ["k8s:enc:new:v9:a:x", { provider: "new", version: "v9", keyName: "a" }],
  ["k8s:encoded", undefined],
  ["", undefined],
])("the head %j", (text, mark) => {
  expect(encryptionOf(Buffer.from(text))).toEqual(mark);
});

test.each([
  ["a: [", "not valid YAML"],
  ["kind: Pod", "its kind is not EncryptionConfiguration"],
  ["kind: EncryptionConfiguration", "resources is not a list, or is empty"],
  [configText([]), "resources[0]: providers is not a list, or is empty"],
  [configText([{ provider: "rot13" }]), 'resources[0]: unknown provider "rot13"'],
  [
    configText([{ provider: "aescbc", keys: [{ name: "a", secret: "c2hvcnQ=" }] }]),
    "resources[0], aescbc: the secret of a must be 16 or 24 or 32 bytes in base64",
  ],
])("the configuration %s is refused", async (text, message) => {
  await expect(EncryptionConfig.parse(text)).rejects.toThrow(message);
});
