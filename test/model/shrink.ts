/** Tries at most. */
const maxTries = 200;

/** A shorter list that still fails: leaves parts out, at first large ones. */
export async function shrunk<T>(
  list: readonly T[],
  fails: (list: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let least = list;
  let tries = 0;
  for (let size = Math.ceil(list.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let end = least.length; end > 0 && tries < maxTries; end -= size, tries++) {
      const without = [...least.slice(0, Math.max(0, end - size)), ...least.slice(end)];
      if (await fails(without)) least = without;
    }
  }
  return least;
}
