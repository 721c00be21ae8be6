// Signed tokens: which keys and methods there are, who accepts a token, and how long.
import { createHmac, generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { connect } from "../../../src/client/library/client";
import { systemClock } from "../../../src/clock";
import { createTokens } from "../../../src/server/auth/tokens";
import { startEmbeddedServer, type EmbeddedServer } from "../../../src/server/server";
import { httpRequest } from "../../support/http-request";
import { writeJwtKeys } from "../../support/jwt-keys";
import { ManualClock } from "../../support/manual-clock";
import { workFolder } from "../../support/work-folder";

const folder = workFolder();
const keyFiles = (method: string) => writeJwtKeys(folder(), method);
const tokens = (type: string) => createTokens({ clock: new ManualClock(), type });
const request = { user: "alice", revision: 7n, simplePrefix: "x", raftIndex: 1n };
const refusal = (type: string) => {
  try {
    tokens(type);
  } catch (error) {
    return (error as Error).message;
  }
  return "accepted";
};

test.each([
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "HS256",
  "HS512",
])(
  "a token signed with %s has the user and the revision, and whoever has the public key accepts it",
  (method) => {
    const { priv, pub } = keyFiles(method);
    const signer = tokens(`jwt,priv-key=${priv},sign-method=${method},ttl=10s`);
    const token = signer.assign(request);
    const [head, claims, signature] = token.split(".");
    const text = (part = "") => Buffer.from(part, "base64url").toString();
    expect(text(head)).toBe(`{"alg":"${method}","typ":"JWT"}`);
    expect(JSON.parse(text(claims))).toMatchObject({ username: "alice", revision: 7 });
    const key = method.startsWith("HS") ? `priv-key=${priv}` : `pub-key=${pub}`;
    const verifier = tokens(`jwt,${key},sign-method=${method}`);
    expect(verifier.ownerOf(token, 9n)).toEqual({ user: "alice", revision: 7n });
    for (const wrong of [
      `${head}.${claims}.`,
      `${head}.${claims}.AAAA${signature?.slice(4)}`,
      "",
      "a.b",
      "x",
    ]) {
      expect(verifier.ownerOf(wrong, 9n)).toBeUndefined();
    }
  },
);

test("A token ends with its time, and one without an end or with a later begin counts as its claims say.", () => {
  const clock = new ManualClock();
  const { priv } = keyFiles("HS256");
  const provider = createTokens({ clock, type: `jwt,priv-key=${priv},sign-method=HS256,ttl=10s` });
  const token = provider.assign(request);
  clock.advance(9_000);
  expect(provider.ownerOf(token, 7n)).toBeDefined();
  clock.advance(1_001);
  expect(provider.ownerOf(token, 7n)).toBeUndefined();

  const made = (head: object, claims: object) => {
    const text = [head, claims]
      .map((each) => Buffer.from(JSON.stringify(each)).toString("base64url"))
      .join(".");
    return `${text}.${createHmac("sha256", "a secret").update(text).digest("base64url")}`;
  };
  const claims = { username: "bob", revision: 3 };
  const now = Math.floor(clock.now() / 1000);
  const owner = (given: object, head: object = { alg: "HS256" }) =>
    provider.ownerOf(made(head, given), 7n)?.user;
  expect(owner(claims)).toBe("bob");
  expect(owner({ ...claims, nbf: now + 60 })).toBeUndefined();
  expect(owner({ ...claims, exp: "soon" })).toBeUndefined();
  // 0 is no time, and what no int64 holds is the lowest one, as in Go.
  expect([owner({ ...claims, exp: 0 }), owner({ ...claims, nbf: 0 })]).toEqual(["bob", "bob"]);
  expect([owner({ ...claims, exp: 1e20 }), owner({ ...claims, nbf: 1e20 })]).toEqual([undefined, "bob"]);
  expect(owner({ username: "bob" })).toBeUndefined();
  expect(owner({ revision: 3 })).toBeUndefined();
  expect(owner(claims, { alg: "HS512" })).toBeUndefined();
  expect(owner(claims, { alg: "none" })).toBeUndefined();
});

test("A token of a later revision of the auth store may write, but not read, as in etcd.", async () => {
  const { priv } = keyFiles("HS256");
  const type = `jwt,priv-key=${priv},sign-method=HS256,ttl=10m`;
  await using server = await startEmbeddedServer({ auth: { token: type, users: { root: "r" } } });
  const login = await connect({ endpoints: [server.endpoint] });
  const { token } = await login.auth.authenticate({ name: "root", password: "r" });
  await login.close();
  const revision = createTokens({ clock: systemClock, type }).ownerOf(token, 0n)?.revision ?? 0n;
  const call = async (path: string, ahead: bigint, body: object) => {
    const signer = createTokens({ clock: systemClock, type });
    const later = signer.assign({ ...request, user: "root", revision: revision + ahead });
    const url = `${server.endpoint}/v3/kv/${path}`;
    const headers = { Authorization: later };
    const response = await httpRequest({ url, method: "POST", headers, body: JSON.stringify(body) });
    return [response.status, /"message":"([^"]*)"/.exec(response.body.toString())?.[1]];
  };
  const old = [400, "etcdserver: revision of auth store is old"];
  expect(await call("put", 1n, { key: "YQ==" })).toEqual([200, undefined]);
  expect(await call("range", 0n, { key: "YQ==" })).toEqual([200, undefined]);
  expect(await call("range", 1n, { key: "YQ==" })).toEqual(old);
  expect(await call("range", 1n, { key: "YQ==", serializable: true })).toEqual(old);
  const reads = { success: [{ request_range: { key: "YQ==" } }] };
  expect(await call("txn", 1n, reads)).toEqual(old);
  expect(await call("range", -1n, { key: "YQ==" })).toEqual(old);
});

