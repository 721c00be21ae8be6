// One row of the table of docs/PERFORMANCE.md: a job, done by Go's program, by a floor, by our Node package and by our executable.
import { compare } from "../support/measure.mjs";

/** The columns. `Go` is what the others are compared with. */
export const columns = ["Go", "floor", "Node", "executable"];

/**
 * Runs the programs in turns and returns a row. `programs` has an argv, or a program of compare(), for each column; a column without
 * one stays empty. `goals` are the largest ratios of the issue, for Node and the executable.
 */
export async function wallRow(job, programs, { rounds, goals, peakGoals }) {
  const named = Object.entries(programs)
    .filter(([, program]) => program !== undefined)
    .map(([name, program]) => ({ name, ...(Array.isArray(program) ? { argv: program } : program) }));
  const runs = await compare(named, rounds);
  const of = (name) => runs.find((run) => run.name === name);
  const value = (name) => of(name) && { ratio: of(name).ratio, peakMiB: of(name).peakMiB };
  return {
    job,
    unit: milliseconds(of("Go").wallMs),
    peakMiB: of("Go").peakMiB,
    ...{ floor: value("floor"), Node: value("Node"), executable: value("executable") },
    ...{ goals, peakGoals },
  };
}

/** A row of ratios that were measured in another way. `isRate`: more is better. */
export function ratioRow(job, unit, ratios, { goals, isRate = false }) {
  const value = (ratio) => (ratio === undefined ? undefined : { ratio });
  return {
    ...{ job, unit, goals, isRate },
    ...{ floor: value(ratios.floor), Node: value(ratios.Node), executable: value(ratios.executable) },
  };
}

export function milliseconds(ms) {
  return ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

const head = [
  "| job | Go | floor | Node | goal | executable | goal |",
  "| --- | --- | --- | --- | --- | --- | --- |",
];

/** The rows as Markdown. A figure that misses its goal is bold. */
export function markdown(rows) {
  return [...head, ...rows.map(markdownRow)].join("\n");
}

export function markdownRow(row) {
  const { job, unit, peakMiB, goals = {}, peakGoals = {}, isRate } = row;
  const cell = (name) => {
    const value = row[name];
    if (value === undefined) return "–";
    const isMissed = (figure, goal) => goal !== undefined && (isRate ? figure < goal : figure > goal);
    const shown = (text, missed) => (missed ? `**${text}**` : text);
    const ratio = shown(value.ratio.toFixed(isRate ? 1 : 2), isMissed(value.ratio, goals[name]));
    if (value.peakMiB === undefined) return ratio;
    const peak = peakGoals[name] !== undefined && value.peakMiB > peakGoals[name];
    return `${ratio}; ${shown(`${value.peakMiB.toFixed(0)} MiB`, peak)}`;
  };
  const goal = (name) => {
    if (goals[name] === undefined) return "–";
    const peak = peakGoals[name] === undefined ? "" : `; ${peakGoals[name]} MiB`;
    return `${isRate ? "≥" : "≤"} ${goals[name]}${peak}`;
  };
  const go = peakMiB === undefined ? unit : `${unit}; ${peakMiB.toFixed(0)} MiB`;
  const cells = [job, go, cell("floor"), cell("Node"), goal("Node"), cell("executable"), goal("executable")];
  return `| ${cells.join(" | ")} |`;
}
