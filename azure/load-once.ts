/**
 * Returns a function that calls `load` at its first call, and returns the same promise afterwards.
 * So an SDK does not slow down the start of functions that do not need it.
 */
export function loadOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => {
    loading ??= load();
    return loading;
  };
}
