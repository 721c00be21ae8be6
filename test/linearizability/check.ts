import { isLinearizable } from "./checker";
import { shownOperation, type HistoryEvent, type Operation } from "./history";
import { revisionFaults } from "./revisions";

/** Everything that is wrong with a history, one line each. */
export function faultsOf(operations: readonly Operation[], history: readonly HistoryEvent[]): string[] {
  return [...linearizabilityFaults(operations, history), ...revisionFaults(operations, history)];
}

function linearizabilityFaults(operations: readonly Operation[], history: readonly HistoryEvent[]): string[] {
  const written = new Set(history.map(({ value }) => value));
  const telling = operations.filter(({ input, output }) => {
    // Serializable reads may be old: the revisions check them.
    if (input.kind === "get") return !input.isSerializable;
    // The history shows whether a write without an answer took place.
    return output !== undefined || !("value" in input) || written.has(input.value);
  });
  const keys = new Set(telling.map(({ key }) => key));
  return [...keys].flatMap((key) => {
    const ofKey = telling.filter((operation) => operation.key === key);
    if (isLinearizable(ofKey)) return [];
    return [`${key} has no order:\n${ofKey.map(shownOperation).join("\n")}`];
  });
}