test("Options that etcd refuses are refused with its texts.", () => {
  const rsa = keyFiles("RS256");
  const ec = keyFiles("ES256");
  const other = keyFiles("PS256");
  expect(refusal("paseto")).toBe("auth: invalid auth options");
  expect(refusal("jwt")).toBe("auth: invalid auth options");
  expect(refusal("jwt,sign-method=XX256")).toBe("auth: invalid auth options");
  expect(refusal("jwt,sign-method=RS256,sign-method=RS256")).toBe("auth: invalid auth options");
  expect(refusal(`jwt,sign-method=RS256,ttl=long,priv-key=${rsa.priv}`)).toBe("auth: invalid auth options");
  expect(refusal("jwt,sign-method=RS256,priv-key=/does/not/exist")).toBe("auth: invalid auth options");
  expect(refusal("jwt,sign-method=RS256")).toBe("auth: missing key data");
  expect(refusal("jwt,sign-method=HS256")).toBe("auth: missing key data");
  expect(refusal(`jwt,sign-method=RS256,priv-key=${rsa.priv},pub-key=${other.pub}`)).toBe(
    "auth: public and private keys don't match",
  );
  expect(refusal(`jwt,sign-method=RS256,priv-key=${ec.priv}`)).toBe("key is not a valid RSA private key");
  expect(refusal(`jwt,sign-method=ES256,pub-key=${rsa.pub}`)).toBe("key is not a valid ECDSA public key");
  expect(refusal("jwt,sign-method=none")).toBe("unsupported signing method: *jwt.signingMethodNone");
  expect(refusal("jwt,sign-method=none,ttl=long")).toBe("auth: invalid auth options");
  expect(refusal(`jwt,sign-method=RS256,pub-key=${rsa.priv}`)).toBe(
    "invalid key: Key must be a PEM encoded PKCS1 or PKCS8 key",
  );
  expect(tokens("").ownerOf("any", 1n)).toBeUndefined();
});

