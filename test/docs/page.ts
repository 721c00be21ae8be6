// A page of the documentation as what can be run: its ```console blocks, each `$ command` with the lines that it prints.
// `> ` continues a command, as in a shell. The page may say on which servers it is tried:
// `<!-- tried on: etcd 3.5, three members -->`; without it that is the embedded server.
import { readFileSync } from "node:fs";

export interface Step {
  readonly command: string;
  readonly output: string;
}

export interface Line {
  readonly text: string;
  /** Of the block or of the line, by its ETCDCTL_API=2. */
  readonly isVersion2: boolean;
}

export interface Page {
  readonly file: string;
  readonly text: string;
  readonly steps: readonly Step[];
  /** Lines of ```sh blocks: they are not run, but those that start a program of ours must be understood. */
  readonly shown: readonly Line[];
  readonly triedOn: string;
}

export function readPage(file: string): Page {
  const text = readFileSync(file, "utf8");
  const blocks = (language: string) =>
    Array.from(
      text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "gm")),
      ([, block = ""]) => block,
    );
  return {
    file,
    text,
    steps: blocks("console").flatMap(stepsOf),
    shown: blocks("sh").flatMap(linesOf),
    triedOn: /<!-- tried on: (.*?) -->/.exec(text)?.[1] ?? "embedded",
  };
}

function linesOf(block: string): Line[] {
  const isExported = /^export ETCDCTL_API=2$/m.test(block);
  const lines = block.replaceAll(/\\\n\s*/g, " ").split(/(?:\s+#.*)?\n/);
  return lines.map((text) => ({ text, isVersion2: isExported || /^ETCDCTL_API=2 /.test(text) }));
}

function stepsOf(block: string): Step[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const lines = step.split("\n");
      let length = 1;
      while (/^>(?: |$)/.test(lines[length] ?? "")) length++;
      const command = lines.slice(0, length).map((line, at) => (at === 0 ? line : line.slice(2)));
      return { command: command.join("\n"), output: lines.slice(length).join("\n") };
    });
}

/**
 * Whether a page shows what was printed. Ports, IDs and times differ from run to run and only have to be there; `…` in a
 * page stands for any text, and a line of its own for any lines. Blanks that align columns do not count.
 */
export function shows(page: string, printed: string): boolean {
  const pattern = masked(page)
    .split(/(^…\n|…)/m)
    .map((part) =>
      part === "…\n" ? "(?:.*\n)*" : part === "…" ? ".*" : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"),
    )
    .join("");
  return new RegExp(`^${pattern}$`).test(masked(printed));
}

/** Blank lines at the end are lost where a page is formatted. */
function masked(text: string): string {
  return text
    .replace(/\b(127\.0\.0\.1|localhost):\d+/g, "$1:PORT")
    .replace(/\b(?=[0-9a-f]*\d)[0-9a-f]{15,16}\b/g, "ID")
    .replace(/"(cluster_id|member_id|ID|raft_term)":\d+/g, '"$1":N')
    .replace(/\b\d+(?:\.\d+)?(?:µs|ms|s)\b/g, "TIME")
    .replace(/\b\d+(?:\.\d+)? [kM]B\b/g, "SIZE")
    .replace(/─+/g, "─")
    .replace(/ {2,}/g, " ")
    .replace(/\n+$/, "\n");
}
