// Strings as Go's encoding/json writes them: <, > and & escaped for HTML, the line separators for JavaScript.
// Knows nobody. The whole of a message in JSON is output/json-message.ts.

export function jsonString(value: string): string {
  return `"${value.replace(escaped, escape)}"`;
}

// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const escaped = /["\\<>&\u0000-\u001f\u2028\u2029]/g;

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function escape(character: string): string {
  return shortEscapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
