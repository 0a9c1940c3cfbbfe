/**
 * Creates a runner of jobs: one at a time for each name, at most `limit` in all. A job that is
 * woken while it runs, runs once more.
 */
export function createRunner(limit: number, run: (key: string) => Promise<void>) {
  const waiting = new Set<string>();
  const running = new Set<string>();
  const idle: (() => void)[] = [];

  function startNext(): void {
    for (const key of waiting) {
      if (running.size >= limit) return;
      if (running.has(key)) continue;
      waiting.delete(key);
      running.add(key);
      void run(key).finally(() => {
        running.delete(key);
        startNext();
        if (running.size === 0) for (const resolve of idle.splice(0)) resolve();
      });
    }
  }

  return {
    wake(key: string) {
      waiting.add(key);
      queueMicrotask(startNext);
    },
    /** Resolves when nothing runs. */
    idle: () => (running.size === 0 ? Promise.resolve() : new Promise<void>((resolve) => idle.push(resolve))),
  };
}
