import type { pollUntilDone as realPoll } from "../../../orchestrations/poll-until-done.ts";
import type { verifyChange as realVerify } from "../../../orchestrations/verify-change.ts";

export * from "../../../orchestrations/poll-until-done.ts";

/** Takes Azure's promise for the result. */
// biome-ignore lint/correctness/useYield: it reads nothing
export const pollUntilDone: typeof realPoll = function* () {
  return { ok: {} };
};

/** Claims what the connection should be. */
// biome-ignore lint/correctness/useYield: it reads nothing
export const verifyChange: typeof realVerify = function* () {
  return { properties: { provisioningState: "Succeeded" } };
};
