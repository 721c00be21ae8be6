// Reads the commands of a page and the output it shows for them: ```console blocks have `$ command` lines, and `> ` continues a
// command. A page is run on the embedded server, or on `<!-- tried on: etcd 3.5, three members -->`.
import { readFileSync } from "node:fs";

export interface Step {
  readonly command: string;
  readonly output: string;
}

export interface Line {
  readonly text: string;
  /** The block or the line sets ETCDCTL_API=2. */
  readonly isVersion2: boolean;
}

export interface Page {
  readonly file: string;
  readonly text: string;
  readonly steps: readonly Step[];
  /** Lines of ```sh blocks. They are not run, but their etcdctl commands must be valid. */
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
 * Whether a page shows what was printed. Ports, IDs and times differ between runs, so their values do not count, nor do the
 * blanks that align columns. `…` in a page matches any text in a line; a line `…` matches any lines.
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

/** Blank lines at the end do not count: prettier removes them from a page. */
function masked(text: string): string {
  return text
    .replace(/\b(127\.0\.0\.1|localhost):\d+/g, "$1:PORT")
    .replace(/\b(?=[0-9a-f]*\d)[0-9a-f]{12,16}\b/g, "ID")
    .replace(/"(cluster_id|member_id|ID|raft_term)":\d+/g, '"$1":N')
    .replace(/\b\d+(?:\.\d+)?(?:µs|ms|s)\b/g, "TIME")
    .replace(/\b\d+(?:\.\d+)? [kM]B\b/g, "SIZE")
    .replace(/─+/g, "─")
    .replace(/ {2,}/g, " ")
    .replace(/\n+$/, "\n");
}
