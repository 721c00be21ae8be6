// The simplest versioned store: a list of all changes. Tests compare the engine with it.

export interface Change {
  readonly revision: number;
  readonly key: string;
  /** Undefined: a delete. */
  readonly value: string | undefined;
}

export interface State {
  readonly value: string;
  readonly mod: number;
  readonly create: number;
  readonly version: number;
}

export class Model {
  readonly changes: Change[] = [];
  revision = 1;

  /** The keys that exist at a revision, sorted. */
  at(revision: number): Map<string, State> {
    const states = new Map<string, State>();
    for (const { key, value, revision: mod } of this.changes) {
      if (mod > revision) break;
      const old = states.get(key);
      if (value === undefined) states.delete(key);
      else states.set(key, { value, mod, create: old?.create ?? mod, version: (old?.version ?? 0) + 1 });
    }
    return new Map([...states].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Same form as list() of store-harness. */
  list(key: string, end: string | undefined, revision: number): string[] {
    return [...this.at(revision)]
      .filter(([name]) => inRange(name, key, end))
      .map(([name, { value, mod, create, version }]) => `${name}=${value}@${mod}/${create}/${version}`);
  }
}

export function inRange(name: string, key: string, end: string | undefined): boolean {
  if (end === undefined) return name === key;
  return name >= key && (end === "" || name < end);
}

/** A seeded source of numbers below n. */
export function randomOf(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}
