/** Node fires a timer at once if its delay is longer (https://nodejs.org/api/timers.html). */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Calls `fire` at a time (milliseconds since the Unix epoch, real time), however far away. Returns
 * the function that cancels it.
 */
export function callAt(time: number, fire: () => void): () => void {
  let timeout: NodeJS.Timeout;
  const wait = () => {
    const left = time - Date.now();
    timeout = setTimeout(left > 0 ? wait : fire, Math.min(Math.max(left, 0), LONGEST_TIMEOUT_MS));
  };
  wait();
  return () => clearTimeout(timeout);
}
