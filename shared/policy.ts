import * as z from "zod";
import { normalizationCodes } from "./contract/normalize.ts";
import { rules } from "./contract/rules/index.ts";

/** The codes of the warnings that an operator may raise to errors. */
export const warningCodes = [
  ...new Set([...Object.keys(normalizationCodes), ...rules.filter(({ severity }) => severity === "warning").map(({ code }) => code)]),
];

/** How early a timer may fire on the Durable Task extension. */
export const TIMERS_FIRE_EARLY_SECONDS = 1;

const budget = z.strictObject({ seconds: z.int().min(1).max(86_400) });

/** Reads the setting PROVISIONING_POLICY, parsed as JSON. Every field has a default. */
export const policySchema = z.strictObject({
  /** For how long a step is tried again, in seconds from its first failure. */
  budgets: z
    .strictObject({ transient: budget.default({ seconds: 900 }), busy: budget.default({ seconds: 3600 }) })
    .default({ transient: { seconds: 900 }, busy: { seconds: 3600 } }),
  /**
   * The default deadline of a request, in minutes. It counts from the moment when the request has
   * its gateway.
   */
  deadlineMinutes: z.int().min(5).max(1440).default(60),
  /** The default time that a request may wait for its gateway, in minutes. */
  queueDeadlineMinutes: z.int().min(1).max(10_080).default(1440),
  /**
   * How early the engine's timers may fire, in seconds. Every wait is made longer by this time,
   * because the Durable Task extension counts the delay of its queue messages in whole seconds.
   */
  timersFireEarlySeconds: z.int().min(0).max(5).default(TIMERS_FIRE_EARLY_SECONDS),
  /** Codes of warnings that count as errors. */
  raisedWarnings: z.array(z.enum(warningCodes)).default([]),
});

/**
 * The policy at the time when a request was received. Orchestrations never read settings, because
 * settings may change while instances run.
 */
export type Policy = z.infer<typeof policySchema>;
