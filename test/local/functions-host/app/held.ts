/** Lets a test hold an activity in the middle: how often it was begun, and the promise that it waits for. */
export const held: { begun: number; until: Promise<void> } = { begun: 0, until: Promise.resolve() };
