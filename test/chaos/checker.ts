import { historyOf } from "./events.ts";
import { accounts } from "./rules/accounts.ts";
import { answers } from "./rules/answers.ts";
import { cancellations } from "./rules/cancellations.ts";
import { endings } from "./rules/endings.ts";
import { holding } from "./rules/holding.ts";
import { keys } from "./rules/keys.ts";
import { leftovers } from "./rules/leftovers.ts";
import { newest } from "./rules/newest.ts";
import { operations } from "./rules/operations.ts";
import { order } from "./rules/order.ts";
import { repetitions } from "./rules/repetitions.ts";
import { retries } from "./rules/retries.ts";
import { secrets } from "./rules/secrets.ts";
import { wrapping } from "./rules/wrapping.ts";
import { writes } from "./rules/writes.ts";
import type { Trace } from "./trace.ts";

/**
 * Judges a trace by what the product promises, one sentence for each violation. It knows the
 * contract and nothing of the code: it imports only `node:` and this folder, and sees only the
 * outside.
 */
export function check(trace: Trace): string[] {
  const history = historyOf(trace);
  const rules = [
    answers,
    wrapping,
    repetitions,
    endings,
    cancellations,
    operations,
    writes,
    accounts,
    retries,
    holding,
    order,
    newest,
    secrets,
    keys,
    leftovers,
  ];
  return rules.flatMap((rule) => rule(history));
}
