// All checks of one history. Writes without an answer would make the search endless: each may have taken place at any later
// time. The history shows which of them did, and in which revision. Go: tests/robustness/validate/patch_history.go
import { isLinearizable } from "./checker";
import { shownOperation, type HistoryEvent, type Operation } from "./history";
import { revisionFaults } from "./revisions";

/** Everything that is wrong with a history, one line each. */
export function faultsOf(operations: readonly Operation[], history: readonly HistoryEvent[]): string[] {
  const deletes = unansweredDeletes(operations, history);
  const faults = deletes.flatMap((each) => (typeof each === "string" ? [each] : []));
  const found = deletes.flatMap((each) => (typeof each === "string" ? [] : [each]));
  const telling = [...resolved(operations, history), ...found];
  return [...faults, ...linearizabilityFaults(telling), ...revisionFaults(operations, history)];
}

function linearizabilityFaults(telling: readonly Operation[]): string[] {
  const keys = new Set(telling.map(({ key }) => key));
  return [...keys].flatMap((key) => {
    const ofKey = telling.filter((operation) => operation.key === key);
    if (isLinearizable(ofKey)) return [];
    return [`${key} has no order:\n${ofKey.map(shownOperation).join("\n")}`];
  });
}

/** A revision was made before the first answer that shows it, or a later one. */
function madeBefore(revision: number, operations: readonly Operation[]): number {
  const answers = operations.filter(({ output }) => (output?.revision ?? 0) >= revision);
  return Math.min(Infinity, ...answers.map(({ returnedAt }) => returnedAt));
}

/** What was answered, and the writes of a value that took place without an answer. Serializable reads may be old. */
function resolved(operations: readonly Operation[], history: readonly HistoryEvent[]): Operation[] {
  return operations.flatMap((operation): Operation[] => {
    const { key, input, output } = operation;
    if (output !== undefined) return input.kind === "get" && input.isSerializable ? [] : [operation];
    if (!("value" in input)) return [];
    const event = history.find((each) => each.key === key && each.value === input.value);
    if (event === undefined) return [];
    const { revision } = event;
    const returnedAt = madeBefore(revision, operations);
    return [{ ...operation, returnedAt, output: { revision, isDone: true, found: undefined } }];
  });
}

/** The deletes in the history that no answer is about: each is of one of the calls without an answer. */
function unansweredDeletes(
  operations: readonly Operation[],
  history: readonly HistoryEvent[],
): (Operation | string)[] {
  const deletes = operations.filter(({ input }) => input.kind === "delete");
  const answered = new Set(
    deletes.flatMap(({ output }) => (output?.isDone === true ? [output.revision] : [])),
  );
  const left = deletes.filter(({ output }) => output === undefined).sort((a, b) => a.calledAt - b.calledAt);
  return history.flatMap((event): (Operation | string)[] => {
    const { key, value, revision } = event;
    if (value !== undefined || answered.has(revision)) return [];
    const returnedAt = madeBefore(revision, operations);
    // Which call it was is not known: the first one leaves the most room.
    const index = left.findIndex((each) => each.key === key && each.calledAt <= returnedAt);
    const [call] = index < 0 ? [] : left.splice(index, 1);
    if (call === undefined) return [`no client has made this delete: ${JSON.stringify(event)}`];
    return [{ ...call, returnedAt, output: { revision, isDone: true, found: undefined } }];
  });
}
