// Streams whose next item often is there already: taking it without a promise costs a tenth.

/** An async iterator that also gives what is there. */
export interface ReadyIterator<T> extends AsyncIterator<T, undefined> {
  /** The next item if it is there; undefined says nothing about the end. */
  takeNow?(): T | undefined;
}

/**
 * Like `for await`, with one promise for all items that are there at once. `each` returns a promise to be waited for, or false
 * to stop.
 */
export async function forEachReady<T>(
  items: AsyncIterable<T>,
  each: (item: T) => Promise<void> | false | undefined,
): Promise<void> {
  const iterator = items[Symbol.asyncIterator]() as ReadyIterator<T>;
  let isDone = false;
  try {
    for (;;) {
      const next = await iterator.next();
      if (next.done === true) {
        isDone = true;
        return;
      }
      for (let item: T | undefined = next.value; item !== undefined; item = iterator.takeNow?.()) {
        const wait = each(item);
        if (wait === false) return;
        if (wait !== undefined) await wait;
      }
    }
  } finally {
    if (!isDone) await iterator.return?.();
  }
}
