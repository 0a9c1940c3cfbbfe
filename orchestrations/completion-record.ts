import type { Diff, Timing } from "../shared/contract/completion.ts";
import type { Finding } from "../shared/contract/finding.ts";
import { ticketIdOf } from "../shared/contract/request-names.ts";
import type { StatusStep } from "../shared/durable/names.ts";
import type { ProvisioningRequest } from "../shared/durable/request.ts";
import type { Attempt } from "../shared/durable/settled.ts";
import type { OrchestrationContext } from "./durable.ts";

/** The custom status contains the newest calls only, because it must stay below 16 KB. */
const CALLS_IN_STATUS = 20;
const LONGEST_CODE_IN_STATUS = 100;

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
  /** Notes Azure's id of the operation, for the custom status. */
  noteOperation(operationId: string | null): void;
  /** Counts a poll. */
  countPoll(): void;
  /** Sets a time of the completion's timing to now. */
  stamp(part: "validatedAt" | "leaseGrantedAt" | "submittedAt" | "provisionedAt"): void;
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
    validatedAt: null,
    leaseGrantedAt: null,
    submittedAt: null,
    provisionedAt: null,
    completedAt: time(),
    polls: 0,
  };
  const attempts: (Attempt & { at: string })[] = [];
  const warnings: Finding[] = [];
  let diff: Diff = null;
  let shown: object | undefined;
  let operationId: string | null = null;
  const { requestId } = request;
  const ticketId = ticketIdOf(request.ticket);
  /** If the instance is ended from outside, the sweep reads from the status what is known. */
  const setStatus = () => {
    // Remembered reads are about warnings, which the status does not have.
    const own = attempts.filter(({ remembered }) => !remembered);
    const calls = own.slice(-CALLS_IN_STATUS).map((call) => ({ ...call, code: call.code?.slice(0, LONGEST_CODE_IN_STATUS) ?? null }));
    context.df.setCustomStatus({ ...shown, progress: { polls: timing.polls, operationId, attempts: calls } });
  };
  const show: CompletionRecord["show"] = (step, more = {}) => {
    shown = { step, at: time(), requestId, ticketId, ...more };
    setStatus();
  };
  return {
    timing,
    attempts,
    warnings,
    get diff() {
      return diff;
    },
    addAttempts(newAttempts) {
      attempts.push(...newAttempts.map((attempt) => ({ at: time(), ...attempt })));
      if (newAttempts.length > 0 && shown) setStatus();
    },
    addWarnings: (newWarnings) => warnings.push(...newWarnings),
    setDiff(newDiff) {
      diff = newDiff;
    },
    noteOperation(id) {
      operationId = id;
    },
    countPoll() {
      timing.polls++;
    },
    stamp(part) {
      timing[part] = time();
    },
    show,
    showFirst(step) {
      if (!shown) show(step);
    },
  };
}
