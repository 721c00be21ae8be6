// `edit KEY` opens the value in an editor and writes it back if the key has not changed meanwhile. A Kubernetes object is edited
// as YAML. What the user wrote is never lost: if it cannot be stored, it stays in a file, and the error says where.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { isUtf8 } from "node:buffer";
import type { EtcdClient } from "../client/client";
import { unchangedSince } from "../client/compare";
import { badArgs, CliError, EtcdError, ExitCode } from "../errors";
import { exitText } from "../go/os";
import { quote } from "../go/quote";
import { oneSafeLine } from "../go/raw-text";
import { writeHints } from "../hints";
import { StartFailure, type Io } from "../io";
import { decodeStored, type StoredObject } from "../kubernetes/stored";
import { toYaml } from "../kubernetes/yaml";
import { PutRequest, RangeRequest, TxnRequest } from "../proto/gen/etcdserverpb";
import type { KeyValue } from "../proto/gen/mvccpb";
import { PathError } from "../storage/files";
import { keyRange } from "./arguments";
import { defineCommand, type CommandContext } from "./command";
import { encodeInput } from "./object-input";

export const command = defineCommand({
  flags: {
    editor: {
      kind: "string",
      default: "",
      usage: "command that edits a file; default: $VISUAL, $EDITOR, vi (Windows: notepad)",
    },
    decode: {
      kind: "bool",
      default: true,
      usage: "edit Kubernetes objects as YAML; --decode=false: edit the stored value itself",
    },
  },
  async run(context, args, flags) {
    const [key] = args;
    if (key === undefined || args.length !== 1) throw badArgs("edit takes one key");
    const { client, printer } = await context.connect();
    const bytes = keyRange([key], { prefix: false, "from-key": false }).key;
    const before = await getOne(context, client, bytes);
    if (before === undefined) {
      throw new CliError(ExitCode.error, `no key ${quote(bytes)}`, { hints: ["put creates a key"] });
    }
    const form = flags.decode ? formOf(before, decodeStored(before.value)) : plainForm(before);
    const draft = new Draft(form.text, key, form.suffix);
    let isKept = false;
    try {
      await draft.edit(editorOf(context.io, flags.editor), context.io);
      isKept = draft.hasChanged();
      const value = isKept ? form.toValue(draft.read()) : before.value;
      if (!isKept || Buffer.compare(value, before.value) === 0) {
        isKept = false;
        return void (await writeHints(["nothing changed, nothing written"], context.io));
      }
      const response = await write(context, client, bytes, before, value);
      isKept = false;
      await context.io.stdout.write(printer.put(response));
    } catch (error) {
      isKept ||= draft.hasChanged();
      if (!isKept) throw error;
      const hint = `your text is in ${draft.file}`;
      // After Ctrl-C the error of a call is not printed.
      const isPrinted = error instanceof EtcdError && !context.io.interrupt.aborted;
      if (error instanceof CliError || isPrinted) throw withHint(error, hint);
      await writeHints([hint], context.io);
      throw error;
    } finally {
      if (!isKept) draft.remove();
    }
  },
});

function withHint(error: CliError | EtcdError, hint: string): CliError {
  const exitCode = error instanceof CliError ? error.exitCode : ExitCode.error;
  return new CliError(exitCode, error.message, { cause: error, hints: [...error.hints, hint] });
}

/** A value as text, and the way back. */
interface Form {
  readonly text: string;
  readonly suffix: string;
  /** Throws CliError. */
  toValue(text: string): Buffer;
}

function formOf(kv: KeyValue, { encoding, object }: StoredObject): Form {
  if (encoding === "encrypted") {
    throw new CliError(ExitCode.error, "the value is encrypted at rest", {
      hints: ["only the API server can change it: kubectl edit"],
    });
  }
  if (object === undefined) return plainForm(kv);
  const head = `# The key ${oneSafeLine(Buffer.from(kv.key).toString())} at revision ${kv.modRevision}. Lines like this one are ignored.\n`;
  const wireForm = encoding === "json" ? "json" : "protobuf";
  return {
    text: head + toYaml(object),
    suffix: ".yaml",
    toValue: (text) => encodeInput(Buffer.from(text), "the edited object", wireForm),
  };
}

