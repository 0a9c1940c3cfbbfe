import fc from "fast-check";
import type { CompletionData } from "../../../shared/contract/completion.ts";

type Judged = Pick<CompletionData, "outcome" | "change" | "problem" | "timing">;

const begin = Date.parse("2026-03-01T08:00:00.000Z");
const steps = ["startedAt", "validatedAt", "leaseGrantedAt", "submittedAt", "provisionedAt"] as const;

/**
 * The timings that a request can have: it came to some step, waited a while at each, and ended as
 * something. A plan has no step after its validation.
 */
export const anyTiming: fc.Arbitrary<Judged> = fc
  .record({
    came: fc.integer({ min: 0, max: steps.length }),
    waits: fc.array(fc.oneof(fc.nat(5), fc.nat(86_400_000)), { minLength: steps.length + 1, maxLength: steps.length + 1 }),
    polls: fc.nat(100),
    ended: fc.constantFrom("Failed", "Cancelled", "Rejected"),
  })
  .map(({ came, waits, polls, ended }) => {
    let time = begin;
    const times = steps.map((_, index) => {
      time += waits[index] ?? 0;
      return index < came ? time : null;
    });
    const last = times.findLast((at) => at !== null) ?? begin;
    const iso = (at: number | null | undefined) => (at === null || at === undefined ? null : new Date(at).toISOString());
    const [startedAt, validatedAt, leaseGrantedAt, submittedAt, provisionedAt] = times.map(iso);
    const outcome = came === 2 ? "Planned" : came >= 3 && polls % 2 === 0 ? "Succeeded" : ended;
    const timing = { startedAt, validatedAt, leaseGrantedAt, submittedAt, provisionedAt, polls };
    const completedAt = iso(last + (waits.at(-1) ?? 0));
    const change = outcome === "Succeeded" ? "Created" : null;
    return { outcome, change, problem: null, timing: { receivedAt: iso(begin), ...timing, completedAt } } as Judged;
  });
