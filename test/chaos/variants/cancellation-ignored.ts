import { wait as real } from "../../../orchestrations/wait.ts";

export * from "../../../orchestrations/wait.ts";

/** Waits to the end, whoever wants it stopped. */
export const wait: typeof real = (context, patience, until, event) => real(context, { ...patience, answered: true }, until, event);
