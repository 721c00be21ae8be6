// What `serve` does with a flag of etcd's server, as data: the parser, the checks and the documentation use it.
import type { Flag, FlagTable } from "../../input/flags";

/**
 * `none`: the flag is accepted, as it changes nothing in a server of one member. `refused`: a value that switches something on
 * is an error, as a server without it would not be what the user wants.
 */
export type Effect =
  | { readonly effect: "none"; readonly why: string }
  | { readonly effect: "refused"; readonly why: string; readonly hint: string };

export type EffectFlag = Flag & Effect;

export type EffectTable = Readonly<Record<string, EffectFlag>>;

type Kinds = Readonly<Record<string, Flag["kind"] | readonly [kind: Flag["kind"], value: unknown]>>;

/** Flags that share a reason; a kind alone stands for the empty default of the kind. */
export function withoutEffect(why: string, flags: Kinds): EffectTable {
  return table(flags, { effect: "none", why });
}

export function refused(why: string, hint: string, flags: Kinds): EffectTable {
  return table(flags, { effect: "refused", why, hint });
}

const emptyValues: Readonly<Record<Flag["kind"], unknown>> = {
  bool: false,
  string: "",
  strings: [],
  texts: [],
  int64: 0n,
  uint64: 0n,
  uint: 0,
  duration: 0,
};

function table(flags: Kinds, effect: Effect): EffectTable {
  return Object.fromEntries(
    Object.entries(flags).map(([name, each]) => {
      const [kind, value] = typeof each === "string" ? [each, emptyValues[each]] : each;
      return [name, { kind, default: value, usage: "", hidden: true, ...effect } as EffectFlag];
    }),
  );
}

/** Names of earlier releases for flags of the same table. */
export function earlierNames(flags: FlagTable, names: Readonly<Record<string, string>>): FlagTable {
  return Object.fromEntries(
    Object.entries(names).map(([earlier, name]) => {
      const flag = flags[name];
      if (flag === undefined) throw new Error(`no flag ${name}`);
      return [earlier, { ...flag, usage: "", hidden: true, replacedBy: name }];
    }),
  );
}
