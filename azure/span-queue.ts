import type { SpanRecord } from "../shared/tracing/span.ts";

/** More spans than these wait for no receiver. */
const MOST_WAITING = 2_048;
const LARGEST_BATCH = 512;
/** Spans are sent together with those that end within this time. */
const BATCH_MS = 1_000;
/** The end of an invocation waits so long for its spans. */
const LONGEST_FLUSH_MS = 1_000;
const BETWEEN_REPORTS_MS = 60_000;

/** How many spans were lost, and why. */
export interface DroppedSpans {
  readonly dropped: number;
  readonly error: string;
}

/** Spans that wait to be sent. At most one batch is on its way. */
export interface SpanQueue {
  add(spans: readonly SpanRecord[]): void;
  flush(): Promise<void>;
  takeDropped(): DroppedSpans | undefined;
}

/**
 * Creates a queue that sends spans in batches. A batch that cannot be sent is lost. `now` is in
 * milliseconds.
 */
export function createSpanQueue(send: (spans: readonly SpanRecord[]) => Promise<void>, now: () => number = Date.now): SpanQueue {
  let waiting: SpanRecord[] = [];
  let sending: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  /** Whether the last batch was sent. Nothing waits for a receiver that may be away. */
  let isReachable = false;
  let dropped = 0;
  let error = "";
  let reportedAt = Number.NEGATIVE_INFINITY;

  const drop = (count: number, why: string) => {
    dropped += count;
    error = why;
  };
  const sendAll = async () => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, LARGEST_BATCH);
      waiting = waiting.slice(LARGEST_BATCH);
      try {
        await send(batch);
        isReachable = true;
      } catch (failure) {
        isReachable = false;
        drop(batch.length, nameOf(failure));
      }
    }
    sending = undefined;
  };
  const sendNow = () => {
    clearTimeout(timer);
    timer = undefined;
    sending ??= sendAll();
    return sending;
  };

  return {
    add(spans) {
      const room = MOST_WAITING - waiting.length;
      if (spans.length > room) drop(spans.length - room, "QueueFull");
      waiting.push(...spans.slice(0, room));
      if (waiting.length >= LARGEST_BATCH) void sendNow();
      else timer ??= setTimeout(sendNow, BATCH_MS).unref();
    },
    async flush() {
      const sent = sendNow();
      if (!isReachable) return;
      let timeout: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timeout = setTimeout(() => {
          isReachable = false;
          resolve();
        }, LONGEST_FLUSH_MS);
      });
      await Promise.race([sent, late]);
      clearTimeout(timeout);
    },
    takeDropped() {
      if (dropped === 0 || now() - reportedAt < BETWEEN_REPORTS_MS) return undefined;
      const report = { dropped, error };
      dropped = 0;
      reportedAt = now();
      return report;
    },
  };
}

/** Returns the code or the name of an error. Its text may have parts of the receiver's response. */
function nameOf(failure: unknown): string {
  if (!(failure instanceof Error)) return "unknown";
  return "code" in failure && failure.code !== undefined ? String(failure.code) : failure.name;
}
