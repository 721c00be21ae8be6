// The checks that etcd's revisions allow beside linearizability. Revisions put all writes into one order, so that most answers
// can be checked alone: against the keys at the revision in their header, and against the revisions that were known before.
// Go: tests/robustness/validate
import { shownOperation, twinOf, type HistoryEvent, type Operation } from "./history";

/** `history` has all events from the first revision on. Returns what is wrong, one line each. */
export function revisionFaults(operations: readonly Operation[], history: readonly HistoryEvent[]): string[] {
  return [
    ...faultsOfHistory(operations, history),
    ...operations.flatMap((operation) => faultsOfAnswer(operation, history)),
    ...faultsOfOrder(operations),
  ];
}

/** Revisions rise without gaps, and each event is of a write that a client has asked for, once. */
function faultsOfHistory(operations: readonly Operation[], history: readonly HistoryEvent[]): string[] {
  const faults: string[] = [];
  const asked = new Map<string, Operation>();
  for (const operation of operations)
    if ("value" in operation.input) asked.set(operation.input.value, operation);
  const seen = new Set<string>();
  let last = 1;
  for (const [index, event] of history.entries()) {
    const shown = JSON.stringify(event);
    const isSecond = event.key.startsWith("twin/") && event.revision === last;
    if (event.revision !== last + 1 && !isSecond) faults.push(`after revision ${last}: ${shown}`);
    last = event.revision;
    if (event.value === undefined) continue;
    const operation = asked.get(event.value);
    const name = `${event.key} ${event.value}`;
    if (operation === undefined || ![operation.key, twinOf(operation.key)].includes(event.key))
      faults.push(`no client has written ${shown}`);
    if (seen.has(name)) faults.push(`written twice: ${shown}`);
    seen.add(name);
    if (operation?.input.kind !== "put" || !operation.input.isPair || isSecond) continue;
    const next = history[index + 1];
    if (next?.key !== twinOf(event.key) || next.value !== event.value || next.revision !== event.revision)
      faults.push(`half of a transaction: ${shown}`);
  }
  return faults;
}

const isWrite = ({ input, output }: Operation) => input.kind !== "get" && output?.isDone === true;

function faultsOfAnswer(operation: Operation, history: readonly HistoryEvent[]): string[] {
  const { key, input, output } = operation;
  if (output === undefined) return [];
  const { revision, found } = output;
  const value = valueAt(history, key, revision);
  if (isWrite(operation)) {
    const wanted = "value" in input ? input.value : undefined;
    const isThere = history.some(
      (event) => event.revision === revision && event.key === key && event.value === wanted,
    );
    return isThere ? [] : [`not in the history: ${shownOperation(operation)}`];
  }
  if (input.kind === "delete")
    return value === undefined ? [] : [`a key was there: ${shownOperation(operation)}`];
  return value === found ? [] : [`${value} at revision ${revision}: ${shownOperation(operation)}`];
}

function valueAt(history: readonly HistoryEvent[], key: string, revision: number): string | undefined {
  return history.findLast((event) => event.key === key && event.revision <= revision)?.value;
}

/** What was called after an answer sees its revision; a write makes a later one. Serializable reads may be old. */
function faultsOfOrder(operations: readonly Operation[]): string[] {
  const answered = operations.filter(({ output }) => output !== undefined);
  const returns = [...answered].sort((a, b) => a.returnedAt - b.returnedAt);
  const faults: string[] = [];
  let known = 0;
  let next = 0;
  for (const operation of [...answered].sort((a, b) => a.calledAt - b.calledAt)) {
    for (; (returns[next]?.returnedAt ?? Infinity) < operation.calledAt; next++)
      known = Math.max(known, returns[next]?.output?.revision ?? 0);
    const revision = operation.output?.revision ?? 0;
    const { input } = operation;
    const isFine =
      (input.kind === "get" && input.isSerializable) ||
      (isWrite(operation) ? revision > known : revision >= known);
    if (!isFine) faults.push(`revision ${known} was known before: ${shownOperation(operation)}`);
  }
  return faults;
}

/** The events of one watch must be those of the history from its start on. */
export function watchFaults(
  name: string,
  events: readonly HistoryEvent[],
  history: readonly HistoryEvent[],
): string[] {
  const wanted = history.filter(({ revision }) => revision >= (events[0]?.revision ?? Infinity));
  for (const [index, event] of wanted.entries()) {
    const [found, expected] = [JSON.stringify(events[index]), JSON.stringify(event)];
    if (found !== expected) return [`${name}: expected ${expected}, received ${found}`];
  }
  return events.length > wanted.length ? [`${name}: more events than the history has`] : [];
}
