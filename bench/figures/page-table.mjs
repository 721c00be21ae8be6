// The table in docs/PERFORMANCE.md. A run of some parts replaces only its rows, and says when they were measured.

const jobOf = (line) => line.split(" | ")[0].replace(/^\| /, "").trimEnd();
const isRow = (line) => line.startsWith("| ") && !line.startsWith("| job ") && !line.startsWith("| ---");

const later = "Measured later: ";

/** What an earlier run of some parts said, without the rows that are measured again. */
function stillTrue(line, fresh) {
  if (!line.startsWith(later)) return [line];
  const [jobs, ...about] = line.slice(later.length).split(". ");
  const left = jobs.split("; ").filter((job) => !fresh.has(job));
  return left.length === 0 ? [] : [`${later}${[left.join("; "), ...about].join(". ")}`];
}

/** `old` is what is on the page: what the run was, a table, perhaps a size. `rows` are lines of a table, `about` is their run. */
export function withNewRows(old, rows, about) {
  const lines = old.trim().split("\n");
  const fresh = new Map(rows.map((row) => [jobOf(row), row]));
  const lastRow = lines.findLastIndex(isRow);
  const added = rows.filter((row) => !lines.some((line) => isRow(line) && jobOf(line) === jobOf(row)));
  const kept = lines.map((line) => (isRow(line) ? (fresh.get(jobOf(line)) ?? line) : line));
  kept.splice(lastRow + 1, 0, ...added);
  return [
    ...kept.flatMap((line) => stillTrue(line, fresh)),
    "",
    `${later}${[...fresh.keys()].join("; ")}. ${about}`,
  ]
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n");
}
