import type { Diff, Timing } from "../shared/contract/completion.ts";
import type { Finding } from "../shared/contract/finding.ts";
import { ticketIdOf } from "../shared/contract/request-names.ts";
import type { StatusStep } from "../shared/durable/names.ts";
import type { ProvisioningRequest } from "../shared/durable/request.ts";
import type { Attempt } from "../shared/durable/settled.ts";
import type { OrchestrationContext } from "./durable.ts";

/** What the completion will say of the way so far. The custom status shows the present step. */
export interface CompletionRecord {
  readonly timing: Readonly<Timing>;
  readonly attempts: readonly (Attempt & { readonly at: string })[];
  readonly warnings: readonly Finding[];
  /** What the change does, property by property. */
  readonly diff: Diff;
  addAttempts(attempts: readonly Attempt[]): void;
  addWarnings(warnings: readonly Finding[]): void;
  setDiff(diff: Diff): void;
  /** Azure was asked once more how far the change is. */
  countPoll(): void;
  /** Notes that a part of the way ends now. */
  stamp(part: "leaseGrantedAt" | "submittedAt" | "provisionedAt"): void;
  /** Shows a step in the custom status. */
  show(step: StatusStep, more?: object): void;
  /** Shows a step if none was shown before. */
  showFirst(step: StatusStep): void;
}

/** Opens the record of an instance at the time of its first episode. */
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
    addAttempts: (made) => attempts.push(...made.map((attempt) => ({ at: time(), ...attempt }))),
    addWarnings: (found) => warnings.push(...found),
    setDiff(found) {
      diff = found;
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
