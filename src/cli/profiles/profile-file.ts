// The file of the user's profiles: YAML that may be edited by hand, so a change keeps its comments. Only its owner may read it.
//
//   current: prod
//   profiles:
//     prod:
//       endpoints: [https://10.0.0.1:2379]
//       cacert: ca.crt          paths are relative to the file
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { geteuid, pid, platform } from "node:process";
import { Document, parseDocument } from "yaml";
import { badArgs, CliError, ExitCode } from "../../errors";
import { osErrorReason } from "../../go/os";
import type { Io } from "../../io";
import { makeDirectories, replaceFile } from "../../storage/files";
import { profilesFile } from "../settings";
import { parseProfile, pathFields, yamlValue, type ProfileValues } from "./profile";

const othersMayWrite = 0o022;

export class ProfileFile {
  private constructor(
    /** Empty for a user without a home directory, who has only the built-in profiles. */
    private readonly path: string,
    private readonly document: Document,
  ) {}

  /** Empty if there is no file. Throws CliError for a file that cannot be used. */
  static read(env: Io["env"]): ProfileFile {
    const named = profilesFile(env);
    if (named === undefined || !existsSync(named)) return new ProfileFile(named ?? "", new Document({}));
    // The file may be a link into a directory that is under version control.
    const path = realpathSync(named);
    const document = parseDocument(readPrivate(path));
    const [error] = document.errors;
    if (error !== undefined) throw badArgs(`${path}: ${error.message.split("\n")[0]}`, { cause: error });
    if (document.contents === null) return new ProfileFile(path, new Document({}));
    const content: unknown = document.toJS();
    if (!isObject(content) || !isObject(content["profiles"] ?? {})) {
      throw badArgs(`${path}: expected the fields "current" and "profiles"`);
    }
    return new ProfileFile(path, document);
  }

  /** The profile of commands that name none. */
  get current(): string | undefined {
    const current = (this.content as { current?: unknown }).current;
    return typeof current === "string" && current !== "" ? current : undefined;
  }

  get names(): readonly string[] {
    return Object.keys(this.profiles);
  }

  /** Undefined if the file has no such profile. Throws CliError for fields that are not those of a profile. */
  find(name: string): ProfileValues | undefined {
    const fields = Object.hasOwn(this.profiles, name) ? this.profiles[name] : undefined;
    if (fields === undefined) return undefined;
    const place = `${this.path}, profile ${name}`;
    if (!isObject(fields ?? {})) throw badArgs(`${place}: expected fields such as endpoints`);
    const values = parseProfile((fields ?? {}) as Record<string, unknown>, place);
    const inFolder = ([field, value]: [string, unknown]) => [
      field,
      pathFields.has(field) && value !== "" ? resolve(dirname(this.path), String(value)) : value,
    ];
    return Object.fromEntries(Object.entries(values).map(inFolder)) as ProfileValues;
  }

  /** Sets the fields and leaves the others. A field with an empty value is removed. */
  set(name: string, values: ProfileValues): void {
    for (const [field, value] of Object.entries(values)) {
      const isEmpty = value === "" || (Array.isArray(value) && value.length === 0);
      if (isEmpty) this.document.deleteIn(["profiles", name, field]);
      else this.document.setIn(["profiles", name, field], yamlValue(field, value));
    }
  }

  use(name: string | undefined): void {
    if (name === undefined) this.document.delete("current");
    else this.document.set("current", name);
  }

  delete(name: string): void {
    this.document.deleteIn(["profiles", name]);
    if (this.current === name) this.use(undefined);
  }

  async save(): Promise<void> {
    if (this.path === "") throw badArgs("profiles need a home directory: set HOME or XDG_CONFIG_HOME");
    const folder = dirname(this.path);
    try {
      await makeDirectories(folder);
    } catch (cause) {
      throw new CliError(ExitCode.error, `mkdir ${folder}: ${osErrorReason(cause)}`, { cause });
    }
    await replaceFile(this.path, [Buffer.from(this.document.toString())], {
      temporary: `${this.path}.${pid}.part`,
      beforeRename: () => Promise.resolve(),
    });
  }

  private get content(): Record<string, unknown> {
    return this.document.toJS() as Record<string, unknown>;
  }

  private get profiles(): Readonly<Record<string, unknown>> {
    return (this.content["profiles"] ?? {}) as Record<string, unknown>;
  }
}

/** A profile can name a command, so only its owner and root may be able to change the file. */
function readPrivate(path: string): string {
  try {
    const { mode, uid } = statSync(path);
    const isForeign = uid !== 0 && uid !== (geteuid?.() ?? uid);
    if (platform !== "win32" && (isForeign || (mode & othersMayWrite) !== 0)) {
      throw badArgs(`${path}: another user can change it, and a profile can run a command`, {
        hints: [isForeign ? "own it, or remove it" : `chmod 600 ${path}`],
      });
    }
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw badArgs(`${path}: ${osErrorReason(cause)}`, { cause });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
