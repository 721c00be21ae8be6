// JSON on several lines, as kubectl prints it: four blanks for each level.
import { jsonString } from "../../go/quote";
import { isList, isObject, type Tree } from "../../kubernetes/tree";

/** `indent` is that of the line on which the value begins. */
export function prettyJson(tree: Tree, indent: string): string {
  const inner = `${indent}    `;
  if (isList(tree)) {
    if (tree.length === 0) return "[]";
    return `[\n${tree.map((item) => inner + prettyJson(item, inner)).join(",\n")}\n${indent}]`;
  }
  if (isObject(tree)) {
    const members = Object.entries(tree).map(
      ([name, value]) => `${inner}${jsonString(name)}: ${prettyJson(value, inner)}`,
    );
    return members.length === 0 ? "{}" : `{\n${members.join(",\n")}\n${indent}}`;
  }
  return typeof tree === "string" ? jsonString(tree) : String(tree);
}
