/** What the SDK counted last, by instance: read by the fuzz test, which holds the host to it. */
export const counted = new Map<string, { episodes: number; next: number; open: number[] }>();
