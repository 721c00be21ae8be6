// JSON with line breaks and indentation. The text between stays: JSON.parse and JSON.stringify would round large numbers and
// drop repeated names.

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** Undefined if the text is no JSON object or array. */
export function indentJson(text: string): string | undefined {
  if (!/^\s*[{[]/.test(text) || !isJson(text)) return undefined;
  const parts: string[] = [];
  let depth = 0;
  let before = "";
  for (const [word] of text.matchAll(token)) {
    const isEnd = word === "}" || word === "]";
    const isEmpty = isEnd && (before === "{" || before === "[");
    if (isEnd) depth--;
    if (before !== "" && !isEmpty && (isEnd || "{[,".includes(before))) parts.push("\n", "  ".repeat(depth));
    parts.push(word === ":" ? ": " : word);
    if (word === "{" || word === "[") depth++;
    before = word;
  }
  return parts.join("");
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
