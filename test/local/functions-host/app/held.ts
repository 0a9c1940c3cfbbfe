/**
 * Lets a test hold an activity in the middle: how often it was begun and ended, and the promise
 * that it waits for.
 */
export const held: { begun: number; ended: number; until: Promise<void> } = { begun: 0, ended: 0, until: Promise.resolve() };
