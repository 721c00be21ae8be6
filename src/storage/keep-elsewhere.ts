// The last save of a server whose data is only in memory: to its data dir, and if that fails twice, to a new data dir in
// another place. Must stay true: the error says where the data is, and nothing unfinished is left.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CliError, ExitCode } from "../errors";
import { osErrorReason } from "../go/os";
import { quoteForShell } from "../go/quote";
import type { DatabaseContents } from "./contents";
import { KeptAside, openDataDir, type DataDir } from "./data-dir";
import { syncDirectory } from "./files";

/** `contents` is called for each try. Throws CliError when the data dir could not be saved, wherever the data is then. */
export async function saveOrKeepElsewhere(
  dataDir: DataDir,
  contents: () => DatabaseContents,
  temporaryDir = tmpdir(),
): Promise<void> {
  const first = await failureOf(dataDir.save(contents()));
  if (first === undefined) return;
  if (first instanceof KeptAside) throw first;
  const failure = await failureOf(dataDir.save(contents()));
  if (failure === undefined) return;
  if (failure instanceof KeptAside) throw failure;
  const { message: reason, hints } = asCliError(failure);
  const message = reason.startsWith("cannot save ") ? reason : `cannot save ${dataDir.path}: ${reason}`;
  const failures: string[] = [];
  for (const prefix of [`${dataDir.path}.kept-`, join(temporaryDir, "etcdctl-kept-")]) {
    let path: string;
    try {
      path = await saveNew(prefix, contents());
    } catch (error) {
      failures.push(`no place in ${dirname(prefix)}: ${asCliError(error).message}`);
      continue;
    }
    const kept = quoteForShell(path);
    const where = `all data is in ${kept}: --offline=${kept} reads it, and serve --data-dir ${kept} continues with it`;
    throw new KeptAside(message, { cause: failure, hints: [where, ...hints] });
  }
  throw new CliError(ExitCode.error, message, {
    cause: failure,
    hints: [...failures, "all changes since the start are lost", ...hints],
  });
}

/** Saves to a new data dir, whose name begins with `prefix`, and returns its path. */
async function saveNew(prefix: string, contents: DatabaseContents): Promise<string> {
  const path = await mkdtemp(prefix);
  try {
    const dir = await openDataDir(path, { mode: "write", lockWaitMs: 0 });
    try {
      await dir.save(contents);
    } finally {
      await dir.close();
    }
    await syncDirectory(dirname(path));
    return path;
  } catch (error) {
    await rm(path, { recursive: true, force: true });
    throw error;
  }
}

async function failureOf(action: Promise<void>): Promise<unknown> {
  try {
    await action;
    return undefined;
  } catch (error) {
    return error ?? new Error("unknown");
  }
}

function asCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  return new CliError(ExitCode.error, osErrorReason(error), { cause: error });
}