test("Keys are read as Go reads them: the first block of the file, by its contents, and only kinds that Go knows.", () => {
  const pem = (name: string, ...parts: string[]) => {
    const file = path.join(folder(), name);
    writeFileSync(file, parts.join(""));
    return file;
  };
  const pkcs8 = { type: "pkcs8", format: "pem" } as const;
  const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const rsa1 = rsa.privateKey.export({ type: "pkcs1", format: "pem" }).toString();
  const sec1 = ec.export({ type: "sec1", format: "pem" }).toString();
  const parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
  const unread = "invalid key: Key must be a PEM encoded PKCS1 or PKCS8 key";
  const file = pem("rsa1.pem", "some text\n", rsa1, sec1);
  expect(refusal(`jwt,sign-method=RS256,priv-key=${file}`)).toBe("accepted");
  expect(refusal(`jwt,sign-method=ES256,priv-key=${file}`)).toBe(
    "x509: failed to parse private key (use ParsePKCS1PrivateKey instead for this key format)",
  );
  const sec1File = pem("ec.pem", sec1.replaceAll("EC PRIVATE KEY", "ANY NAME"));
  expect(refusal(`jwt,sign-method=ES256,priv-key=${sec1File}`)).toBe("accepted");
  expect(refusal(`jwt,sign-method=EdDSA,priv-key=${sec1File}`)).toBe(
    "x509: failed to parse private key (use ParseECPrivateKey instead for this key format)",
  );
  expect(refusal(`jwt,sign-method=ES256,priv-key=${pem("both.pem", parameters, sec1)}`)).toBe(unread);
  const ed448 = pem("ed448.pem", generateKeyPairSync("ed448").privateKey.export(pkcs8).toString());
  expect(refusal(`jwt,sign-method=EdDSA,priv-key=${ed448}`)).toBe(
    "x509: PKCS#8 wrapping contained private key with unknown algorithm: 1.3.101.113",
  );
  const koblitz = generateKeyPairSync("ec", { namedCurve: "secp256k1" }).privateKey;
  const koblitzFile = pem("k.pem", koblitz.export(pkcs8).toString());
  expect(refusal(`jwt,sign-method=ES256,priv-key=${koblitzFile}`)).toBe(
    "x509: failed to parse EC private key embedded in PKCS#8: x509: unknown elliptic curve",
  );
  const rsaPublic = pem("rsa1.pub", rsa.publicKey.export({ type: "pkcs1", format: "pem" }).toString());
  expect(refusal(`jwt,sign-method=RS256,pub-key=${rsaPublic}`)).toBe("accepted");
});

test("With a key on another curve, or too short, a server starts, and no user can log in.", () => {
  const short = generateKeyPairSync("rsa", { modulusLength: 512 });
  const shortFile = path.join(folder(), "short.pem");
  writeFileSync(shortFile, short.privateKey.export({ type: "pkcs8", format: "pem" }));
  const cases = [
    [`ES384,priv-key=${keyFiles("ES256").priv}`, "key is invalid"],
    [
      `RS256,priv-key=${shortFile}`,
      "crypto/rsa: 512-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)",
    ],
  ] as const;
  for (const [options, message] of cases) {
    const provider = tokens(`jwt,sign-method=${options}`);
    expect(() => provider.assign(request)).toThrow(message);
    expect(provider.ownerOf("a.b.c", 1n)).toBeUndefined();
  }
});

describe("a server with signed tokens", () => {
  let server: EmbeddedServer;
  const start = async (token: string) => {
    server = await startEmbeddedServer({
      auth: { token, bcryptCost: 4, users: { root: { password: "pw", roles: ["root"] } } },
    });
  };
  afterEach(() => server.stop());

  test("accepts a token of another server with the same key, and refuses it after a change of users", async () => {
    const { priv } = keyFiles("RS256");
    await start(`jwt,sign-method=RS256,priv-key=${priv}`);
    const client = await connect({ endpoints: [server.endpoint] });
    const { token } = await client.auth.authenticate({ name: "root", password: "pw" });
    const { revision } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as {
      revision: number;
    };
    const foreign = tokens(`jwt,sign-method=RS256,priv-key=${priv}`).assign({ ...request, user: "root" });
    const put = (authorization: string) =>
      httpRequest({
        url: `${server.endpoint}/v3/kv/put`,
        method: "POST",
        headers: { authorization },
        body: JSON.stringify({ key: "YQ==" }),
      });
    expect(revision).toBeGreaterThan(0);
    expect((await put(foreign)).status).toBe(401); // its clock began long ago
    expect((await put(token)).status).toBe(200);
    const admin = await server.login("root", "pw");
    await admin.auth.roleAdd({ name: "r" });
    const refused = await put(token);
    expect([refused.status, refused.body.toString()]).toEqual([
      400,
      expect.stringContaining("etcdserver: revision of auth store is old"),
    ]);
    await client.close();
  });

  test("that has only the public key verifies and cannot log anybody in", async () => {
    const { pub } = keyFiles("ES256");
    await start(`jwt,sign-method=ES256,pub-key=${pub}`);
    await expect(server.login("root", "pw")).rejects.toThrow(
      "auth: token signing attempted with verify-only key",
    );
  });
});
