// Whether the operations on one key have an order that explains every answer: an order in which each operation takes its
// effect between its call and its return. The search is that of Wing and Gong with Lowe's memory of states that were tried.
// An operation with an unknown outcome returns never: it may be the last one, where no read sees its effect.
import type { Operation } from "./history";

/** A key is a register: its value, or undefined. */
type State = string | undefined;

/** Undefined: the answer is impossible in this state. */
function step(state: State, { input, output }: Operation): { readonly next: State } | undefined {
  switch (input.kind) {
    case "put":
      return { next: input.value };
    case "get":
      return output === undefined || output.found === state ? { next: state } : undefined;
    case "delete":
      return output === undefined || output.isDone === (state !== undefined)
        ? { next: undefined }
        : undefined;
    case "cas": {
      const holds = state === input.expected;
      const next = holds ? input.value : state;
      if (output === undefined) return { next };
      return output.isDone === holds && (holds || output.found === state) ? { next } : undefined;
    }
  }
}

/** A call or a return, in a list that is linked in both directions. */
interface Entry {
  readonly operation: Operation;
  readonly id: number;
  /** Of a call: its return. */
  readonly end: Entry | undefined;
  previous: Entry | undefined;
  next: Entry | undefined;
}

function entriesOf(operations: readonly Operation[]): Entry {
  const entries = operations.flatMap((operation, id) => {
    const end: Entry = { operation, id, end: undefined, previous: undefined, next: undefined };
    const call: Entry = { ...end, end };
    return [
      { at: operation.calledAt, entry: call },
      { at: operation.returnedAt, entry: end },
    ];
  });
  const first = operations[0];
  if (first === undefined) throw new Error("no operations");
  // At the same moment, calls come first: the operations may overlap.
  const order = (entry: Entry) => (entry.end === undefined ? 1 : 0);
  entries.sort((a, b) => (a.at === b.at ? order(a.entry) - order(b.entry) : a.at < b.at ? -1 : 1));
  const head: Entry = { operation: first, id: -1, end: undefined, previous: undefined, next: undefined };
  let last = head;
  for (const { entry } of entries) {
    last.next = entry;
    entry.previous = last;
    last = entry;
  }
  return head;
}

function takeOut(entry: Entry): void {
  if (entry.previous !== undefined) entry.previous.next = entry.next;
  if (entry.next !== undefined) entry.next.previous = entry.previous;
}

function putBack(entry: Entry): void {
  if (entry.previous !== undefined) entry.previous.next = entry;
  if (entry.next !== undefined) entry.next.previous = entry;
}

/** More than any history of the tests needs. */
const maxSteps = 5_000_000;

/** All operations must be of one key, which is missing at first. */
export function isLinearizable(operations: readonly Operation[]): boolean {
  // A read without an answer says nothing.
  const telling = operations.filter(({ input, output }) => input.kind !== "get" || output !== undefined);
  if (telling.length === 0) return true;
  const head = entriesOf(telling);
  const done = new Uint32Array(Math.ceil(telling.length / 32));
  const tried = new Set<string>();
  const taken: { readonly call: Entry; readonly before: State }[] = [];
  let state: State;
  let entry = head.next;
  for (let steps = 0; head.next !== undefined; steps++) {
    if (steps === maxSteps) throw new Error(`not decided: ${telling.length} operations`);
    if (entry === undefined) return false;
    const { end, id } = entry;
    if (end === undefined) {
      // Everything that was called before this return has been tried: the last choice was wrong.
      const last = taken.pop();
      if (last === undefined) return false;
      state = last.before;
      flip(done, last.call.id);
      if (last.call.end !== undefined) putBack(last.call.end);
      putBack(last.call);
      entry = last.call.next;
      continue;
    }
    const result = step(state, entry.operation);
    if (result !== undefined) {
      flip(done, id);
      const name = `${done.join()} ${result.next}`;
      if (!tried.has(name)) {
        tried.add(name);
        taken.push({ call: entry, before: state });
        state = result.next;
        takeOut(entry);
        takeOut(end);
        entry = head.next;
        continue;
      }
      flip(done, id);
    }
    entry = entry.next;
  }
  return true;
}

function flip(bits: Uint32Array, id: number): void {
  const word = id >>> 5;
  bits[word] = (bits[word] as number) ^ (1 << (id & 31));
}
