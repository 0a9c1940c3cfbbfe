import { setTimeout as pause } from "node:timers/promises";
import type { SpanRecord } from "../shared/tracing/span.ts";

/** More spans than these wait for no receiver. */
const MOST_WAITING = 2_048;
const LARGEST_BATCH = 512;
/** Spans are sent together with those that end within this time. */
const BATCH_MS = 1_000;
const GATHER_MS = 50;
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
  const waiting: SpanRecord[] = [];
  let sent: Promise<void> = Promise.resolve();
  /** How many runs of `sendWaiting` have not ended. One follows the other. */
  let runs = 0;
  let gathering: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  /**
   * Whether the last batch was sent. It is true before the first one, so that a restarted process
   * does not lose an answer's spans. Nothing waits for a receiver that is away.
   */
  let isReachable = true;
  let dropped = 0;
  let error = "";
  let reportedAt = Number.NEGATIVE_INFINITY;

  const drop = (count: number, why: string) => {
    dropped += count;
    error = why;
  };
  const sendWaiting = async () => {
    for (let left = waiting.length; left > 0; left -= LARGEST_BATCH) {
      const batch = waiting.splice(0, LARGEST_BATCH);
      try {
        await send(batch);
        isReachable = true;
      } catch (failure) {
        isReachable = false;
        drop(batch.length, nameOf(failure));
      }
    }
    runs--;
  };
  const sendNow = () => {
    clearTimeout(timer);
    timer = undefined;
    runs++;
    sent = sent.then(sendWaiting);
    return sent;
  };
  const sendLater = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      if (runs > 0) sendLater();
      else void sendNow();
    }, BATCH_MS).unref();
  };

  return {
    add(spans) {
      const room = MOST_WAITING - waiting.length;
      if (spans.length > room) drop(spans.length - room, "QueueFull");
      waiting.push(...spans.slice(0, room));
      if (waiting.length >= LARGEST_BATCH && runs === 0) void sendNow();
      else sendLater();
    },
    async flush() {
      if (!isReachable) return;
      // Flushes of the same moment share one request.
      gathering ??= pause(GATHER_MS).then(() => {
        gathering = undefined;
        return sendNow();
      });
      const limit = new AbortController();
      const late = pause(LONGEST_FLUSH_MS, true, { signal: limit.signal }).catch(() => false);
      if (await Promise.race([gathering, late])) isReachable = false;
      limit.abort();
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
