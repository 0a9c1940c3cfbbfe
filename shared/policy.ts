import * as z from "zod";
import { readOnlyCode } from "./contract/read-only.ts";
import { rules } from "./contract/rules/index.ts";

/** The codes of the warnings that an operator may raise to errors; none can be lowered. */
export const warningCodes = [...new Set([readOnlyCode, ...rules.filter(({ severity }) => severity === "warning").map(({ code }) => code)])];

/** How early a timer may fire on the Durable Task extension. */
export const TIMERS_FIRE_EARLY_SECONDS = 1;

const budget = z.strictObject({ seconds: z.int().min(1).max(86_400) });

/** What an operator may tune, in the setting PROVISIONING_POLICY; every field has a default. */
export const policySchema = z.strictObject({
  /** How long a step may be tried again, in seconds from its first failure. */
  budgets: z
    .strictObject({ transient: budget.default({ seconds: 900 }), busy: budget.default({ seconds: 3600 }) })
    .default({ transient: { seconds: 900 }, busy: { seconds: 3600 } }),
  /** The deadline of a request that names none, in minutes from the moment the change may begin. */
  deadlineMinutes: z.int().min(5).max(1440).default(60),
  /** How long a request that names no limit may wait for its gateway before that, in minutes. */
  queueDeadlineMinutes: z.int().min(1).max(10_080).default(1440),
  /**
   * How early the engine's timers may fire, in seconds: every wait is made that much longer. The
   * Durable Task extension counts the delay of its queue messages in whole seconds.
   */
  timersFireEarlySeconds: z.int().min(0).max(5).default(TIMERS_FIRE_EARLY_SECONDS),
  /** Codes of warnings that count as errors. */
  raisedWarnings: z.array(z.enum(warningCodes)).default([]),
});

/** The policy as it was when the request was received: orchestrations see no settings, because settings change while instances run. */
export type Policy = z.infer<typeof policySchema>;
