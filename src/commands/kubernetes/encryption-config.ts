// `--encryption-config FILE`: opens values that an API server encrypted at rest.
import { CliError, ExitCode } from "../../errors";
import type { Io } from "../../io";
import { EncryptionConfig, EncryptionConfigError } from "../../kubernetes/encryption";
import { inputChunks } from "../input-file";

/** Undefined without the flag. */
export async function readEncryptionConfig(file: string, io: Io): Promise<EncryptionConfig | undefined> {
  if (file === "") return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of inputChunks(file, io)) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  try {
    return await EncryptionConfig.parse(text);
  } catch (cause) {
    if (!(cause instanceof EncryptionConfigError)) throw cause;
    throw new CliError(ExitCode.error, `${file}: ${cause.message}`, { cause });
  }
}
