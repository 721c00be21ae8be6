// Checks the house rules that eslint and dependency-cruiser do not know. `npm run lint` runs it.
//   node scripts/tidy.mjs [DIR]    prints each finding and a count for each rule; exit code 1 when there is one
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { allowed } from "./tidy-allowed.mjs";

const maxLines = 450;
const smallFileLines = 40;
const maxSmallShare = 0.12;

const bannedWords = [
  ...["told", "tells", "tell", "him", "nobody", "somebody", "behind"],
  ...["answers to", "by itself", "goes on", "so many", "its own", "as it is", "what it holds"],
  ...["who may not look", "of the member;"],
];

/** What may stand before a banned word: "leave something behind", "as soon as it is ready". */
const exceptAfter = {
  behind: "(?<!\\b(?:leav\\w+|left)\\b[^.]{0,60})",
  "as it is": "(?<!\\bas (?:soon|long|far) )",
};

/** The parts of a source line that are not comment. */
const code = /^(?!\s*(?:\/\/|\/?\*|#))(?:(?!(?<=\s)(?:\/\/|#|\/\*) ).)*/gm;

/** `run.ts`, `cli/run.ts`, and without an ending where a path begins at the top: `src/cli/run`. */
const fileName =
  /(?<![\w@/.$*<{-])(?:\.{1,2}\/)*((?:[\w-]+\/)*[\w.-]*\w\.(?:ts|mjs|cjs|js)|(?:src|test|scripts|docs|bench|proto|bin)\/[\w./-]*\w)(?![\w*/])/g;
/** `mvcc/`, `server/mvcc/` */
const folderName = /(?<![\w/."'<{-])([a-z][a-z0-9-]+\/(?:[a-z0-9-]+\/)*)(?=[\s,.;:)`]|$)/g;

const root = path.resolve(process.argv[2] ?? ".");
const skippedFolders = new Set([
  "node_modules",
  "dist",
  "man",
  "coverage",
  ".git",
  "src/proto/gen",
  "src/ui/gen",
  "test/conformance/cases",
]);
const files = walk("");
const findings = [...fileLengths(), ...smallFiles(), ...files.flatMap(textFindings), ...unusedAllowances()];

for (const { file, line, rule, text } of findings) console.log(`${file}:${line}: ${rule}: ${text}`);
for (const rule of new Set(findings.map((finding) => finding.rule))) {
  console.log(`${findings.filter((finding) => finding.rule === rule).length} ${rule}`);
}
process.exitCode = findings.length === 0 ? 0 : 1;

function walk(folder) {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(folder, entry.name);
    if (skippedFolders.has(entry.name) || skippedFolders.has(name)) return [];
    return entry.isDirectory() ? walk(name) : [name];
  });
}

function read(file) {
  return readFileSync(path.join(root, file), "utf8");
}

function lineCount(file) {
  return read(file).trimEnd().split("\n").length;
}

function fileLengths() {
  return files
    .filter((file) => /^(src|test)\/.*\.ts$/.test(file) && file !== "src/kubernetes/schema-table.ts")
    .map((file) => ({ file, line: lineCount(file) }))
    .filter(({ line }) => line > maxLines)
    .map((place) => ({ ...place, rule: "file length", text: `more than ${maxLines} lines` }));
}

function smallFiles() {
  const sources = files.filter((file) => /^src\/.*\.ts$/.test(file));
  const small = sources.filter((file) => lineCount(file) < smallFileLines);
  if (small.length < maxSmallShare * sources.length) return [];
  const share = `${small.length} of ${sources.length} files have less than ${smallFileLines} lines`;
  return [{ file: "src", line: 0, rule: "small files", text: `${share}: ${small.join(", ")}` }];
}

function textFindings(file) {
  const isText = /\.(ts|mjs|cjs|js|sh|md)$/.test(file) || file === ".ci/run";
  if (!isText || /^(scripts\/tidy|test\/scripts\/tidy)/.test(file)) return [];
  const text = read(file);
  const found = [
    ...wordFindings(text),
    ...staleNames(file, text),
    ...(file.startsWith("test/") ? testFindings(text) : []),
  ];
  const lines = text.split("\n");
  return found
    .map(({ index, rule, text: what }) => ({
      file,
      line: text.slice(0, index).split("\n").length,
      rule,
      text: what,
    }))
    .filter(({ line, rule }) => !isAllowed(file, lines[line - 1], rule));
}

/** Whole words, in code as in comments. A phrase may continue on the next line of a comment. */
function wordFindings(text) {
  return bannedWords.flatMap((words) => {
    const spaced = words.replaceAll(" ", "(?:\\s|\\n\\s*(?://|\\*|#|>))+");
    const before = exceptAfter[words] ?? "";
    const pattern = new RegExp(`${before}(?<![\\w-])${spaced}${words.endsWith(";") ? "" : "\\b"}`, "gi");
    const rule = `banned word "${words}"`;
    return Array.from(text.matchAll(pattern), ({ index }) => ({ index, rule, text: lineAt(text, index) }));
  });
}

function lineAt(text, index) {
  const start = text.lastIndexOf("\n", index - 1) + 1;
  const end = text.indexOf("\n", index);
  return text.slice(start, end < 0 ? undefined : end).trim();
}

/** Names of files and folders in comments and pages that do not exist. Go's files (`Go: …`, `.go`) are not ours. */
function staleNames(file, text) {
  const prose = file.endsWith(".md") ? blank(text, /^```[^]*?^```/gm) : blank(text, code);
  const withoutGo = blank(prose, /Go: [^\n]*/g);
  const missing = (rule, pattern, exists) =>
    Array.from(withoutGo.matchAll(pattern), ({ 1: name, index }) => ({ index, rule, text: name })).filter(
      ({ text: name }) => !name.includes(".go") && !exists(name),
    );
  return [
    ...missing("stale file name", fileName, fileExists),
    ...missing("stale folder name", folderName, folderExists),
  ];
}

function blank(text, pattern) {
  return text.replace(pattern, (part) => part.replace(/[^\n]/g, " "));
}

function fileExists(name) {
  if (/^(dist|node_modules)\//.test(name) || name === "Node.js") return true;
  return existsSync(path.join(root, name)) || files.some((file) => `/${file}`.endsWith(`/${name}`));
}

function folderExists(name) {
  return (
    [...skippedFolders].includes(name.slice(0, -1)) || files.some((file) => `/${file}`.includes(`/${name}`))
  );
}

function testFindings(text) {
  const patterns = [
    ["write test(), not it()", /^[ \t]*it(?:\.(?:each|skip|only|failing|concurrent))*\(/gm],
    ["focused test", /\b(?:test|describe)\.only\b/g],
    [
      "fixed sleep",
      /new Promise\b[^\n]*=>\s*(?:void )?setTimeout\(|\bsetTimeout\b[^\n]*from "node:timers\/promises"/g,
    ],
    ["asserted duration", /expect\([^)\n]*(?:performance\.now|Date\.now|elapsed)/g],
    ["assertion that cannot fail", /expect\(true\)/g],
  ];
  return patterns.flatMap(([rule, pattern]) =>
    Array.from(text.matchAll(pattern), ({ index, 0: match }) => ({ index, rule, text: match.trim() })),
  );
}

function isAllowed(file, line, rule) {
  const allowance = allowed.find(
    (each) => each.file === file && line.includes(each.text) && rule.includes(each.rule),
  );
  if (allowance) allowance.isUsed = true;
  return allowance !== undefined;
}

function unusedAllowances() {
  return allowed
    .filter((each) => files.includes(each.file) && !each.isUsed)
    .map(({ file, text }) => ({ file, line: 0, rule: "allowance without use", text }));
}
