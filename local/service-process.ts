import { endOnStorageError, STORAGE_EXIT_CODE, StorageError } from "./storage-error.ts";

/** What one local service hands to its process: what the parent must know, and how to stop. */
export interface RunningService {
  readonly ready: Readonly<Record<string, unknown>>;
  /** What the parent may have done while the service runs, by name. */
  readonly controls?: Readonly<Record<string, (argument: unknown) => void>>;
  close(): Promise<void>;
}

/** What a parent asks of a running service, as JSON. */
export interface Control {
  readonly control: string;
  readonly argument?: unknown;
}

/** Who has lost its parent may hang at its end, because what it waits for died with it, and nobody is left to kill it. */
const LONGEST_END_MS = 10_000;

/**
 * Runs one local service as a process of its own: prints `{"ready":{…}}` as its first line on stdout, and closes on SIGTERM, on Ctrl-C
 * or when its parent is gone. A message on the IPC channel names a control, with what it is about if it needs that; its name is sent back when that is done. A start that fails is one line on stderr and exit code 1.
 * A full disk or a damaged store ends the process at any time, with one line on stderr and an exit code of its own.
 */
export async function runService(start: () => Promise<RunningService>): Promise<void> {
  let service: RunningService | undefined;
  let closing = false;
  const fail = (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(error instanceof StorageError ? STORAGE_EXIT_CODE : 1);
  };
  endOnStorageError(fail);
  // From here on, because a parent can die while its service starts.
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
  // Under a supervisor Ctrl-C reaches every process of the group; the supervisor alone decides in which order they stop.
  process.on("SIGINT", () => process.connected || close());
  process.on("message", (message) => {
    const { control, argument } = message as Control;
    service?.controls?.[control]?.(argument);
    process.send?.(control);
  });
  console.log(JSON.stringify({ ready: service.ready }));
}
