// Waits for a condition instead of sleeping: asks again shortly after each "not yet" until a limit passes.
// For tests that watch other processes or sockets, which do not report when they are ready.

/** Resolves with the first result that is neither undefined nor false. An error counts as "not yet". */
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

/**
 * For a deadline before which something must have happened: a busy machine gets a longer one. Tries with `ms`, then with
 * five and with thirty times as much. The error is that of the last attempt.
 */
export async function withLongerDeadline(ms: number, attempt: (ms: number) => Promise<void>): Promise<void> {
  for (const factor of [1, 5]) {
    const isDone = await attempt(factor * ms).then(
      () => true,
      () => false,
    );
    if (isDone) return;
  }
  await attempt(30 * ms);
}

/** Resolves when ten looks in a row see the same count. */
export async function standsStill(count: () => number): Promise<void> {
  let last = count();
  let looks = 0;
  await until("the count stands still", () => {
    looks = count() === last ? looks + 1 : 0;
    last = count();
    return looks >= 10;
  });
}
