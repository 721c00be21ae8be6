// `snapshot verify FILE`: a deep check of a backup, and what is damaged where.
import { badArgs, CliError, ExitCode } from "../../errors";
import { humanizeBytes } from "../../go/units";
import { waitUntilUnlocked, withInputFile } from "../../offline/database-file";
import type { Damage, Verification } from "../../offline/verify-snapshot";
import { verifySnapshot } from "../../offline/verify-snapshot";
import type { JsonObject } from "../../output/json-value";
import { objectWriter } from "../../output/readable/printer";
import { defineCommand } from "../command";
import { formatCount } from "../key-text";

export const snapshotVerify = defineCommand({
  flags: {},
  async run(context, args) {
    const [name] = args;
    if (name === undefined || args.length !== 1)
      throw badArgs("snapshot verify takes one file, or - for stdin");
    const { io } = context;
    const print = verificationPrinter(await context.format());
    await withInputFile(name, io, async (file) => {
      await waitUntilUnlocked(file, { timeoutMs: 10_000, io });
      const result = await verifySnapshot(file, io.interrupt);
      await io.stdout.write(print(file.displayPath, result));
      const problem = damageSummary(file.displayPath, result);
      if (problem !== undefined) throw problem;
    });
  },
});

/** The error for a damaged file; undefined for a whole one. */
export function damageSummary(name: string, { damages, moreDamages }: Verification): CliError | undefined {
  if (damages.length === 0) return undefined;
  const count = formatCount(damages.length + moreDamages, "damage");
  return new CliError(ExitCode.error, `${name} is damaged: ${count}`, {
    hints: ["restore an older backup; etcdutl snapshot restore refuses this one"],
  });
}

export function damageText({ where, what, offset }: Damage): string {
  const place = offset === undefined ? "" : ` (at byte ${offset})`;
  return `${where}: ${what}${place}`;
}

function verificationPrinter(format: string): (name: string, result: Verification) => string | Uint8Array {
  if (format === "simple") return simpleText;
  if (format === "json") return (name, result) => `${JSON.stringify(verificationObject(name, result))}\n`;
  if (format === "yaml" || format === "jsonl") {
    const write = objectWriter(format);
    return (name, result) => write([verificationObject(name, result)]);
  }
  throw new CliError(ExitCode.badFeature, `${format} not supported as output format`, {
    hints: ["snapshot verify prints simple (the default), json, jsonl or yaml"],
  });
}

function simpleText(name: string, result: Verification): string {
  const { damages, moreDamages } = result;
  if (damages.length === 0) return `${name}: whole, ${contentText(result)}\n`;
  const more = moreDamages > 0 ? [`and ${moreDamages} more`] : [];
  return [...damages.map(damageText), ...more].map((line) => `${line}\n`).join("");
}

export function contentText(result: Verification): string {
  const { hash, keys, records, revision, leases, sizeBytes } = result;
  const hashText = hash === "none" ? "no hash (a copied db file has none)" : "hash right";
  return [
    hashText,
    `revision ${revision}`,
    formatCount(keys, "key"),
    formatCount(records, "record"),
    formatCount(leases, "lease"),
    humanizeBytes(BigInt(sizeBytes)),
  ].join(", ");
}

function verificationObject(name: string, result: Verification): JsonObject {
  const { damages, moreDamages, hash, keys, records, revision, leases, sizeBytes, version } = result;
  return {
    file: name,
    whole: damages.length === 0,
    hash,
    revision,
    keys,
    records,
    leases,
    size: sizeBytes,
    version,
    damages: damages.map(({ where, what, offset }) => ({
      where,
      what,
      ...(offset === undefined ? {} : { offset }),
    })),
    more_damages: moreDamages,
  };
}
