// Makes an authority and certificates for tests, with elliptic keys (P-256). The build makes a separate file of it, as
// only `tls: true` needs its packages. Source: RFC 5280
import { createHash, generateKeyPair, randomBytes, sign, type KeyObject } from "node:crypto";
import { isIP } from "node:net";
import { promisify } from "node:util";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_clientAuth,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from "@peculiar/asn1-x509";

/** A certificate and its private key as PEM texts. */
export interface KeyAndCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  /** Its certificate as PEM text. */
  readonly ca: string;
  /** Makes a certificate for servers on this machine and for clients. */
  issue(commonName: string): Promise<KeyAndCertificate>;
}

const ecdsaWithSha256 = "1.2.840.10045.4.3.2";
const commonNameId = "2.5.4.3";
const validDays = 30;
const dayMs = 24 * 3600 * 1000;

const newKeys = promisify(generateKeyPair) as (
  type: "ec",
  options: { namedCurve: string },
) => Promise<{ publicKey: KeyObject; privateKey: KeyObject }>;

interface Issuer {
  readonly name: Name;
  readonly keyId: OctetString;
  readonly privateKey: KeyObject;
}

export async function makeAuthority(): Promise<Authority> {
  const { publicKey, privateKey } = await newKeys("ec", { namedCurve: "P-256" });
  const name = nameOf("etcdctl test authority");
  const issuer = { name, keyId: keyIdOf(publicKey), privateKey };
  const ca = certificate(issuer, name, publicKey, [
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: true }), true),
    extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign), true),
  ]);
  return { ca, issue: (commonName) => issue(issuer, commonName) };
}

async function issue(issuer: Issuer, commonName: string): Promise<KeyAndCertificate> {
  const { publicKey, privateKey } = await newKeys("ec", { namedCurve: "P-256" });
  const names = [
    new GeneralName({ dNSName: "localhost" }),
    new GeneralName({ iPAddress: "127.0.0.1" }),
    new GeneralName({ iPAddress: "::1" }),
  ];
  const cert = certificate(issuer, nameOf(commonName), publicKey, [
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: false }), true),
    extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature), true),
    extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_serverAuth, id_kp_clientAuth])),
    extension(id_ce_subjectAltName, new SubjectAlternativeName(names)),
    extension(
      id_ce_authorityKeyIdentifier,
      new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(issuer.keyId) }),
    ),
  ]);
  return { cert, key: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}

/** A self-signed certificate for servers with these names and IP addresses. */
export async function makeSelfSigned(hosts: readonly string[], days: number): Promise<KeyAndCertificate> {
  const { publicKey, privateKey } = await newKeys("ec", { namedCurve: "P-256" });
  const issuer = { name: nameOf("etcd"), keyId: keyIdOf(publicKey), privateKey };
  const names = hosts.map(
    (host) => new GeneralName(isIP(host) === 0 ? { dNSName: host } : { iPAddress: host }),
  );
  const usage = KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment | KeyUsageFlags.keyCertSign;
  const extensions = [
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: true }), true),
    extension(id_ce_keyUsage, new KeyUsage(usage), true),
    extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_serverAuth])),
    ...(names.length === 0 ? [] : [extension(id_ce_subjectAltName, new SubjectAlternativeName(names))]),
  ];
  const cert = certificate(issuer, issuer.name, publicKey, extensions, days);
  return { cert, key: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}

function certificate(
  issuer: Issuer,
  subject: Name,
  publicKey: KeyObject,
  extensions: Extension[],
  days = validDays,
): string {
  const now = Date.now();
  const signatureAlgorithm = new AlgorithmIdentifier({ algorithm: ecdsaWithSha256 });
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    // Positive and short enough: at most 20 bytes, the first one without its top bit.
    serialNumber: Uint8Array.from([0x01, ...randomBytes(15)]).buffer,
    signature: signatureAlgorithm,
    issuer: issuer.name,
    // A clock that is a little slow accepts the certificate too.
    validity: new Validity({ notBefore: new Date(now - dayMs), notAfter: new Date(now + days * dayMs) }),
    subject,
    subjectPublicKeyInfo: AsnConvert.parse(spkiOf(publicKey), SubjectPublicKeyInfo),
    extensions: new Extensions([
      ...extensions,
      extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyIdOf(publicKey))),
    ]),
  });
  const signed = Buffer.from(AsnConvert.serialize(tbsCertificate));
  const signatureValue = bufferOf(sign("sha256", signed, issuer.privateKey));
  return pem(AsnConvert.serialize(new Certificate({ tbsCertificate, signatureAlgorithm, signatureValue })));
}

function extension(extnID: string, value: unknown, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

function nameOf(commonName: string): Name {
  const value = new AttributeValue({ utf8String: commonName });
  return new Name([
    new RelativeDistinguishedName([new AttributeTypeAndValue({ type: commonNameId, value })]),
  ]);
}

function spkiOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: "spki", format: "der" });
}

/** SHA-1 of the key, as RFC 5280 proposes. */
function keyIdOf(publicKey: KeyObject): OctetString {
  const { subjectPublicKey } = AsnConvert.parse(spkiOf(publicKey), SubjectPublicKeyInfo);
  return new OctetString(bufferOf(createHash("sha1").update(Buffer.from(subjectPublicKey)).digest()));
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}

function pem(der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
