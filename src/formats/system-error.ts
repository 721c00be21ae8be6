// What the operating system said, taken from errors that Node's own modules throw. Not told by `instanceof Error`: inside
// jest these errors come from another realm, whose Error is not ours.

/** `ENOENT` and its like. */
export function errorCode(cause: unknown): unknown {
  return typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined;
}

/** Node's `ENOENT: no such file or directory, open 'x'` without what the message around it says already. */
export function errorReason(cause: unknown): string {
  const hasMessage = typeof cause === "object" && cause !== null && "message" in cause;
  const text = String(hasMessage ? cause.message : cause);
  return /^[A-Z0-9]+: (.*?)(, \w+.*)?$/.exec(text)?.[1] ?? text;
}
