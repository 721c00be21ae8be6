// Files of keys for signed tokens.
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";

const curves: Readonly<Record<string, string>> = { ES256: "P-256", ES384: "P-384", ES512: "P-521" };

/** The paths of the private and the public key for a method such as RS256. For HS256 and its like `priv` has the secret. */
export function writeJwtKeys(folder: string, method: string): { priv: string; pub: string } {
  const { privateKey, publicKey } =
    method === "EdDSA"
      ? generateKeyPairSync("ed25519")
      : curves[method] === undefined
        ? generateKeyPairSync("rsa", { modulusLength: 2048 })
        : generateKeyPairSync("ec", { namedCurve: curves[method] });
  const files = { priv: path.join(folder, `${method}.key`), pub: path.join(folder, `${method}.pub`) };
  const secret = method.startsWith("HS") ? "a secret" : privateKey.export({ type: "pkcs8", format: "pem" });
  writeFileSync(files.priv, secret);
  writeFileSync(files.pub, publicKey.export({ type: "spki", format: "pem" }));
  return files;
}
