// Marks the parts of JSON and YAML by colour. The text stays the same.
import { h } from "./dom";

const longestText = 300_000;

const jsonToken = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|(-?\d[\d.eE+-]*)/g;
const yamlLine = /^(\s*(?:- )*)([^\s"'#:][^:]*|"(?:[^"\\]|\\.)*")(:)(?=\s|$)(.*)$/;

export function highlighted(text: string, kind: string): Node[] {
  if (text.length > longestText) return [document.createTextNode(text)];
  if (kind === "json") return marked(text);
  if (kind === "yaml") return text.split(/(?<=\n)/).flatMap(yaml);
  return [document.createTextNode(text)];
}

function marked(text: string): Node[] {
  const nodes: Node[] = [];
  let end = 0;
  for (const match of text.matchAll(jsonToken)) {
    const [all, string, colon, word] = match;
    nodes.push(document.createTextNode(text.slice(end, match.index)));
    const kind =
      string === undefined
        ? word === undefined
          ? "number"
          : "word"
        : colon === undefined
          ? "string"
          : "name";
    nodes.push(h("span", { class: `t-${kind}` }, string ?? all), document.createTextNode(colon ?? ""));
    end = match.index + all.length;
  }
  nodes.push(document.createTextNode(text.slice(end)));
  return nodes;
}

function yaml(line: string): Node[] {
  const [, indent = "", name, colon = "", value = ""] = yamlLine.exec(line) ?? [];
  if (name === undefined) return [document.createTextNode(line)];
  const plain = value.trim();
  const kind = /^-?\d+(\.\d+)?$/.test(plain)
    ? "number"
    : /^(true|false|null)$/.test(plain)
      ? "word"
      : "string";
  return [
    document.createTextNode(indent),
    h("span", { class: "t-name" }, name),
    document.createTextNode(colon),
    h("span", { class: `t-${kind}` }, value),
  ];
}
