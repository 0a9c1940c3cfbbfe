import { historyOf } from "./events.ts";
import { answers } from "./rules/answers.ts";
import { leftovers } from "./rules/leftovers.ts";
import { operations } from "./rules/operations.ts";
import { order } from "./rules/order.ts";
import { secrets } from "./rules/secrets.ts";
import type { Trace } from "./trace.ts";

/**
 * Judges a trace by what the product promises, one sentence for each violation. It knows the contract and nothing of the code: it imports only `node:` and
 * this folder, and sees only the outside.
 */
export function check(trace: Trace): string[] {
  const history = historyOf(trace);
  return [answers, operations, order, secrets, leftovers].flatMap((rule) => rule(history));
}
