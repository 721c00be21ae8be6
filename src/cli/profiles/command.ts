// `profile list|set|use|show|delete`. They read and write the user's file and reach no cluster.
import { resolve } from "node:path";
import { stringify } from "yaml";
import { badArgs, CliError, ExitCode } from "../../errors";
import type { Io } from "../../io";
import type { JsonObject } from "../../output/json-value";
import type { FlagTable } from "../../input/flags";
import type { ParsedFlags } from "../../input/parse-flags";
import { variableOf } from "../settings";
import { findProfile, noProfile } from "./apply";
import { builtInNames, builtInProfile } from "./built-in";
import { isProfileField, passwordInside, pathFields, yamlValue, type ProfileValues } from "./profile";
import { ProfileFile } from "./profile-file";

export async function runProfile(command: string, parsed: ParsedFlags<FlagTable>, io: Io): Promise<void> {
  const file = ProfileFile.read(io.env);
  await commands[command]?.(file, parsed, io);
}

type ProfileCommand = (file: ProfileFile, parsed: ParsedFlags<FlagTable>, io: Io) => Promise<void>;

const commands: Readonly<Record<string, ProfileCommand>> = {
  async list(file, parsed, io) {
    if (parsed.args.length > 0) throw badArgs("profile list takes no argument");
    const rows = profileRows(file, io.env);
    await io.stdout.write(await printed(rows, String(formatOf(parsed, io))));
  },

  async set(file, parsed, io) {
    const name = nameOf(parsed, "set");
    const values = typedFields(parsed, io.cwd);
    if (Object.keys(values).length === 0) {
      throw badArgs("profile set needs the flags that the profile shall hold", {
        hints: [`for example: etcdctl profile set ${name} --endpoints https://10.0.0.1:2379 --cacert ca.crt`],
      });
    }
    file.set(name, values);
    await file.save();
  },

  async use(file, parsed, io) {
    const isNone = parsed.values["none"] === true;
    if (isNone && parsed.args.length > 0) throw badArgs("profile use takes a name or --none, not both");
    const name = isNone ? undefined : nameOf(parsed, "use");
    if (name !== undefined) findProfile(name, file, io.env);
    file.use(name);
    await file.save();
  },

  async show(file, parsed, io) {
    const name =
      parsed.args.length === 0 ? (io.env[variableOf("profile")] ?? file.current) : nameOf(parsed, "show");
    if (name === undefined || name === "") {
      throw badArgs("no profile is in use; name one: etcdctl profile show NAME");
    }
    const values = Object.entries(findProfile(name, file, io.env));
    await io.stdout.write(
      stringify(Object.fromEntries(values.map(([field, value]) => [field, yamlValue(field, value)]))),
    );
  },

  async delete(file, parsed) {
    const name = nameOf(parsed, "delete");
    if (!file.names.includes(name)) {
      if (!builtInNames.includes(name)) throw noProfile(name, file);
      throw badArgs(`profile ${name} is built in, so it cannot be deleted`);
    }
    file.delete(name);
    await file.save();
  },
};

function nameOf({ args }: ParsedFlags<FlagTable>, command: string): string {
  const [name] = args;
  if (name === undefined || args.length !== 1) throw badArgs(`profile ${command} takes one name`);
  if (!/^[\w.-]+$/.test(name))
    throw badArgs(`${name} is no name of a profile: use letters, digits, ".", "-" and "_"`);
  return name;
}

/** The typed flags that a profile holds. Paths become absolute, so that they do not depend on the working directory. */
function typedFields({ values, given }: ParsedFlags<FlagTable>, cwd: string): ProfileValues {
  const fields: Record<string, unknown> = {};
  for (const name of given) {
    const value = values[name];
    if (["password", "auth-jwt-token"].includes(name) || (name === "user" && String(value).includes(":"))) {
      throw passwordInside("profile set");
    }
    if (!isProfileField(name)) throw badArgs(`--${name} is no field of a profile`);
    fields[name] = pathFields.has(name) && value !== "" ? resolve(cwd, String(value)) : value;
  }
  return fields;
}

interface ProfileRow {
  readonly name: string;
  readonly isCurrent: boolean;
  readonly endpoints: readonly string[];
  readonly origin: "file" | "built in" | "built in, not on this host";
}

function profileRows(file: ProfileFile, env: Io["env"]): readonly ProfileRow[] {
  const own = file.names.map((name) => ({ name, origin: "file" as const, values: file.find(name) ?? {} }));
  const others = builtInNames
    .filter((name) => !file.names.includes(name))
    .map((name) => ({ name, values: builtInProfile(name, env) }))
    .map(({ name, values }) => ({
      name,
      origin: values ? ("built in" as const) : ("built in, not on this host" as const),
      values: values ?? {},
    }));
  return [...own, ...others].map(({ name, origin, values }) => ({
    name,
    isCurrent: name === (env[variableOf("profile")] || file.current),
    endpoints: (values as { endpoints?: readonly string[] }).endpoints ?? [],
    origin,
  }));
}

function formatOf({ values, given }: ParsedFlags<FlagTable>, { env }: Io): unknown {
  return given.has("write-out") ? values["write-out"] : env[variableOf("write-out")] || values["write-out"];
}

async function printed(rows: readonly ProfileRow[], format: string): Promise<string | Uint8Array> {
  const objects = rows.map(({ name, isCurrent, endpoints, origin }): JsonObject => ({
    name,
    current: isCurrent,
    endpoints,
    origin,
  }));
  if (format === "json") return `${JSON.stringify(objects)}\n`;
  if (format === "yaml" || format === "jsonl") {
    const { objectWriter } = await import("../../output/readable/printer");
    return objectWriter(format)(objects);
  }
  const cells = rows.map(({ name, isCurrent, endpoints, origin }) => [
    name,
    endpoints.join(",") || "-",
    origin,
    isCurrent ? "in use" : "not in use",
  ]);
  if (format === "table") {
    const { tableDrawer } = await import("../../output/table");
    return tableDrawer({ compat: "3.7" })({ head: ["name", "endpoints", "origin", "in use"], body: cells });
  }
  if (format === "simple") return cells.map((row) => `${row.join(", ")}\n`).join("");
  throw new CliError(ExitCode.badFeature, `${format} not supported as output format`, {
    hints: ["profile list prints simple (the default), table, json, jsonl or yaml"],
  });
}
