import { STORAGE_EXIT_CODE } from "../storage-error.ts";
import type { Child } from "./child.ts";

/** A host that exits by itself this often in a row, each time sooner than a second after its start, will not come up by being started again. */
const MOST_CRASHES_IN_A_ROW = 5;

/** Who is told what happens to the host. */
export interface Watcher {
  /** The host ended by itself, with the reason, and is started again; or it is back. */
  readonly onHost?: ((event: "died" | "back", pid: number, why?: string) => void) | undefined;
  /** The host is not started again, for this reason. */
  readonly fail: (reason: string) => void;
}

/** Keeps the functions host running on one port until it is stopped. */
export async function superviseHost(start: (port: number) => Promise<Child>, port: number, { onHost, fail }: Watcher) {
  let host = await start(port);
  const url = String(host.ready["url"]);
  let stopping = false;
  let crashes = 0;
  /** What kills a host may do so before it is ready. */
  const startAgain = async (): Promise<Child> => {
    try {
      return await start(Number(new URL(url).port));
    } catch (error) {
      if (stopping || ++crashes >= MOST_CRASHES_IN_A_ROW) throw error;
      return startAgain();
    }
  };
  const watch = async () => {
    for (;;) {
      const since = Date.now();
      const exitCode = await host.ended;
      if (stopping) return;
      const why = host.ending();
      if (exitCode === STORAGE_EXIT_CODE) return fail(why);
      onHost?.("died", host.pid, why);
      // Whoever kills it may do so as often and as soon as they like.
      crashes = exitCode !== null && Date.now() - since < 1000 ? crashes + 1 : 0;
      if (crashes >= MOST_CRASHES_IN_A_ROW) return fail(`The functions host dies whenever it is started. ${why}`);
      host = await startAgain();
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
    // It is started again like one that died.
    restart: () => host.stop(),
    async stop() {
      stopping = true;
      await host.stop();
      await watching;
    },
  };
}
