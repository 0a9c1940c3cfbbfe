import type { DatabaseSync } from "node:sqlite";

/** One transaction for all changes of a turn of the event loop. */
export interface GroupCommit {
  /** Begins a transaction if none is open. It is committed at the end of the turn. */
  begin(): void;
  /** Commits now. */
  commit(): void;
  /** Resolves when every change so far is committed. */
  committed(): Promise<void>;
}

/**
 * Creates the transactions of a store. A commit costs more than most changes, so changes that are
 * made in the same turn of the event loop are committed together. This process sees a change at
 * once. Whatever tells others about it must wait for `committed`. Calls `onCommit` after every
 * commit, before anyone who waits goes on.
 */
export function createGroupCommit(sql: DatabaseSync, onCommit: () => void = () => {}): GroupCommit {
  const [begin, commit] = [sql.prepare("BEGIN IMMEDIATE"), sql.prepare("COMMIT")];
  let open = false;
  let waiting: (() => void)[] = [];
  const end = () => {
    // Closing the store has already undone an open transaction.
    if (!open || !sql.isOpen) return;
    commit.run();
    open = false;
    const resolved = waiting;
    waiting = [];
    onCommit();
    for (const resolve of resolved) resolve();
  };
  return {
    begin() {
      if (open) return;
      begin.run();
      open = true;
      setImmediate(end);
    },
    commit: end,
    committed: () => (open ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve()),
  };
}