function plainForm({ value }: KeyValue): Form {
  if (!isUtf8(value)) {
    throw new CliError(ExitCode.error, "the value is not text", {
      hints: ["get --print-value-only KEY > FILE and put KEY < FILE keep every byte"],
    });
  }
  const text = Buffer.from(value).toString();
  return {
    text,
    suffix: ".txt",
    // Most editors end the last line, which the value did not.
    toValue: (edited) =>
      Buffer.from(!text.endsWith("\n") && edited.endsWith("\n") ? edited.slice(0, -1) : edited),
  };
}

/** The file in which the text is edited, in a folder that only this user can read. */
class Draft {
  private readonly folder: string;
  readonly file: string;

  constructor(
    private readonly text: string,
    key: string,
    suffix: string,
  ) {
    const parent = tmpdir();
    this.folder = attempt("mkdir", parent, () => mkdtempSync(path.join(parent, "etcdctl-edit-")));
    const name = (key.split("/").at(-1) ?? "").replace(/[^\w.-]/g, "_").slice(0, 60);
    this.file = path.join(this.folder, `${name === "" || name.startsWith(".") ? "value" : name}${suffix}`);
    try {
      attempt("write", this.file, () => writeFileSync(this.file, text, { mode: 0o600 }));
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** Throws CliError if the editor cannot be started or fails. */
  async edit(editor: readonly string[], io: Io): Promise<void> {
    const failed = (reason: string): never => {
      throw new CliError(ExitCode.error, `the editor failed: ${oneSafeLine(reason)}`, {
        hints: ["$VISUAL, $EDITOR or --editor names another one"],
      });
    };
    try {
      const child = await io.startChild([...editor, this.file], { stdin: true });
      const end = await child.ended;
      if (!("exitCode" in end) || end.exitCode !== 0) failed(exitText(end));
    } catch (error) {
      if (!(error instanceof StartFailure)) throw error;
      failed(error.message);
    }
  }

  read(): string {
    return readFileSync(this.file, "utf8");
  }

  hasChanged(): boolean {
    try {
      return this.read() !== this.text;
    } catch {
      return false;
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function attempt<T>(operation: string, file: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw new PathError(operation, file, cause);
  }
}

/** A variable may hold a command with arguments, as in `code --wait`. */
function editorOf({ env }: Io, typed: string): string[] {
  const wanted = [typed, env["VISUAL"] ?? "", env["EDITOR"] ?? ""].find((it) => it.trim() !== "");
  if (wanted === undefined) return [path.sep === "\\" ? "notepad" : "vi"];
  if (path.sep === "\\") return wanted.trim().split(/\s+/);
  return ["sh", "-c", `${wanted} "$@"`, "sh"];
}

async function getOne(
  context: CommandContext,
  client: EtcdClient,
  key: Uint8Array,
): Promise<KeyValue | undefined> {
  return (await client.kv.range(RangeRequest.create({ key }), context.call())).kvs[0];
}

async function write(
  context: CommandContext,
  client: EtcdClient,
  key: Uint8Array,
  before: KeyValue,
  value: Uint8Array,
) {
  const put = PutRequest.create({ key, value, ignoreLease: true });
  const request = TxnRequest.create({
    compare: [unchangedSince(key, before)],
    success: [{ request: { case: "requestPut", value: put } }],
  });
  const { header, succeeded, responses } = await client.kv.txn(request, context.call());
  const [response] = responses;
  if (!succeeded || response?.response?.case !== "responsePut") {
    throw new CliError(ExitCode.error, `${quote(key)} was written by another client meanwhile`, {
      hints: ["nothing has been changed; look at it and edit it again"],
    });
  }
  return { ...response.response.value, header };
}
