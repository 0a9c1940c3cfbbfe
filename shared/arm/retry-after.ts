/**
 * Reads a Retry-After header: whole seconds, or an HTTP date counted from the answer's own Date header, so that clocks need not agree.
 * Answers seconds, or nothing when the header is absent or means nothing. Source: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterSeconds(header: string | undefined, date: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Number(text);
  // Date.parse takes almost anything for a date, "-5" too; an HTTP date begins with the name of its day.
  if (!/^[A-Z][a-z]{2}/.test(text)) return undefined;
  const seconds = (Date.parse(text) - Date.parse(date ?? "")) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined;
}

/** Longer hints than this are no waits but sentences about something else. */
const LONGEST_HINT_SECONDS = 86_400;

/**
 * The wait that an error names in one of its messages, however deep, in seconds: "can be retried in 14 seconds", "retry after 2 minutes"
 * (https://github.com/pulumi/pulumi-azure-native/issues/3720 shows the pattern). The longest counts.
 */
export function hintedSeconds(error: unknown): number | undefined {
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
    .map(hintedSeconds)
    .filter((seconds) => seconds !== undefined);
  return found.length > 0 ? Math.max(...found) : undefined;
}
