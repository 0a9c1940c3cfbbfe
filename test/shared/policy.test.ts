import assert from "node:assert/strict";
import { test } from "node:test";
import { policySchema, TIMERS_FIRE_EARLY_SECONDS, warningCodes } from "../../shared/policy.ts";

test("an empty policy has all defaults, and one budget keeps the default of the other", () => {
  const { budgets, timersFireEarlySeconds, raisedWarnings } = policySchema.parse({ budgets: { busy: { seconds: 60 } } });
  assert.deepEqual(budgets, { transient: { seconds: 900 }, busy: { seconds: 60 } });
  assert.deepEqual([timersFireEarlySeconds, raisedWarnings], [TIMERS_FIRE_EARLY_SECONDS, []]);
});

test("only warnings can be raised, and unknown fields are refused", () => {
  assert.ok(policySchema.safeParse({ raisedWarnings: warningCodes }).success);
  for (const policy of [{ raisedWarnings: ["UnknownField"] }, { deadlines: 1 }, { deadlineMinutes: 4 }])
    assert.ok(!policySchema.safeParse(policy).success, JSON.stringify(policy));
});
