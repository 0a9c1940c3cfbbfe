import { STORAGE_EXIT_CODE } from "../storage-error.ts";
import type { Child } from "./child.ts";

/**
 * A host that exits this often in a row, each time less than a second after its start, is not
 * started again.
 */
const MOST_CRASHES_IN_A_ROW = 5;

/** The callbacks of the supervisor. */
export interface Watcher {
  /** Called when the host ended unexpectedly, with the reason, and when it is back. */
  readonly onHost?: ((event: "died" | "back", pid: number, why?: string) => void) | undefined;
  /** Called with the reason if the host is not started again. */
  readonly fail: (reason: string) => void;
}

/** Keeps the functions host running on one port until it is stopped. */
export async function superviseHost(start: (port: number) => Promise<Child>, port: number, { onHost, fail }: Watcher) {
  let host = await start(port);
  const url = String(host.ready["url"]);
  let stopping = false;
  let crashes = 0;
  /** A host may be killed before it is ready. */
  const restart = async (): Promise<Child> => {
    try {
      return await start(Number(new URL(url).port));
    } catch (error) {
      if (stopping || ++crashes >= MOST_CRASHES_IN_A_ROW) throw error;
      return restart();
    }
  };
  const watch = async () => {
    for (;;) {
      const since = Date.now();
      const exitCode = await host.ended;
      if (stopping) return;
      const why = host.describeEnding();
      if (exitCode === STORAGE_EXIT_CODE) return fail(why);
      onHost?.("died", host.pid, why);
      // A killed host has no exit code, and does not count: a test may kill it often and early.
      crashes = exitCode !== null && Date.now() - since < 1000 ? crashes + 1 : 0;
      if (crashes >= MOST_CRASHES_IN_A_ROW) return fail(`The functions host dies whenever it is started. ${why}`);
      host = await restart();
      if (stopping) return host.stop();
      onHost?.("back", host.pid);
    }
  };
  const watching = watch().catch((error: unknown) =>
    fail(`The functions host cannot be started again: ${error instanceof Error ? error.message : error}`),
  );
  return {
    url,
    pid: () => host.pid,
    // The supervisor starts it again, as after a crash.
    restart: () => host.stop(),
    async stop() {
      stopping = true;
      await host.stop();
      await watching;
    },
  };
}
