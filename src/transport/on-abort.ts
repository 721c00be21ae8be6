// Many callbacks on one AbortSignal with a single listener: calls at the same time share their caller's signal, and Node
// warns about more than ten listeners.

const callbacksOf = new WeakMap<AbortSignal, Set<() => void>>();

/** Runs `callback` when the signal is aborted; the result takes it back. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const callbacks = callbacksOf.get(signal) ?? listenTo(signal);
  callbacks.add(callback);
  return () => callbacks.delete(callback);
}

function listenTo(signal: AbortSignal): Set<() => void> {
  const callbacks = new Set<() => void>();
  callbacksOf.set(signal, callbacks);
  const abort = () => {
    for (const callback of [...callbacks]) callback();
    callbacks.clear();
  };
  signal.addEventListener("abort", abort, { once: true });
  return callbacks;
}
