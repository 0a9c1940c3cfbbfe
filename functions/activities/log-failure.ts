import { outcomeOf } from "../../shared/contract/problem.ts";
import type { Settled } from "../../shared/durable/settled.ts";
import type { WriteStep } from "../../shared/log/steps.ts";

const LONGEST_CODE = 128;

/**
 * Logs why a step did not succeed. Azure's own message stays out of the log: it may quote anything,
 * a signed URL too.
 */
export function logFailure(settled: Settled<unknown>, activity: string, log: WriteStep): void {
  if ("ok" in settled) return;
  const { code, arm, details } = "later" in settled ? settled.later.problem : settled.problem;
  const about = { activity, problem: code, armCode: arm?.code?.slice(0, LONGEST_CODE) };
  if ("problem" in settled) {
    const errors = details.filter(({ severity }) => severity === "error").length;
    log(outcomeOf(code) === "Rejected" ? "rejected" : "failed", { ...about, ...(errors > 0 ? { errors } : {}) });
    // The activity that publishes has logged what the broker said.
  } else if (settled.later.class !== "broker") {
    const { class: kind, afterSeconds } = settled.later;
    log("retrying", { ...about, class: kind, status: arm?.status, afterSeconds });
  }
}
