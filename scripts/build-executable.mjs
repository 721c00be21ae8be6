// Builds the executable for each TARGET, by default for this machine: node scripts/build-executable.mjs [TARGET …|all]
// The compiler is Bun: it puts the bundle, as bytecode, at the end of Bun's binary for the target. That binary is in an npm
// package. npm has installed the one of this machine; of the others, this script gets the version that the lock file names.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { bundleProgram, inRoot } from "./bundle.mjs";

/** `bun`: the name of the package @oven/bun-… and of Bun's target. */
const targets = {
  "linux-x64": { bun: "linux-x64", libc: "glibc" },
  "linux-arm64": { bun: "linux-aarch64", libc: "glibc" },
  "linux-x64-musl": { bun: "linux-x64-musl", libc: "musl" },
  "linux-arm64-musl": { bun: "linux-aarch64-musl", libc: "musl" },
  "darwin-x64": { bun: "darwin-x64" },
  "darwin-arm64": { bun: "darwin-aarch64" },
  "windows-x64": { bun: "windows-x64" },
  "windows-arm64": { bun: "windows-aarch64" },
};

/**
 * When Bun compiles a function to machine code: 1 is its default, and 10 needs ten times as many calls. A put ends before it gains
 * anything. A get of 100,000 keys loses a fifth with 1000, and a later change does not help: it counts for functions that have not
 * run yet. So the policy changes when a command other than put and version is loaded.
 */
const jitPolicy = { atStart: 1000, otherCommands: 10 };

const names = process.argv.slice(2);
if (names.length === 0) names.push(thisMachine());
else if (names[0] === "all") names.splice(0, 1, ...Object.keys(targets));
for (const name of names) {
  if (targets[name]) continue;
  console.error(`unknown target ${name}: choose from all, ${Object.keys(targets).join(", ")}`);
  process.exit(1);
}

const lock = JSON.parse(readFileSync(inRoot("package-lock.json"), "utf8"));
const cache = inRoot("node_modules/.cache/executable");
const program = await bundleProgram({ minify: true });
mkdirSync(cache, { recursive: true });
const groups = Object.entries(program.groups).map(([name, group]) => `${name}:${group}`);
// The shelves are separate modules of the executable, so that their code is loaded when it is needed.
const shelves = Object.entries(program.shelves).map(([name, text]) => {
  const file = path.join(cache, `${name}.js`);
  writeFileSync(file, `"use strict";\nmodule.exports=${text};\n`);
  return file;
});
const start =
  `const compile=()=>Bun.unsafe.setJITPolicy(${jitPolicy.otherCommands});` +
  `const others={${groups.join(",")}};` +
  `exports.group=(name)=>{if(name==="read")compile();return others[name]};` +
  `exports.shelf=(name)=>{compile();return require(require("node:path").dirname(process.argv[1])+"/"+name+".js")};` +
  `load(exports.main).startByName();`;
writeFileSync(path.join(cache, "etcdctl.js"), program.start + start);
const compiler = bunFor(thisMachine());
for (const name of names) {
  const file = inRoot("executables", name, name.startsWith("windows") ? "etcdctl.exe" : "etcdctl");
  compile(name, file);
  console.log(`${path.relative(inRoot(), file)}: ${statSync(file).size} bytes`);
}

function thisMachine() {
  const system = { win32: "windows" }[process.platform] ?? process.platform;
  const isMusl = system === "linux" && !process.report.getReport().header.glibcVersionRuntime;
  return `${system}-${process.arch}${isMusl ? "-musl" : ""}`;
}

/** Writes to another name first, so that a build does not disturb a program that runs. */
function compile(name, file) {
  mkdirSync(path.dirname(file), { recursive: true });
  const part = path.join(path.dirname(file), `part-${process.pid}-${path.basename(file)}`);
  const flags = [
    ...["--compile", `--target=bun-${targets[name].bun}`, `--compile-executable-path=${bunFor(name)}`],
    ...["--minify", "--bytecode", "--format=cjs"],
    `--compile-jit-policy=${jitPolicy.atStart}`,
    // A file .env or bunfig.toml in the working directory must not change what the program does.
    ...["--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"],
  ];
  execFileSync(compiler, ["build", ...flags, path.join(cache, "etcdctl.js"), ...shelves, "--outfile", part], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  renameSync(part, file);
  const link = path.join(path.dirname(file), "etcdutl");
  if (!name.startsWith("windows") && !existsSync(link)) symlinkSync(path.basename(file), link);
}

/** The path of Bun's binary for the target. */
function bunFor(name) {
  const { bun } = targets[name];
  const binary = path.join("bin", bun.startsWith("windows") ? "bun.exe" : "bun");
  const installed = inRoot("node_modules/@oven", `bun-${bun}`, binary);
  return existsSync(installed) ? installed : path.join(download(`@oven/bun-${bun}`), binary);
}

/** Gets a package with npm, checks it against the lock file and unpacks it. */
function download(name) {
  const { version, integrity } = lock.packages[`node_modules/${name}`];
  const folder = path.join(cache, `${path.basename(name)}-${version}`);
  if (existsSync(folder)) return path.join(folder, "package");
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  execFileSync(npm, ["pack", "--silent", "--pack-destination", part, `${name}@${version}`], {
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  const archive = path.join(part, readdirSync(part)[0]);
  const [algorithm, expected] = [integrity.slice(0, 6), integrity.slice(7)];
  if (createHash(algorithm).update(readFileSync(archive)).digest("base64") !== expected)
    throw new Error(`${name}@${version} is not the package of package-lock.json`);
  execFileSync("tar", ["xzf", path.basename(archive)], { cwd: part });
  rmSync(archive);
  renameSync(part, folder);
  return path.join(folder, "package");
}
