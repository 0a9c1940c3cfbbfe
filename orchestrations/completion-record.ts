import type { Diff, Timing } from "../shared/contract/completion.ts";
import type { Finding } from "../shared/contract/finding.ts";
import { ticketIdOf } from "../shared/contract/request-names.ts";
import type { StatusStep } from "../shared/durable/names.ts";
import type { ProvisioningRequest } from "../shared/durable/request.ts";
import type { Attempt } from "../shared/durable/settled.ts";
import type { OrchestrationContext } from "./durable.ts";

/** Collects what the completion will contain, and shows the current step in the custom status. */
export interface CompletionRecord {
  readonly timing: Readonly<Timing>;
  readonly attempts: readonly (Attempt & { readonly at: string })[];
  readonly warnings: readonly Finding[];
  /** What the change does, for each property. */
  readonly diff: Diff;
  addAttempts(attempts: readonly Attempt[]): void;
  addWarnings(warnings: readonly Finding[]): void;
  setDiff(diff: Diff): void;
  /** Counts a poll. */
  countPoll(): void;
  /** Sets a time of the completion's timing to now. */
  stamp(part: "leaseGrantedAt" | "submittedAt" | "provisionedAt"): void;
  /** Shows a step in the custom status. */
  show(step: StatusStep, more?: object): void;
  /** Shows a step in the custom status if it shows none yet. */
  showFirst(step: StatusStep): void;
}

/** Opens the record of an instance. The time must be that of the instance's first episode. */
export function openRecord(context: OrchestrationContext, request: ProvisioningRequest): CompletionRecord {
  const time = () => context.df.currentUtcDateTime.toISOString();
  const timing: Timing = {
    receivedAt: request.receivedAt,
    startedAt: time(),
    leaseGrantedAt: null,
    submittedAt: null,
    provisionedAt: null,
    completedAt: time(),
    polls: 0,
  };
  const attempts: (Attempt & { at: string })[] = [];
  const warnings: Finding[] = [];
  let diff: Diff = null;
  let isShown = false;
  const { requestId } = request;
  const ticketId = ticketIdOf(request.ticket);
  const show: CompletionRecord["show"] = (step, more = {}) => {
    isShown = true;
    context.df.setCustomStatus({ step, at: time(), requestId, ticketId, ...more });
  };
  return {
    timing,
    attempts,
    warnings,
    get diff() {
      return diff;
    },
    addAttempts: (newAttempts) => attempts.push(...newAttempts.map((attempt) => ({ at: time(), ...attempt }))),
    addWarnings: (newWarnings) => warnings.push(...newWarnings),
    setDiff(newDiff) {
      diff = newDiff;
    },
    countPoll() {
      timing.polls++;
    },
    stamp(part) {
      timing[part] = time();
    },
    show,
    showFirst(step) {
      if (!isShown) show(step);
    },
  };
}
