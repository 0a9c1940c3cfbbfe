/**
 * Returns the seconds in a Retry-After header, or undefined if it is absent or invalid. An HTTP
 * date is compared with the response's Date header, so the clocks need not agree. Source:
 * https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function readRetryAfter(header: string | undefined, date: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Number(text);
  // Date.parse accepts almost any text, even "-5". An HTTP date begins with the name of the day.
  if (!/^[A-Z][a-z]{2}/.test(text)) return undefined;
  const seconds = (Date.parse(text) - Date.parse(date ?? "")) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined;
}

/** A longer time in a message is not meant as a wait. */
const LONGEST_HINT_SECONDS = 86_400;

/**
 * Returns the longest wait that a message of an error names, in seconds, or undefined. Examples:
 * "can be retried in 14 seconds", "retry after 2 minutes"
 * (https://github.com/pulumi/pulumi-azure-native/issues/3720 shows the pattern).
 */
export function findWaitHint(error: unknown): number | undefined {
  if (typeof error === "string") {
    const hints = [
      ...error.matchAll(/\b(?:retry|retried|retrying|try again)\b[^.;]{0,40}?\b(\d{1,5})\s*(seconds?|secs?|s|minutes?|mins?)\b/gi),
    ];
    const seconds = hints.map(([, amount, unit = ""]) => Number(amount) * (/^m/i.test(unit) ? 60 : 1));
    const longest = Math.max(...seconds.filter((found) => found <= LONGEST_HINT_SECONDS));
    return Number.isFinite(longest) ? longest : undefined;
  }
  if (typeof error !== "object" || error === null) return undefined;
  const found = Object.values(error)
    .map(findWaitHint)
    .filter((seconds) => seconds !== undefined);
  return found.length > 0 ? Math.max(...found) : undefined;
}
