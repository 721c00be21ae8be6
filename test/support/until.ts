// Waits for a condition instead of sleeping: asks again shortly after each "not yet" until a limit passes.
// For tests that watch other processes, which cannot tell when they are ready.

/** Resolves with the first result that is neither undefined nor false; an error counts as "not yet". */
export async function until<T>(
  what: string,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  limitMs = 90_000,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  let last: unknown;
  for (;;) {
    try {
      const result = await condition();
      if (result !== undefined && result !== false) return result;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`waited ${limitMs} ms in vain: ${what}`, { cause: last });
    }
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}
