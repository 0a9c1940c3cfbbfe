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
