/** More edits than this and two names are not alike. */
const MOST_EDITS = 3;

/** Returns the candidate that a misspelled name most likely means: the one fewest single-letter edits away, three at most, whatever the case. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const most = Math.min(MOST_EDITS, name.length / 2);
  let best: { readonly candidate: string; readonly edits: number } | undefined;
  for (const candidate of candidates) {
    // Each letter more or less is one edit, so most names need not be compared at all.
    if (Math.abs(candidate.length - name.length) > most) continue;
    const edits = editsBetween(name.toLowerCase(), candidate.toLowerCase());
    if (edits <= most && edits < (best?.edits ?? Number.POSITIVE_INFINITY)) best = { candidate, edits };
  }
  return best?.candidate;
}

/** Levenshtein distance (https://en.wikipedia.org/wiki/Levenshtein_distance), in one row. */
function editsBetween(a: string, b: string): number {
  const row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    let diagonal = i - 1;
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j] ?? 0;
      row[j] = Math.min(diagonal + (a[i - 1] === b[j - 1] ? 0 : 1), above + 1, (row[j - 1] ?? 0) + 1);
      diagonal = above;
    }
  }
  return row[b.length] ?? 0;
}
