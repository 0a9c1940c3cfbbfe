import { setImmediate as nextTurn } from "node:timers/promises";
import { endOnStorageError, STORAGE_EXIT_CODE, StorageError } from "./storage-error.ts";

/** A running service, for its process: what the parent must know, and how to stop. */
export interface RunningService {
  readonly ready: Readonly<Record<string, unknown>>;
  /** Functions that the parent may call while the service runs, by name. */
  readonly controls?: Readonly<Record<string, (argument: unknown) => void>>;
  close(): Promise<void>;
}

/** A message of the parent to a running service, as JSON. */
export interface Control {
  readonly control: string;
  readonly argument?: unknown;
}

/**
 * A service without its parent may hang at its end: what it waits for may be dead too, and no
 * parent can kill it.
 */
const LONGEST_END_MS = 10_000;

/**
 * Runs one local service as a process. Prints `{"ready":{…}}` on stdout, after what it logged while
 * it started. Stops on SIGTERM, on Ctrl-C or when its parent has died. A message on the IPC channel
 * calls a control; its name is sent back when it is done. If the start fails, writes one line to
 * stderr and exits with code 1. A full disk or a damaged store ends the process at any time, with
 * one line on stderr and an exit code for this case.
 */
export async function runService(start: () => Promise<RunningService>): Promise<void> {
  let service: RunningService | undefined;
  let closing = false;
  const fail = (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(error instanceof StorageError ? STORAGE_EXIT_CODE : 1);
  };
  endOnStorageError(fail);
  // Registered now, because a parent can die while its service starts.
  process.on("disconnect", () => {
    setTimeout(() => process.exit(1), LONGEST_END_MS);
    close();
  });
  try {
    service = await start();
  } catch (error) {
    fail(error);
    return;
  }
  function close(): void {
    if (closing || !service) return;
    closing = true;
    service.close().then(
      () => process.exit(0),
      (error) => {
        console.error(error);
        process.exit(1);
      },
    );
  }
  process.on("SIGTERM", close);
  // Ctrl-C reaches every process of the group. If there is a supervisor, it decides in which order
  // they stop.
  process.on("SIGINT", () => process.connected || close());
  process.on("message", (message) => {
    const { control, argument } = message as Control;
    service?.controls?.[control]?.(argument);
    process.send?.(control);
  });
  // A line writer writes at the end of the turn (see line-writer.ts).
  await nextTurn();
  console.log(JSON.stringify({ ready: service.ready }));
}
