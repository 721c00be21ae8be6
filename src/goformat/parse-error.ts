// What goformat's parsers throw: Go's own wording of what is wrong with a text. Knows nobody.
// Callers turn it into a CliError with the exit code of their place; it does not reach the top by itself.

export class ParseError extends Error {
  override name = "ParseError";
}
