// The TLS files where they look as usual. The executable reads them with this instead of files.ts, which loads node:crypto: in Bun
// that takes a fifth of a whole request. Bun checks the files when it connects, as strictly.
import { readFileSync } from "node:fs";
import type { TlsOptions } from "../transport";
import { pemBlocks, type PemBlock } from "./contents";
import type { TlsFiles } from "./files";

/** Undefined if files.ts must look at them: one is missing, or has something else than it should have. */
export function usualTlsFiles({ cert, key, cacert }: TlsOptions): TlsFiles | undefined {
  if (Boolean(cert) !== Boolean(key)) return undefined;
  const pair = cert && key ? { cert: certificates(cert), key: privateKey(key) } : undefined;
  if (pair && !(pair.cert && pair.key)) return undefined;
  const authorities = cacert ? certificates(cacert) : undefined;
  if (cacert && !authorities) return undefined;
  return {
    cert: pair?.cert?.data,
    key: pair?.key?.data,
    ca: authorities?.blocks.map(({ text }) => text),
    caHints: [],
  };
}

interface PemFile {
  readonly data: Buffer;
  readonly blocks: readonly PemBlock[];
}

function certificates(file: string): PemFile | undefined {
  const pem = read(file);
  return pem?.blocks.every(({ type }) => type === "CERTIFICATE") ? pem : undefined;
}

function privateKey(file: string): PemFile | undefined {
  const pem = read(file);
  const isUsual = pem?.blocks.length === 1 && /^((RSA|EC) )?PRIVATE KEY$/.test(pem.blocks[0]?.type ?? "");
  return isUsual && !pem.data.includes("ENCRYPTED") ? pem : undefined;
}

function read(file: string): PemFile | undefined {
  try {
    const data = readFileSync(file);
    const blocks = pemBlocks(data);
    return blocks.length > 0 ? { data, blocks } : undefined;
  } catch {
    return undefined;
  }
}
