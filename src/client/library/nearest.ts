// The right name for a mistyped one, for the errors of the library.
import { distance } from "fastest-levenshtein";

/** `did you mean TTL?`, or a list of all names after `listed` when none is near. */
export function didYouMean(typed: string, names: readonly string[], listed: string): string {
  const nearest = nearestName(typed, names);
  if (nearest !== undefined) return `did you mean ${nearest}?`;
  return names.length === 0 ? "it has none" : `${listed} ${names.join(", ")}`;
}

/** Case, underscores and dashes do not count: `range_end` is `rangeEnd`. */
function nearestName(typed: string, names: readonly string[]): string | undefined {
  const plainTyped = plain(typed);
  const byDistance = names
    .map((name) => ({ name, edits: distance(plainTyped, plain(name)) }))
    .sort((a, b) => a.edits - b.edits);
  const [best] = byDistance;
  if (best !== undefined && best.edits <= maxEdits(plainTyped)) return best.name;
  return names.find((name) => plain(name).startsWith(plainTyped));
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, "");
}

/** More would propose names that have nothing to do with a short one. */
function maxEdits(typed: string): number {
  return Math.min(3, Math.ceil(typed.length / 3));
}
