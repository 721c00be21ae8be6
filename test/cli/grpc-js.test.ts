// The stand-ins of the build must fit the installed version of grpc-js.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.join(__dirname, "..", "..");
const sources = path.join(root, "node_modules", "@grpc", "grpc-js", "build", "src");
const standIns = path.join(root, "scripts", "grpc-js");
// eslint-disable-next-line @typescript-eslint/no-require-imports
const plugin = require(path.join(standIns, "plugin.cjs")) as Record<
  "replaced" | "callingIsIPv6",
  string[]
> & {
  isIPv6Call: string;
};

const used = (text: string, name: string): string[] =>
  [...text.matchAll(new RegExp(`\\b${name}\\.(\\w+)`, "g"))].map((match) => match[1] as string);

/** The files of the package in the bundle: those that require() reaches from the stand-in for its entry point. */
function bundledFiles(): string[] {
  const entry = readFileSync(path.join(standIns, "client.mjs"), "utf8");
  const files = [...entry.matchAll(/build\/src\/([\w-]+)\.js/g)].map((match) => match[1] as string);
  for (const file of files) {
    if (plugin.replaced.includes(file)) continue;
    const text = readFileSync(path.join(sources, `${file}.js`), "utf8");
    for (const [, required] of text.matchAll(/require\("\.\/([\w-]+)"\)/g)) {
      if (required !== undefined && !files.includes(required)) files.push(required);
    }
  }
  return files;
}

test("the installed version is the one that the stand-ins were made for", () => {
  const version = (file: string) => JSON.parse(readFileSync(file, "utf8")) as Record<string, never>;
  const installed = version(path.join(sources, "..", "..", "package.json"))["version"];
  expect(installed).toBe("1.14.7");
});

describe.each(plugin.replaced)("the stand-in for %s", (name) => {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const standIn = require(path.join(standIns, `${name}.cjs`)) as Record<string, unknown>;
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const original = require(path.join(sources, `${name}.js`)) as Record<string, unknown>;

  test("exports everything that the rest of the client uses, with the same types", () => {
    const names = bundledFiles()
      .filter((file) => file !== name)
      .flatMap((file) => used(readFileSync(path.join(sources, `${file}.js`), "utf8"), `${name}_1`));
    expect(names).not.toEqual([]);
    for (const taken of new Set(names)) {
      expect([taken, typeof standIn[taken]]).toEqual([taken, typeof original[taken]]);
    }
  });

  test("has all methods of the original class", () => {
    for (const [exported, made] of Object.entries(standIn)) {
      if (!exported.endsWith("Stub")) continue;
      const methods = (of: unknown) => Object.getOwnPropertyNames((of as { prototype: object }).prototype);
      const called = methods(original[exported]).filter((method) => method !== "getTraceMessage");
      expect(methods(made)).toEqual(expect.arrayContaining(called));
    }
  });
});

test("the client does not use the exports that only the channelz service needs", () => {
  const texts = bundledFiles()
    .filter((file) => file !== "channelz")
    .map((file) => readFileSync(path.join(sources, `${file}.js`), "utf8"));
  expect(texts.join("\n")).not.toMatch(
    /channelz_1\.(getChannelzHandlers|getChannelzServiceDefinition|setup)/,
  );
});

test("net.isIPv6 is called exactly in the files where the build replaces the call", () => {
  const calling = readdirSync(sources)
    .filter((file) => file.endsWith(".js") && !plugin.replaced.includes(file.replace(".js", "")))
    .filter((file) => readFileSync(path.join(sources, file), "utf8").includes(plugin.isIPv6Call))
    .map((file) => file.replace(".js", ""));
  expect(calling).toEqual(plugin.callingIsIPv6);
});

test("the stand-in for the entry point exports the same values under the same names", () => {
  const entry = readFileSync(path.join(standIns, "client.mjs"), "utf8");
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const index = require(path.join(sources, "index.js")) as Record<string, unknown>;
  const imports = new Map(
    [...entry.matchAll(/^import (\w+) from ".*\/([\w-]+)\.js"/gm)].map((match) => [match[1], match[2]]),
  );
  for (const [, name, local, exported] of entry.matchAll(/^export const (\w+) = (\w+)\.(\w+);/gm)) {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const module = require(path.join(sources, `${String(imports.get(local))}.js`)) as Record<string, unknown>;
    expect(module[exported as string]).toBe(index[name as string]);
  }
});
